import { expect, test } from 'vitest'
import { startWithWorker, subscriptionName, topicName } from './testing.ts'
import { Stream } from './testing-stream.ts'

const subscription = subscriptionName('worker')
const refused = { code: 9, details: 'The subscription is detached from its topic.' }

test('a detached subscription stays, with neither messages nor a topic that lists it', async () => {
  await using started = await startWithWorker()
  const { publisher, subscriber, worker } = started
  await worker.publish('waiting', 'leased')
  const [leased] = await worker.pull(1)
  await publisher.detachSubscription({ subscription })
  const [shown] = await subscriber.getSubscription({ subscription })
  expect(shown).toMatchObject({ detached: true, topic: topicName('events') })
  const [listed] = await publisher.listTopicSubscriptions({ topic: topicName('events') })
  expect(listed).toEqual([])
  await worker.publish('after')
  await expect(worker.pull()).rejects.toMatchObject(refused)
  await expect(subscriber.pull({ subscription, maxMessages: 1 })).rejects.toMatchObject(refused)
  await worker.ack(leased!)
  await subscriber.deleteSubscription({ subscription })
})

test('streams end when their subscription is detached, and none begins', async () => {
  await using started = await startWithWorker()
  const open = new Stream(started, subscription)
  await started.worker.settle()
  await started.publisher.detachSubscription({ subscription })
  expect(await open.failed).toMatchObject(refused)
  expect(await new Stream(started, subscription).failed).toMatchObject(refused)
})

test('what was leased before cannot be acknowledged after', async () => {
  await using started = await startWithWorker({ enableExactlyOnceDelivery: true })
  const { publisher, worker } = started
  await worker.publish('leased')
  const [leased] = await worker.pull()
  await publisher.detachSubscription({ subscription })
  await expect(worker.ack(leased!)).rejects.toMatchObject({ code: 3 })
})

test('what is not there cannot be detached, and nothing begins detached', async () => {
  await using started = await startWithWorker()
  const { publisher, subscriber } = started
  const absent = { subscription: subscriptionName('absent') }
  await expect(publisher.detachSubscription(absent)).rejects.toMatchObject({ code: 5 })
  const another = { name: subscriptionName('another'), topic: topicName('events'), detached: true }
  await expect(subscriber.createSubscription(another)).rejects.toMatchObject({ code: 12 })
})
