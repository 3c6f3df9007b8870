import type { Message } from '@google-cloud/pubsub'
import { expect, test } from 'vitest'
import { startWithWorker, subscriptionName, topicName } from './testing.ts'
import { Stream } from './testing-stream.ts'

const name = subscriptionName('worker')
const startExactlyOnce = () => startWithWorker({ enableExactlyOnceDelivery: true })

const FAILURE = {
  code: 3,
  details:
    'Some acknowledgement ids in the request were invalid. This could be because the acknowledgement ids have expired or the acknowledgement ids were malformed.',
  reason: 'EXACTLY_ONCE_ACKID_FAILURE',
  domain: 'pubsub.googleapis.com',
}

test('an ack or modification of a lease that ended fails, and names the ack ids', async () => {
  await using started = await startExactlyOnce()
  const { worker, clock } = started
  await worker.publish('late', 'in time')
  const [late] = await worker.pull(1)
  clock.advance(5_000)
  const [inTime] = await worker.pull(1)
  clock.advance(5_000)
  const errorInfoMetadata = { [late!.ackId]: 'PERMANENT_FAILURE_INVALID_ACK_ID' }
  await expect(worker.modify(60, late!)).rejects.toMatchObject({ ...FAILURE, errorInfoMetadata })
  await expect(worker.ack(inTime!, late!)).rejects.toMatchObject({ ...FAILURE, errorInfoMetadata })
  clock.advance(5_000)
  expect(await worker.texts(), 'the other ack of that request counts').toEqual(['late'])
})

test('only the newest delivery can be acknowledged', async () => {
  await using started = await startExactlyOnce()
  const { worker, clock } = started
  await worker.publish('a')
  const older = await worker.pull()
  clock.advance(10_000)
  const newest = await worker.pull()
  await expect(worker.ack(...older)).rejects.toMatchObject(FAILURE)
  await worker.ack(...newest)
  clock.advance(10_000)
  expect(await worker.texts()).toEqual([])
})

test('an ack id that nobody gave fails like one that expired', async () => {
  await using started = await startExactlyOnce()
  await expect(started.subscriber.acknowledge({ subscription: name, ackIds: ['made up'] })).rejects.toMatchObject({
    ...FAILURE,
    errorInfoMetadata: { 'made up': 'PERMANENT_FAILURE_INVALID_ACK_ID' },
  })
})

test('a request with thousands of invalid ack ids gets its answer', async () => {
  await using started = await startExactlyOnce()
  const ackIds = Array.from({ length: 2_500 }, (_, i) => `9-${100_000 + i}`)
  await expect(started.subscriber.acknowledge({ subscription: name, ackIds })).rejects.toMatchObject(FAILURE)
})

test('a stream says that delivery is exactly-once, and confirms what became of acks and modifications', async () => {
  await using started = await startExactlyOnce()
  const stream = new Stream(started, name)
  await started.worker.publish('a', 'b')
  await stream.until(2)
  expect(stream.responses[0]?.subscriptionProperties).toMatchObject({ exactlyOnceDeliveryEnabled: true })
  const [a, b] = stream.received.map(({ ackId }) => ackId)
  stream.write({ modifyDeadlineAckIds: [a, '1-999'], modifyDeadlineSeconds: [60, 60] })
  stream.write({ ackIds: [b, '1-998'] })
  expect(await stream.response(1)).toMatchObject({
    modifyAckDeadlineConfirmation: { ackIds: [a], invalidAckIds: ['1-999'] },
  })
  expect(await stream.response(2)).toMatchObject({
    acknowledgeConfirmation: { ackIds: [b], invalidAckIds: ['1-998'] },
  })
})

test("the official client's ackWithResponse tells success", async () => {
  await using started = await startExactlyOnce()
  const { pubsub, worker, clock } = started
  const subscription = pubsub.subscription('worker')
  const outcome = new Promise<string>((resolve, reject) => {
    subscription.on('message', (message: Message) => message.ackWithResponse().then(resolve, reject))
  })
  await worker.publish('a')
  expect(await outcome).toBe('SUCCESS')
  await subscription.close()
  clock.advance(600_000)
  expect(await worker.texts()).toEqual([])
})

test('exactly-once delivery can be switched on later, but not for push', async () => {
  await using started = await startWithWorker()
  const { subscriber, worker, clock } = started
  const update = (fields: object, path: string) =>
    subscriber.updateSubscription({ subscription: { name, ...fields }, updateMask: { paths: [path] } })
  await update({ enableExactlyOnceDelivery: true }, 'enable_exactly_once_delivery')
  await worker.publish('a')
  const received = await worker.pull()
  clock.advance(10_000)
  await expect(worker.ack(...received)).rejects.toMatchObject(FAILURE)
  const pushConfig = { pushEndpoint: 'http://127.0.0.1:1/' }
  await expect(update({ pushConfig }, 'push_config')).rejects.toMatchObject({ code: 3 })
  await expect(subscriber.modifyPushConfig({ subscription: name, pushConfig })).rejects.toMatchObject({ code: 3 })
  await expect(
    subscriber.createSubscription({
      name: subscriptionName('pushed'),
      topic: topicName('events'),
      pushConfig,
      enableExactlyOnceDelivery: true,
    }),
  ).rejects.toMatchObject({ code: 3 })
})
