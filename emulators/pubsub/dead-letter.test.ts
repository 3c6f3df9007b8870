import { expect, test } from 'vitest'
import { PROJECT, type Started, startWithWorker, subscriptionName, topicName, type Worker } from './testing.ts'

async function startWithDeadLetters(maxDeliveryAttempts = 5) {
  const started = await startWithWorker()
  const { publisher, subscriber } = started
  await publisher.createTopic({ name: topicName('dead') })
  await subscriber.createSubscription({ name: subscriptionName('mortuary'), topic: topicName('dead') })
  await subscriber.updateSubscription({
    subscription: {
      name: subscriptionName('worker'),
      deadLetterPolicy: { deadLetterTopic: topicName('dead'), maxDeliveryAttempts },
    },
    updateMask: { paths: ['dead_letter_policy'] },
  })
  return started
}

const buried = async ({ subscriber }: Started) => {
  const subscription = subscriptionName('mortuary')
  const [{ receivedMessages }] = await subscriber.pull({ subscription, maxMessages: 10, returnImmediately: true })
  return receivedMessages ?? []
}

/** Lets `times` deliveries fail, and tells the attempt that each was. */
async function fail(worker: Worker, times: number): Promise<number[]> {
  const attempts = []
  for (let i = 0; i < times; i++) {
    const received = await worker.pull()
    attempts.push(received[0]!.deliveryAttempt)
    await worker.modify(0, ...received)
  }
  return attempts
}

test('a delivery tells which attempt it is, counting what was given back and what expired', async () => {
  await using started = await startWithDeadLetters()
  const { worker, clock } = started
  await worker.publish('a')
  expect(await fail(worker, 2)).toEqual([1, 2])
  expect(await worker.pull()).toMatchObject([{ deliveryAttempt: 3 }])
  clock.advance(10_000)
  expect(await worker.pull()).toMatchObject([{ deliveryAttempt: 4 }])
})

test('a message goes to the dead-letter topic after its last attempt, with where it comes from', async () => {
  await using started = await startWithDeadLetters(6)
  const { publisher, worker, clock } = started
  const data = Buffer.from('poison')
  await publisher.publish({ topic: topicName('events'), messages: [{ data, attributes: { event_id: 'e1' } }] })
  clock.advance(1_500)
  await fail(worker, 5)
  expect(await buried(started)).toEqual([])
  await fail(worker, 1)
  expect(await worker.pull()).toEqual([])
  const [letter] = await buried(started)
  expect(letter?.message).toMatchObject({
    data,
    attributes: {
      event_id: 'e1',
      CloudPubSubDeadLetterSourceDeliveryCount: '6',
      CloudPubSubDeadLetterSourceSubscription: 'worker',
      CloudPubSubDeadLetterSourceSubscriptionProject: PROJECT,
      CloudPubSubDeadLetterSourceTopicPublishTime: '2024-01-15T00:00:00.000+00:00',
    },
  })
  expect(letter?.deliveryAttempt).toBe(0)
})

test('a last attempt that expires is forwarded by the clock alone', async () => {
  await using started = await startWithDeadLetters()
  const { worker, clock } = started
  await worker.publish('a')
  await fail(worker, 4)
  await worker.pull()
  const { subscriber } = started
  const waiting = subscriber.pull({ subscription: subscriptionName('mortuary'), maxMessages: 1 })
  await worker.pull()
  clock.advance(10_000)
  expect((await waiting)[0].receivedMessages).toHaveLength(1)
})

test('a message stays when the dead-letter topic is gone, and leaves when it is back', async () => {
  await using started = await startWithDeadLetters()
  const { publisher, subscriber, worker } = started
  await worker.publish('a')
  await publisher.deleteTopic({ topic: topicName('dead') })
  expect(await fail(worker, 7)).toEqual([1, 2, 3, 4, 5, 6, 7])
  await subscriber.deleteSubscription({ subscription: subscriptionName('mortuary') })
  await publisher.createTopic({ name: topicName('dead') })
  await subscriber.createSubscription({ name: subscriptionName('mortuary'), topic: topicName('dead') })
  expect(await fail(worker, 1)).toEqual([8])
  expect(await worker.pull()).toEqual([])
  expect(await buried(started)).toHaveLength(1)
})

test('a message at the limits of Publish is forwarded all the same', async () => {
  await using started = await startWithDeadLetters()
  const { publisher, worker } = started
  const attributes = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, 'v']))
  await publisher.publish({ topic: topicName('events'), messages: [{ attributes }] })
  await fail(worker, 5)
  const [letter] = await buried(started)
  expect(Object.keys(letter?.message?.attributes ?? {})).toHaveLength(104)
})
