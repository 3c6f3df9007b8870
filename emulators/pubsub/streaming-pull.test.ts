import { EventEmitter, once } from 'node:events'
import type { Message } from '@google-cloud/pubsub'
import { expect, onTestFinished, test } from 'vitest'
import { type Started, start, startWithWorker, subscriptionName, topicName } from './testing.ts'

const name = subscriptionName('worker')

interface Response {
  receivedMessages: { ackId: string; message: { data: Buffer; messageId: string } }[]
  subscriptionProperties: object | null
}

/** One stream of the low-level client. */
class Stream {
  readonly responses: Response[] = []
  readonly failed: Promise<{ code: number; details: string }>
  readonly ended: Promise<void>
  #call
  #arrived = new EventEmitter()

  constructor({ subscriber }: Started, first: object = {}) {
    this.#call = subscriber.streamingPull()
    this.failed = new Promise((resolve) => this.#call.on('error', resolve))
    this.ended = new Promise((resolve) => this.#call.on('end', resolve))
    this.#call.on('data', (response: Response) => {
      this.responses.push(response)
      this.#arrived.emit('response')
    })
    this.write({ subscription: name, streamAckDeadlineSeconds: 10, ...first })
    onTestFinished(() => this.cancel())
  }

  write(request: object): void {
    this.#call.write(request)
  }

  end(): void {
    this.#call.end()
  }

  cancel(): void {
    this.#call.cancel()
  }

  get received() {
    return this.responses.flatMap(({ receivedMessages }) => receivedMessages)
  }

  get texts(): string[] {
    return this.received.map(({ message }) => String(message.data))
  }

