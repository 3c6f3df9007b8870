import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { CloudEvent, HTTP } from 'cloudevents'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { manualClock } from '../../clock/index.ts'
import { startBigQuery } from '../../emulators/bigquery/index.ts'
import { startPubSub } from '../../emulators/pubsub/index.ts'
import { startStorage } from '../../emulators/storage/index.ts'
import { connect } from '../clients.ts'
import { createLog } from '../log.ts'
import { provision } from '../resources.ts'
import { parseSettings } from '../settings.ts'
import { serveFunction } from './framework.ts'
import { startTableManager, type TableManager } from './server.ts'

const silent = createLog('test', new Writable({ write: (_chunk, _encoding, done) => done() }))
const push = (data: unknown, attributes?: Record<string, string>) => ({
  subscription: 'projects/p/subscriptions/s',
  message: {
    messageId: '1',
    message_id: '1',
    publishTime: '2024-01-15T10:30:00.000Z',
    publish_time: '2024-01-15T10:30:00.000Z',
    data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)).toString('base64'),
    ...(attributes && { attributes }),
  },
})

type Start = typeof startTableManager

/** A table manager beside a BigQuery of its own; `bigqueryHost` names another one. */
async function start(startServer: Start, bigqueryHost?: string) {
  await using starting = new AsyncDisposableStack()
  const emulator = starting.use(await startBigQuery())
  const settings = parseSettings({ BIGQUERY_EMULATOR_HOST: bigqueryHost ?? `127.0.0.1:${emulator.port}` })
  const clock = manualClock()
  const manager = starting.use(await startServer({ settings, log: silent, clock }))
  const clients = starting.use(connect(settings))
  const running = starting.move()
  return {
    clock,
    manager,
    post: (body: unknown) => postTo(manager, body),
    dataset: clients.bigquery.dataset(settings.resources.dataset),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

const postTo = ({ url }: TableManager, body: unknown) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

/** A BigQuery that is ill, and counts what it was asked. */
async function startIll(answer: RequestListener) {
  let requests = 0
  const server = createServer((request, response) => {
    requests += 1
    answer(request, response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    [Symbol.dispose]: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

// The framework prints what a function throws.
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
afterEach(() => vi.restoreAllMocks())

describe.each<[string, Start]>([
  ['the server of a shared process', startTableManager],
  ['the Functions Framework', serveFunction],
])('%s', (_name, startServer) => {
  test('answers a pushed event with 204 when its table is there', async () => {
    await using started = await start(startServer)
    const answer = await started.post(push({ event_type: 'order' }))
    expect(answer.status).toBe(204)
    expect(await started.dataset.table('orders').exists()).toEqual([true])
    expect(await started.dataset.table('dead_letters').exists()).toEqual([true])
  })

  test.each<[string, unknown]>([
    ['an event of an unknown type', push({ event_type: 'refund' })],
    ['data that is no JSON', push('{')],
    ['attributes without data', { subscription: 's', message: { messageId: '1', attributes: { only: 'this' } } }],
    ['empty data', { subscription: 's', message: { messageId: '1', data: '' } }],
    ['data that is no base64', { subscription: 's', message: { messageId: '1', data: '***' } }],
    ['a push without a message', { subscription: 's' }],
    ['JSON that is no push', { hello: 'world' }],
    ['a message without an id', { message: { data: '' } }],
  ])('acknowledges %s: pushing it again would change nothing', async (_what, body) => {
    await using started = await start(startServer)
    expect((await started.post(body)).status).toBe(204)
    expect(started.manager.counts.messages).toEqual({ ready: 0, dead_letter: 1, refused: 0, failed: 0 })
  })

  test('answers a body that is not JSON with 400, and does not count it', async () => {
    await using started = await start(startServer)
    expect((await started.post('{')).status).toBe(400)
    expect(started.manager.counts.messages).toEqual({ ready: 0, dead_letter: 0, refused: 0, failed: 0 })
  })

  test('answers 500 as soon as BigQuery does not answer well, without retries of its own', async () => {
    using ill = await startIll((_request, response) => response.writeHead(503).end('{"error":{"code":503}}'))
    await using started = await start(startServer, ill.host)
    const answer = await started.post(push({ event_type: 'order' }))
    expect(answer.status).toBe(500)
    expect(ill.requests()).toBe(2) // one look at orders, one at dead_letters
    expect(started.manager.counts.messages.failed).toBe(1)
  })

  test('makes a table again that was deleted while it was known', async () => {
    await using started = await start(startServer)
    await started.post(push({ event_type: 'order' }))
    await started.dataset.table('orders').delete()
    started.clock.advance(60_000)
    expect((await started.post(push({ event_type: 'order' }))).status).toBe(204)
    expect(await started.dataset.table('orders').exists()).toEqual([true])
    expect(started.manager.counts.tables.created).toBe(3)
  })

  test('tells Prometheus what it has done', async () => {
    await using started = await start(startServer)
    await started.post(push({ event_type: 'inventory' }))
    await started.post(push({ event_type: 'refund' }))
    const answer = await fetch(started.manager.metricsUrl)
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    const lines = (await answer.text()).split('\n')
    expect(lines).toContain('sluice_table_manager_tables_total{outcome="created"} 2')
    expect(lines).toContain('sluice_table_manager_messages_total{outcome="ready"} 1')
    expect(lines).toContain('sluice_table_manager_messages_total{outcome="dead_letter"} 1')
  })

  test('answers GET /health, which is no push', async () => {
    await using started = await start(startServer)
    const answer = await fetch(new URL('/health', started.manager.url))
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }])
    expect(started.manager.counts.messages).toEqual({ ready: 0, dead_letter: 0, refused: 0, failed: 0 })
  })

  test('makes the table of a published event, by way of the push subscription', async () => {
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
    const manager = starting.use(await startServer({ settings, log: silent }))
    const warned = vi.spyOn(console, 'warn')
    await provision(clients, settings, { tablesPushEndpoint: manager.url })
    const topic = clients.pubsub.topic(settings.resources.topic)
    await topic.publishMessage({ json: { event_type: 'order' } })
    await topic.publishMessage({ data: Buffer.alloc(0), attributes: { only: 'this' } })
    const expected = { messages: { ready: 1, dead_letter: 1, failed: 0 } }
    await expect.poll(() => manager.counts, { timeout: 5_000 }).toMatchObject(expected)
    const [exists] = await clients.bigquery.dataset(settings.resources.dataset).table('orders').exists()
    expect(exists).toBe(true)
    expect(warned).not.toHaveBeenCalled() // the framework complains about a path that names no topic
  })

  test('of two at once, each acknowledges, and each table is made once', async () => {
    await using started = await start(startServer)
    const settings = parseSettings({ BIGQUERY_EMULATOR_HOST: started.dataset.bigQuery.baseUrl!.split('/')[2]! })
    await using other = await startServer({ settings, log: silent })
    const answers = await Promise.all(
      [started.manager, other].flatMap((manager) =>
        ['order', 'inventory', 'user_activity'].map((event_type) => postTo(manager, push({ event_type }))),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(204))
    expect(started.manager.counts.tables.created + other.counts.tables.created).toBe(4)
  })
})

test.each(['binary', 'structured'] as const)(
  'the Functions Framework takes a CloudEvent of a published message in %s mode, as Eventarc sends it',
  async (mode) => {
    await using started = await start(serveFunction)
    const { message, subscription } = push({ event_type: 'order' })
    const event = new CloudEvent({
      type: 'google.cloud.pubsub.topic.v1.messagePublished',
      source: '//pubsub.googleapis.com/projects/p/topics/t',
      datacontenttype: 'application/json',
      data: { message, subscription },
    })
    const { headers, body } = HTTP[mode](event)
    const answer = await fetch(started.manager.url, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body: String(body),
    })
    expect(answer.status).toBe(204)
    expect(started.manager.counts).toMatchObject({ messages: { ready: 1 }, tables: { created: 2 } })
  },
)

/** As Pub/Sub does: only then does the connection serve the next push. */
async function readToItsEnd(response: Response): Promise<Response> {
  await response.arrayBuffer()
  return response
}

test.each<[string, Start]>([
  ['the server of a shared process', startTableManager],
  ['the Functions Framework', serveFunction],
])('%s answers the pushes under way before it is closed, and waits for nothing else', async (_name, startServer) => {
  let asked = () => {}
  const first = new Promise<void>((resolve) => {
    asked = resolve
  })
  const answers: (() => void)[] = []
  using slow = await startIll((_request, response) => {
    answers.push(() => response.writeHead(403).end('{"error":{"code":403,"message":"no"}}'))
    if (answers.length === 2) asked()
  })
  await using starting = new AsyncDisposableStack()
  const started = starting.use(await start(startServer, slow.host))
  const answer = started.post(push({ event_type: 'order' }))
  await first
  const closed = started.manager[Symbol.asyncDispose]()
  for (const send of answers) send()
  const { status } = await answer.then(readToItsEnd)
  expect(status).toBe(500)
  starting.move()
  await closed
})
