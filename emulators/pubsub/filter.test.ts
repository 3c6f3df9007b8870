import { expect, test } from 'vitest'
import { start, startWithWorker, subscriptionName, topicName } from './testing.ts'

test('a subscription with a filter gets only the messages that match, and never the others', async () => {
  await using started = await startWithWorker({ filter: 'attributes.type = "order"' })
  const { publisher, worker, clock } = started
  const messages = ['order', 'user', 'order'].map((type, i) => ({ data: Buffer.from(`m${i}`), attributes: { type } }))
  await publisher.publish({ topic: topicName('events'), messages })
  expect(await worker.texts()).toEqual(['m0', 'm2'])
  clock.advance(10_000)
  expect((await worker.texts()).sort()).toEqual(['m0', 'm2'])
})

test('a filter is shown, and cannot be changed', async () => {
  const filter = 'hasPrefix(attributes.type, "ord")'
  await using started = await startWithWorker({ filter })
  const name = subscriptionName('worker')
  const [subscription] = await started.subscriber.getSubscription({ subscription: name })
  expect(subscription.filter).toBe(filter)
  await expect(
    started.subscriber.updateSubscription({ subscription: { name, filter: '' }, updateMask: { paths: ['filter'] } }),
  ).rejects.toMatchObject({ code: 3, details: expect.stringContaining("the 'filter' field") })
})

test('a filter that cannot be read is refused, and the subscription is not made', async () => {
  await using started = await start()
  const { publisher, subscriber } = started
  const name = subscriptionName('worker')
  await publisher.createTopic({ name: topicName('events') })
  await expect(
    subscriber.createSubscription({ name, topic: topicName('events'), filter: 'attributes:a AND' }),
  ).rejects.toMatchObject({
    code: 3,
    details: 'Invalid filter given (filter=attributes:a AND): expected attributes, hasPrefix or ( at 16.',
  })
  await expect(subscriber.getSubscription({ subscription: name })).rejects.toMatchObject({ code: 5 })
})