  async until(count: number): Promise<void> {
    while (this.received.length < count) await once(this.#arrived, 'response')
  }
}

/** A round trip: whatever was sent before it on the same connection has been dealt with. */
const settle = async ({ worker }: Awaited<ReturnType<typeof startWithWorker>>) => {
  for (let i = 0; i < 3; i++) await worker.publish().catch(() => {})
}

test("the official client's subscriber gets every message once, and acknowledges it", async () => {
  await using started = await startWithWorker()
  const { pubsub, worker, clock } = started
  const subscription = pubsub.subscription('worker')
  const seen: string[] = []
  const all = new Promise<void>((resolve) => {
    subscription.on('message', (message: Message) => {
      seen.push(String(message.data))
      message.ack()
      if (seen.length === 500) resolve()
    })
  })
  const texts = Array.from({ length: 500 }, (_, i) => `m${i}`)
  for (let i = 0; i < 500; i += 100) await worker.publish(...texts.slice(i, i + 100))
  await all
  await subscription.close()
  expect(seen).toEqual(texts)
  clock.advance(600_000)
  expect(await worker.texts()).toEqual([])
})

test('messages published together arrive together', async () => {
  await using started = await startWithWorker()
  const stream = new Stream(started)
  await started.worker.publish(...Array.from({ length: 250 }, (_, i) => `m${i}`))
  await stream.until(250)
  expect(stream.responses).toHaveLength(1)
  expect(stream.responses[0]?.subscriptionProperties).toEqual({
    exactlyOnceDeliveryEnabled: false,
    messageOrderingEnabled: false,
  })
})

test('a stream gets no more than it may have outstanding, and more when it settles some', async () => {
  await using started = await startWithWorker()
  const { worker } = started
  const stream = new Stream(started, { maxOutstandingMessages: 2 })
  await worker.publish('a', 'b', 'c', 'd', 'e')
  await stream.until(2)
  await settle(started)
  expect(stream.texts).toEqual(['a', 'b'])
  stream.write({ ackIds: [stream.received[0]!.ackId] })
  await stream.until(3)
  await started.subscriber.acknowledge({ subscription: name, ackIds: [stream.received[1]!.ackId] })
  await stream.until(4)
  await settle(started)
  expect(stream.texts).toEqual(['a', 'b', 'c', 'd'])
  started.clock.advance(10_000)
  await stream.until(6)
})

test('a stream gets no more bytes than it may have outstanding', async () => {
  await using started = await startWithWorker()
  const stream = new Stream(started, { maxOutstandingBytes: 10 })
  await started.worker.publish('four', 'five', 'seven', 'eight')
  await stream.until(3)
  await settle(started)
  expect(stream.texts).toEqual(['four', 'five', 'seven'])
  stream.write({ ackIds: stream.received.map(({ ackId }) => ackId) })
  await stream.until(4)
})

test('a stream has an ack deadline of its own, which it may change', async () => {
  await using started = await startWithWorker()
  const { worker, clock } = started
  const stream = new Stream(started, { streamAckDeadlineSeconds: 30 })
  await worker.publish('a')
  await stream.until(1)
  clock.advance(29_999)
  expect(await worker.texts()).toEqual([])
  stream.write({ streamAckDeadlineSeconds: 60 })
  await settle(started)
  clock.advance(1)
  await stream.until(2)
  clock.advance(59_999)
  await settle(started)
  expect(stream.received).toHaveLength(2)
  clock.advance(1)
  await stream.until(3)
})

test('modifications on the stream extend and give back', async () => {
  await using started = await startWithWorker()
  const { worker, clock } = started
  const stream = new Stream(started)
  await worker.publish('kept', 'returned')
  await stream.until(2)
  stream.write({
    modifyDeadlineAckIds: stream.received.map(({ ackId }) => ackId),
    modifyDeadlineSeconds: [600, 0],
  })
  await stream.until(3)
  expect(stream.texts[2]).toBe('returned')
  clock.advance(599_999)
  await settle(started)
  expect(stream.texts.filter((text) => text === 'kept')).toHaveLength(1)
})

test('streams share a subscription evenly', async () => {
  await using started = await startWithWorker()
  const streams = Array.from({ length: 4 }, () => new Stream(started))
  await settle(started)
  await started.worker.publish(...Array.from({ length: 400 }, (_, i) => `m${i}`))
  await Promise.all(streams.map((stream) => stream.until(100)))
  expect(streams.map(({ received }) => received.length)).toEqual([100, 100, 100, 100])
  expect(new Set(streams.flatMap(({ texts }) => texts)).size).toBe(400)
  for (let i = 0; i < 4; i++) await started.worker.publish(`single ${i}`)
  await Promise.all(streams.map((stream) => stream.until(101)))
})

test('what a stream held when it went away comes back at its deadline, not before', async () => {
  await using started = await startWithWorker()
  const { worker, clock } = started
  const stream = new Stream(started)
  await worker.publish('a')
  await stream.until(1)
  stream.cancel()
  await settle(started)
  clock.advance(9_999)
  expect(await worker.texts()).toEqual([])
  clock.advance(1)
  expect(await worker.texts()).toEqual(['a'])
})

test('a stream that the client ends, ends well', async () => {
  await using started = await startWithWorker()
  const stream = new Stream(started)
  stream.end()
  await stream.ended
  await started.worker.publish('a')
  expect(await started.worker.texts()).toEqual(['a'])
})

test('a stream fails when its subscription is deleted', async () => {
  await using started = await startWithWorker()
  const stream = new Stream(started)
  await settle(started)
  await started.subscriber.deleteSubscription({ subscription: name })
  expect(await stream.failed).toMatchObject({ code: 5, details: 'Resource not found (resource=worker).' })
})

test.for([
  ['for a subscription that is not there', { subscription: subscriptionName('absent') }, {}, 5],
  ['with an ack deadline below 10 s', { streamAckDeadlineSeconds: 9 }, {}, 3],
  ['that names its subscription again', {}, { subscription: name }, 3],
  ['that changes its flow control', {}, { maxOutstandingMessages: 5 }, 3],
  ['with modifications that do not pair up', {}, { modifyDeadlineAckIds: ['1-1'] }, 3],
  ['with a deadline out of range', {}, { modifyDeadlineAckIds: ['1-1'], modifyDeadlineSeconds: [601] }, 3],
] as [string, object, object, number][])('a stream %s is refused', async ([, first, second, code]) => {
  await using started = await startWithWorker()
  const stream = new Stream(started, first)
  stream.write(second)
  expect(await stream.failed).toMatchObject({ code })
})

test('an emulator closes with streams and pulls open', async () => {
  const started = await start()
  await started.publisher.createTopic({ name: topicName('events') })
  await started.subscriber.createSubscription({ name, topic: topicName('events') })
  const stream = new Stream(started)
  const pull = started.subscriber.pull({ subscription: name, maxMessages: 1 }).catch((error) => error)
  await started.server[Symbol.asyncDispose]()
  expect((await stream.failed).code).toBeGreaterThan(0)
  await started[Symbol.asyncDispose]()
  await pull
})
