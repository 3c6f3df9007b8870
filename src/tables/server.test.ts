import { Writable } from 'node:stream'
import { BigQuery } from '@google-cloud/bigquery'
import { PassThroughClient } from 'google-auth-library'
import { expect, test } from 'vitest'
import { startBigQuery } from '../../emulators/bigquery/index.ts'
import { startPubSub } from '../../emulators/pubsub/index.ts'
import { startStorage } from '../../emulators/storage/index.ts'
import { type Clients, connect } from '../clients.ts'
import { createLog } from '../log.ts'
import { provision } from '../resources.ts'
import { parseSettings } from '../settings.ts'
import { startTableManager } from './server.ts'

const log = createLog('test', new Writable({ write: (_chunk, _encoding, done) => done() }))

async function start(clientsFor?: () => Pick<Clients, 'bigquery'>) {
  await using starting = new AsyncDisposableStack()
  const emulator = starting.use(await startBigQuery())
  const settings = parseSettings({ BIGQUERY_EMULATOR_HOST: `127.0.0.1:${emulator.port}` })
  const clients = clientsFor?.() ?? starting.use(connect(settings))
  const manager = starting.use(await startTableManager({ clients, settings, log }))
  const running = starting.move()
  const post = (body: unknown) =>
    fetch(manager.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const dataset = clients.bigquery.dataset(settings.resources.dataset)
  return { manager, post, dataset, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Nobody listens there; without the client's own retries, which take 15 s. */
const unreachable = () => ({
  bigquery: new BigQuery({
    projectId: 'sluice-local',
    apiEndpoint: 'http://127.0.0.1:9',
    authClient: new PassThroughClient(),
    autoRetry: false,
  }),
})

const push = (data: unknown) => ({
  subscription: 'projects/p/subscriptions/s',
  message: { messageId: '1', message_id: '1', data: Buffer.from(JSON.stringify(data)).toString('base64') },
})

test('a pushed event is answered 204 when its table is there', async () => {
  await using started = await start()
  const answer = await started.post(push({ event_type: 'order' }))
  expect(answer.status).toBe(204)
  expect(await started.dataset.table('orders').exists()).toEqual([true])
  expect(await started.dataset.table('dead_letters').exists()).toEqual([true])
})

test('a pushed message that is no event is answered 204: pushing it again would change nothing', async () => {
  await using started = await start()
  expect((await started.post(push({ event_type: 'refund' }))).status).toBe(204)
  expect((await started.post({ message: { messageId: '1', attributes: { only: 'this' } } })).status).toBe(204)
  expect(started.manager.counts).toMatchObject({ received: 2, deadLetters: 2 })
})

test.each<[string, unknown]>([
  ['what is not JSON', '{'],
  ['JSON that is no push', { hello: 'world' }],
  ['a message without an id', { message: { data: '' } }],
  ['data that is not base64', { message: { messageId: '1', data: '***' } }],
])('%s is answered 400', async (_what, body) => {
  await using started = await start()
  const answer = await started.post(body)
  expect(answer.status).toBe(400)
  expect(started.manager.counts.received).toBe(0)
})

test('when BigQuery cannot be reached, the answer is 503 with the time to wait', async () => {
  await using started = await start(unreachable)
  const answer = await started.post(push({ event_type: 'order' }))
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('1')
  expect(started.manager.counts.failed).toBe(1)
})

test('its health tells what it has done', async () => {
  await using started = await start()
  await started.post(push({ event_type: 'inventory' }))
  const answer = await fetch(`${started.manager.url}/health`)
  expect(await answer.json()).toMatchObject({ status: 'ok', counts: { received: 1, tablesCreated: 2 } })
})

test('an event that is published makes its table, by way of the push subscription', async () => {
  await using starting = new AsyncDisposableStack()
  const bigquery = starting.use(await startBigQuery())
  const pubsub = starting.use(await startPubSub())
  const storage = starting.use(await startStorage())
  const settings = parseSettings({
    BIGQUERY_EMULATOR_HOST: `127.0.0.1:${bigquery.port}`,
    PUBSUB_EMULATOR_HOST: `127.0.0.1:${pubsub.port}`,
    STORAGE_EMULATOR_HOST: `127.0.0.1:${storage.port}`,
  })
  const clients = starting.use(connect(settings))
  const manager = starting.use(await startTableManager({ clients, settings, log }))
  await provision(clients, settings, { tablesPushEndpoint: manager.url })
  const topic = clients.pubsub.topic(settings.resources.topic)
  await topic.publishMessage({ json: { event_type: 'order' } })
  await expect.poll(() => manager.counts, { timeout: 5_000 }).toMatchObject({ ready: 1, failed: 0 })
  const [exists] = await clients.bigquery.dataset(settings.resources.dataset).table('orders').exists()
  expect(exists).toBe(true)
})
