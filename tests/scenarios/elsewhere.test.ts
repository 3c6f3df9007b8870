import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { startPipeline } from '../../pipeline/index.ts'
import { type Backend, runSluice, startBackend } from '../harness.ts'

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
  await using busy = await busyAtFirst(backend.environment.BIGQUERY_EMULATOR_HOST!, 3)
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

/** Stands before a BigQuery, notes what it is asked, and refuses the first questions, as goccy's emulator does while a table is written to. */
async function busyAtFirst(address: string, times: number) {
  let refused = 0
  const questions: string[] = []
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    if (request.method === 'POST' && request.url?.includes('/queries')) questions.push(JSON.parse(`${body}`).query)
    if (request.url?.includes('/queries') && refused < times) {
      refused++
      const error = { code: 400, message: 'database table is locked', errors: [{ reason: 'jobInternalError' }] }
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
      return
    }
    const sent = { method: request.method, headers: { 'content-type': 'application/json' } }
    const answer = await fetch(`http://${address}${request.url}`, { ...sent, ...(body.length > 0 && { body }) })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    questions,
    get refused() {
      return refused
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

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
