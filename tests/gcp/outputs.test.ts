import { expect, test } from 'vitest'
import { runSluice, spawnSluice } from '../harness.ts'
import { startGoogle } from './google.ts'

test('sql and reconcile look at the last hour on Google Cloud, and say what BigQuery processed for it', async () => {
  await using google = await startGoogle()
  const run = (...args: string[]) => runSluice(args, google.environment)
  expect(await run('provision')).toMatchObject({ exitCode: 0, complaints: '' })
  expect(await run('tables', 'apply')).toMatchObject({ exitCode: 0, complaints: '' })
  await using _pipeline = spawnSluice(['pipeline'], google.environment)
  expect(await run('e2e', '--events', '30')).toMatchObject({ exitCode: 0 })
  const before = google.received.length

  const { exitCode, output, complaints } = await run('sql', 'SELECT count(*) AS n FROM bq.orders', '--csv')
  expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.stringMatching(/^n\n[1-9]\d*$/) })
  expect(complaints).toMatch(
    /^dev on Google Cloud \(\S+\): events from \S+ on; .*BigQuery processed [\d.,]+ (bytes|kB|MB)\n/,
  )
  expect(complaints).toContain('(the last hour; --from, --to or --all say otherwise)')
  const reconciled = await run('reconcile', '--all')
  expect(reconciled).toMatchObject({ exitCode: 0, complaints: '' })
  expect(reconciled.output).toMatch(/✔ reconcile: \d+ events, missing 0, duplicated 0$/)

  // They only read.
  const asked = google.received.slice(before).filter(({ host }) => /^(bigquery|storage)\.googleapis/.test(host))
  expect(asked.length).toBeGreaterThan(10)
  const writing = asked.filter(({ what }) => !what.startsWith('GET ') && !/^POST \S+\/queries(\?|$)/.test(what))
  expect(writing).toEqual([])
}, 60_000)
