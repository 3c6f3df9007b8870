import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runSluice } from '../harness.ts'
import { JARS } from './flink.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures')

const replayOnFlink = (...args: string[]) =>
  runSluice(['replay', '--runner', 'flink', '--jars', JARS, ...args], {
    // Of no concern to a stack of its own, nor to workers in other processes.
    SLUICE_ENV: 'staging',
    SLUICE_PROJECT: 'acme-shop',
    BIGQUERY_STORAGE_EMULATOR_HOST: '127.0.0.1:9',
  })

/** A copy of a fixture in which something is changed in one file. */
async function changedFixture(name: string, file: string, [from, to]: [string, string]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-flink-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await cp(join(FIXTURES, name), folder, { recursive: true })
  const content = await readFile(join(folder, file), 'utf8')
  expect(content).toContain(from)
  await writeFile(join(folder, file), content.replace(from, to))
  return folder
}

test('fixtures are as expected on Flink, one after another, and what is not is named', async () => {
  const changed = await changedFixture('deployment-guide', 'expected/tables/orders.ndjson', ['59.98', '59.99'])
  const others = ['dirty', 'schema-evolution/after'].map((name) => join(FIXTURES, name))
  const { exitCode, output, complaints } = await replayOnFlink('--parallelism', '2', ...others, changed)
  expect(output).toContain('✔ dirty: as expected, 73 messages, 6 rows, 6 raw lines, 67 dead letters\n')
  expect(output).toContain('✔ schema-evolution/after: as expected, 40 messages, 40 rows, 40 raw lines\n')
  expect(output).toContain('✖ deployment-guide: different, 3 messages, 3 rows, 3 raw lines\n')
  expect(output).toContain('orders: total_amount is different in 1 of 1 row, -0.01 each')
  expect([exitCode, complaints]).toEqual([1, ''])
})
