import { expect, test } from 'vitest'
import { startPipeline } from '../../pipeline/index.ts'
import { type Backend, runSluice, startBackend } from '../harness.ts'
import { listeningBigQuery } from '../listening-bigquery.ts'

/** Emulators that the command did not start, as those in containers. */
const asDocker = ({ environment }: Backend) => ({
  ...environment,
  SLUICE_BACKEND: 'docker',
  BIGQUERY_STORAGE_EMULATOR_HOST: environment.BIGQUERY_EMULATOR_HOST!,
})

test('e2e judges its own events where the pipeline runs elsewhere, whatever others have left there', async () => {
  await using backend = await startBackend({ start: Date.now() })
  await using _pipeline = await startPipeline({ ...backend, clock: undefined, bundle: { maxWaitMs: 50 } })
  const first = await runSluice(['e2e', '--events', '100', '--json'], asDocker(backend))
  expect(first).toMatchObject({ exitCode: 0, complaints: '' })

  const second = await runSluice(['e2e', '--events', '100', '--json'], asDocker(backend))
  expect(second).toMatchObject({ exitCode: 0, complaints: '' })
  const { reconciliation, answers } = JSON.parse(second.output)
  expect(reconciliation).toMatchObject({ messages: 117, published: 116, missing: [], duplicated: [], unexpected: [] })
  expect(answers.map(({ agree }: { agree: boolean }) => agree)).toEqual([true, true, true])
}, 60_000)

test('e2e asks for the days of its events alone, and again when a table could not be read for a moment', async () => {
  await using backend = await startBackend({ start: Date.now() })
  await using _pipeline = await startPipeline({ ...backend, clock: undefined, bundle: { maxWaitMs: 50 } })
  await using busy = await listeningBigQuery(backend.environment.BIGQUERY_EMULATOR_HOST!, 3)
  const variables = { ...asDocker(backend), BIGQUERY_EMULATOR_HOST: busy.address }
  expect(await runSluice(['e2e', '--events', '20', '--json'], variables)).toMatchObject({ exitCode: 0, complaints: '' })
  expect(busy.refused).toBe(3)
  // Google Cloud bills each look for the partitions that it names.
  const looks = busy.questions.filter((question) => question.startsWith('SELECT event_id FROM'))
  expect(looks.length).toBeGreaterThan(3)
  for (const look of looks) {
    expect(look.match(/ FROM /g)).toHaveLength(look.match(/WHERE event_date IN \(DATE '2024-01-15', /g)?.length ?? 0)
  }
}, 60_000)

test('e2e says what to do when the pipeline that runs elsewhere has not been provisioned', async () => {
  await using backend = await startBackend()
  const { exitCode, complaints } = await runSluice(['e2e'], { ...asDocker(backend), SLUICE_ENV: 'staging' })
  expect(exitCode).toBe(2)
  expect(complaints).toContain('there is no subscription staging-backend-events-pipeline: `sluice provision` makes it.')
})

test('e2e leaves no events of its own in production', async () => {
  await using backend = await startBackend()
  const { exitCode, complaints } = await runSluice(['e2e'], { ...asDocker(backend), SLUICE_ENV: 'prod' })
  expect(exitCode).toBe(2)
  expect(complaints).toContain('it refuses SLUICE_ENV=prod')
})
