import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { startWithWorker, subscriptionName, topicName } from './testing.ts'

const name = subscriptionName('worker')

interface Pushed {
  headers: IncomingMessage['headers']
  body: { message: Record<string, unknown>; subscription: string; deliveryAttempt?: number }
  answer(status: number): void
}

/** An endpoint whose test answers each request. */
class Endpoint implements AsyncDisposable {
  readonly url: string
  open = 0
  #server: Server
  #arrived: Pushed[] = []

  static async listen(): Promise<Endpoint> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Endpoint(server)
  }

  constructor(server: Server) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/push?token=t`
    server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
      this.open++
      const chunks = await request.toArray()
      const body = JSON.parse(Buffer.concat(chunks).toString())
      const answer = (status: number) => {
        this.open--
        response.writeHead(status).end('thank you')
      }
      this.#arrived.push({ headers: request.headers, body, answer })
      server.emit('pushed')
    })
  }

  async next(): Promise<Pushed> {
    while (this.#arrived.length === 0) await once(this.#server, 'pushed')
    return this.#arrived.shift()!
  }

  get waiting(): number {
    return this.#arrived.length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

async function startPushing(options: object = {}) {
  const endpoint = await Endpoint.listen()
  const started = await startWithWorker({ pushConfig: { pushEndpoint: endpoint.url }, ...options })
  return {
    ...started,
    endpoint,
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]()
      await endpoint[Symbol.asyncDispose]()
    },
  }
}

const textOf = ({ body }: Pushed) => Buffer.from(String(body.message.data), 'base64').toString()

test('a push is a POST of the wrapped message', async () => {
  await using started = await startPushing()
  const { publisher, endpoint } = started
  const [{ messageIds }] = await publisher.publish({
    topic: topicName('events'),
    messages: [{ data: Buffer.from('hello'), attributes: { event_id: 'e1' } }, { attributes: { no: 'data' } }],
  })
  const pushed = await endpoint.next()
  expect(pushed.headers['content-type']).toBe('application/json')
  expect(pushed.body).toEqual({
    message: {
      data: Buffer.from('hello').toString('base64'),
      attributes: { event_id: 'e1' },
      messageId: messageIds?.[0],
      message_id: messageIds?.[0],
      publishTime: '2024-01-15T00:00:00.000Z',
      publish_time: '2024-01-15T00:00:00.000Z',
    },
    subscription: name,
  })
  expect((await endpoint.next()).body.message).not.toHaveProperty('data')
})

test.for([200, 201, 202, 204])('the answer %i acknowledges the message', async (status) => {
  await using started = await startPushing()
  const { endpoint, subscriber, worker, clock } = started
  await worker.publish('a', 'b', 'c', 'd', 'e')
  const pushed = [await endpoint.next(), await endpoint.next(), await endpoint.next(), await endpoint.next()]
  pushed[0]!.answer(status)
  await endpoint.next() // the fifth comes when the first is settled
  await subscriber.modifyPushConfig({ subscription: name, pushConfig: {} })
  clock.advance(3_600_000)
  expect((await worker.texts()).sort()).toEqual(['a', 'b', 'c', 'd', 'e'].filter((text) => text !== textOf(pushed[0]!)))
})

/** Moves time in small steps until the endpoint gets something, and tells how far. */
async function advanceUntilPushed({ clock, endpoint, worker }: Awaited<ReturnType<typeof startPushing>>) {
  const from = clock.now()
  while (endpoint.waiting === 0) {
    await worker.settle()
    if (endpoint.waiting === 0) clock.advance(50)
  }
  return clock.now() - from
}

test.for([203, 301, 404, 500])('after the answer %i the message is pushed again, after a pause', async (status) => {
  await using started = await startPushing()
  const { endpoint, worker } = started
  await worker.publish('a')
  ;(await endpoint.next()).answer(status)
  const pause = await advanceUntilPushed(started)
  expect(pause).toBeGreaterThanOrEqual(100)
  expect(pause, 'it was given back, it did not expire').toBeLessThan(10_000)
  expect(textOf(await endpoint.next())).toBe('a')
})

test('an endpoint that fails again and again is left alone for longer and longer', async () => {
  await using started = await startPushing()
  const { endpoint, worker } = started
  await worker.publish('a')
  ;(await endpoint.next()).answer(500)
  const pauses = []
  for (let i = 0; i < 4; i++) {
    pauses.push(await advanceUntilPushed(started))
    ;(await endpoint.next()).answer(500)
  }
  for (const [i, pause] of pauses.entries()) expect(pause).toBeGreaterThanOrEqual(100 * 2 ** i)
})

test('an endpoint that does not answer before the ack deadline gets the message again', async () => {
  await using started = await startPushing()
  const { endpoint, worker, clock } = started
  await worker.publish('a')
  await endpoint.next()
  clock.advance(10_000)
  expect(await advanceUntilPushed(started)).toBeLessThan(10_000)
  expect(textOf(await endpoint.next())).toBe('a')
})

test('with a retry policy, each message waits for its own backoff', async () => {
  await using started = await startPushing({
    retryPolicy: { minimumBackoff: { seconds: 5 }, maximumBackoff: { seconds: 5 } },
  })
  const { endpoint, worker, clock } = started
  await worker.publish('a')
  ;(await endpoint.next()).answer(500)
  await worker.settle()
  await worker.publish('b')
  const other = await endpoint.next()
  expect(textOf(other)).toBe('b')
  other.answer(200)
  clock.advance(4_999)
  await worker.publish('c')
  expect(textOf(await endpoint.next())).toBe('c')
  clock.advance(1)
  expect(textOf(await endpoint.next())).toBe('a')
})

test('an endpoint gets a bounded number of requests at a time', async () => {
  await using started = await startPushing()
  const { endpoint, worker } = started
  await worker.publish(...Array.from({ length: 1_000 }, (_, i) => `m${i}`))
  const first = await endpoint.next()
  await worker.settle()
  expect(endpoint.open).toBeLessThan(10)
  first.answer(200)
  const seen = new Set([textOf(first)])
  while (seen.size < 1_000) {
    const pushed = await endpoint.next()
    expect(endpoint.open).toBeLessThanOrEqual(256)
    seen.add(textOf(pushed))
    pushed.answer(200)
  }
})

test('messages of one ordering key are pushed one after the other', async () => {
  await using started = await startPushing({ enableMessageOrdering: true })
  const { endpoint, publisher, worker } = started
  const messages = ['1', '2', '3'].map((text) => ({ data: Buffer.from(text), orderingKey: 'k' }))
  await publisher.publish({ topic: topicName('events'), messages })
  for (const text of ['1', '2', '3']) {
    const pushed = await endpoint.next()
    expect(textOf(pushed)).toBe(text)
    expect(pushed.body.message.orderingKey).toBe('k')
    await worker.settle()
    expect(endpoint.waiting).toBe(0)
    pushed.answer(200)
  }
})

test('a push tells its delivery attempt when there is a dead-letter policy', async () => {
  await using started = await startPushing()
  const { endpoint, publisher, subscriber, worker } = started
  await publisher.createTopic({ name: topicName('dead') })
  await subscriber.updateSubscription({
    subscription: { name, deadLetterPolicy: { deadLetterTopic: topicName('dead') } },
    updateMask: { paths: ['dead_letter_policy'] },
  })
  await worker.publish('a')
  expect((await endpoint.next()).body.deliveryAttempt).toBe(1)
})

test('a push subscription cannot be pulled, and a pulled one can become a push subscription and back', async () => {
  await using started = await startPushing()
  const { endpoint, subscriber, worker } = started
  const refused = { code: 9, details: 'This method is not supported for this subscription type.' }
  await expect(worker.pull()).rejects.toMatchObject(refused)

  await subscriber.modifyPushConfig({ subscription: name, pushConfig: {} })
  await worker.publish('pulled')
  expect(await worker.texts()).toEqual(['pulled'])

  const waiting = subscriber.pull({ subscription: name, maxMessages: 1 })
  const failed = expect(waiting).rejects.toMatchObject(refused)
  await worker.pull()
  await subscriber.modifyPushConfig({ subscription: name, pushConfig: { pushEndpoint: endpoint.url } })
  await failed
  await worker.publish('pushed')
  expect(textOf(await endpoint.next())).toBe('pushed')
})

test('an OIDC token is kept and shown', async () => {
  const oidcToken = { serviceAccountEmail: 'push@p.iam.gserviceaccount.com', audience: 'https://example.com' }
  await using started = await startPushing({ pushConfig: { pushEndpoint: 'http://127.0.0.1:1/', oidcToken } })
  const [{ pushConfig }] = await started.subscriber.getSubscription({ subscription: name })
  expect(pushConfig).toMatchObject({ pushEndpoint: 'http://127.0.0.1:1/', oidcToken })
})

test('nothing more is pushed once the subscription is detached', async () => {
  await using started = await startPushing()
  const { endpoint, publisher, worker } = started
  await worker.publish('a', 'b', 'c', 'd', 'e')
  const pushed = [await endpoint.next(), await endpoint.next(), await endpoint.next(), await endpoint.next()]
  await publisher.detachSubscription({ subscription: name })
  await worker.settle()
  for (const { answer } of pushed) answer(200)
  await worker.publish('f')
  await worker.settle()
  expect(endpoint.waiting).toBe(0)
})
