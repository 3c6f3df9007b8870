import type { Message } from '@google-cloud/pubsub'
import { expect, test } from 'vitest'
import { start, startWithWorker, subscriptionName, topicName } from './testing.ts'
import { Stream } from './testing-stream.ts'

const name = subscriptionName('worker')

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
  const stream = new Stream(started, name)
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
  const stream = new Stream(started, name, { maxOutstandingMessages: 2 })
  await worker.publish('a', 'b', 'c', 'd', 'e')
  await stream.until(2)
  await started.worker.settle()
  expect(stream.texts).toEqual(['a', 'b'])
  stream.write({ ackIds: [stream.received[0]!.ackId] })
  await stream.until(3)
  await started.subscriber.acknowledge({ subscription: name, ackIds: [stream.received[1]!.ackId] })
  await stream.until(4)
  await started.worker.settle()
  expect(stream.texts).toEqual(['a', 'b', 'c', 'd'])
  started.clock.advance(10_000)
  await stream.until(6)
})

test('a stream gets no more bytes than it may have outstanding', async () => {
  await using started = await startWithWorker()
  const stream = new Stream(started, name, { maxOutstandingBytes: 10 })
  await started.worker.publish('four', 'five', 'seven', 'eight')
  await stream.until(3)
  await started.worker.settle()
  expect(stream.texts).toEqual(['four', 'five', 'seven'])
  stream.write({ ackIds: stream.received.map(({ ackId }) => ackId) })
  await stream.until(4)
})

test('a stream has an ack deadline of its own, which it may change', async () => {
  await using started = await startWithWorker()
  const { worker, clock } = started
  const stream = new Stream(started, name, { streamAckDeadlineSeconds: 30 })
  await worker.publish('a')
  await stream.until(1)
  clock.advance(29_999)
  expect(await worker.texts()).toEqual([])
  stream.write({ streamAckDeadlineSeconds: 60 })
  await started.worker.settle()
  clock.advance(1)
  await stream.until(2)
  clock.advance(59_999)
  await started.worker.settle()
  expect(stream.received).toHaveLength(2)
  clock.advance(1)
  await stream.until(3)
})

test('modifications on the stream extend and give back', async () => {
  await using started = await startWithWorker()
  const { worker, clock } = started
  const stream = new Stream(started, name)
  await worker.publish('kept', 'returned')
  await stream.until(2)
  stream.write({
    modifyDeadlineAckIds: stream.received.map(({ ackId }) => ackId),
    modifyDeadlineSeconds: [600, 0],
  })
  await stream.until(3)
  expect(stream.texts[2]).toBe('returned')
  clock.advance(599_999)
  await started.worker.settle()
  expect(stream.texts.filter((text) => text === 'kept')).toHaveLength(1)
})

test('streams share a subscription evenly', async () => {
  await using started = await startWithWorker()
  const streams = Array.from({ length: 4 }, () => new Stream(started, name))
  await started.worker.settle()
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
  const stream = new Stream(started, name)
  await worker.publish('a')
  await stream.until(1)
  stream.cancel()
  await started.worker.settle()
  clock.advance(9_999)
  expect(await worker.texts()).toEqual([])
  clock.advance(1)
  expect(await worker.texts()).toEqual(['a'])
})

test('an empty request is answered where the client speaks protocol version 1', async () => {
  await using started = await startWithWorker()
  const old = new Stream(started, name)
  const stream = new Stream(started, name, { protocolVersion: 1, clientId: 'c1' })
  old.write({})
  stream.write({})
  expect((await stream.response(0)).receivedMessages).toEqual([])
  await started.worker.settle()
  expect(stream.responses).toHaveLength(1)
  expect(old.responses).toHaveLength(0)
})

test('a stream that the client ends, ends well', async () => {
  await using started = await startWithWorker()
  const stream = new Stream(started, name)
  stream.end()
  await stream.ended
  await started.worker.publish('a')
  expect(await started.worker.texts()).toEqual(['a'])
})

test('a stream fails when its subscription is deleted', async () => {
  await using started = await startWithWorker()
  const stream = new Stream(started, name)
  await started.worker.settle()
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
  const stream = new Stream(started, name, first)
  stream.write(second)
  expect(await stream.failed).toMatchObject({ code })
})

test('an emulator closes with streams and pulls open', async () => {
  const started = await start()
  await started.publisher.createTopic({ name: topicName('events') })
  await started.subscriber.createSubscription({ name, topic: topicName('events') })
  const stream = new Stream(started, name)
  const pull = started.subscriber.pull({ subscription: name, maxMessages: 1 }).catch((error) => error)
  await started.server[Symbol.asyncDispose]()
  expect((await stream.failed).code).toBeGreaterThan(0)
  await started[Symbol.asyncDispose]()
  await pull
})
