import { expect, test } from 'vitest'
import { systemClock } from '../../clock/index.ts'
import { startPubSub } from '../../emulators/pubsub/index.ts'
import { connect } from '../clients.ts'
import { parseSettings } from '../settings.ts'
import { batchingTopic, generateMessages, publishInOrderTo, publishTo, runScenario } from './index.ts'

test('every message is told with the id that Pub/Sub gave it, and arrives under that id', async () => {
  await using emulator = await startPubSub()
  const settings = parseSettings({ PUBSUB_EMULATOR_HOST: `127.0.0.1:${emulator.port}` })
  await using clients = connect(settings)
  await clients.pubsub.createTopic(settings.resources.topic)
  const [subscription] = await clients.pubsub.topic(settings.resources.topic).createSubscription('check')
  const told = new Map<string, string>()
  const span = { from: Date.parse('2024-01-15T10:00:00Z'), to: Date.parse('2024-01-15T11:00:00Z') }
  const result = await runScenario({
    messages: generateMessages({ seed: 3, count: 2_000, eventTimes: span, duplicateRatio: 0.05 }),
    publish: publishTo(batchingTopic(clients.pubsub, settings.resources.topic)),
    clock: systemClock,
    eventsPerMinute: Number.POSITIVE_INFINITY,
    onPublished: ({ eventId }, messageId) => told.set(messageId, eventId),
  })
  expect(result).toMatchObject({ requested: 2_000, published: 2_000, failed: 0 })
  const arrived = new Map<string, string>()
  const all = Promise.withResolvers<void>()
  subscription.on('message', (message) => {
    arrived.set(message.id, message.attributes.event_id ?? '')
    message.ack()
    if (arrived.size === 2_000) all.resolve()
  })
  await all.promise
  await subscription.close()
  expect(arrived).toEqual(told)
})

test('a topic that is not there fails each message, and none counts as published', async () => {
  await using emulator = await startPubSub()
  await using clients = connect(parseSettings({ PUBSUB_EMULATOR_HOST: `127.0.0.1:${emulator.port}` }))
  const result = await runScenario({
    messages: generateMessages({ seed: 3, count: 10, eventTimes: () => 0 }),
    publish: publishTo(batchingTopic(clients.pubsub, 'nowhere')),
    clock: systemClock,
    eventsPerMinute: Number.POSITIVE_INFINITY,
  })
  expect(result).toMatchObject({ requested: 10, published: 0, failed: 10 })
})

const fast = { clock: systemClock, eventsPerMinute: Number.POSITIVE_INFINITY }

test('with ordering keys each customer’s messages arrive in their order, and those about nobody arrive too', async () => {
  await using emulator = await startPubSub()
  await using clients = connect(parseSettings({ PUBSUB_EMULATOR_HOST: `127.0.0.1:${emulator.port}` }))
  const [topic] = await clients.pubsub.createTopic('ordered')
  const [subscription] = await topic.createSubscription('check', { enableMessageOrdering: true })
  const messages = [...generateMessages({ seed: 3, count: 600, eventTimes: () => 0 })]
  const publish = publishInOrderTo(batchingTopic(clients.pubsub, 'ordered'))
  expect(await runScenario({ messages, publish, ...fast })).toMatchObject({ published: 600 })
  const arrived = new Map<string, string[]>()
  let received = 0
  const all = Promise.withResolvers<void>()
  subscription.on('message', (message) => {
    const key = message.orderingKey || 'nobody'
    arrived.set(key, [...(arrived.get(key) ?? []), message.attributes.event_id!])
    message.ack()
    if (++received === 600) all.resolve()
  })
  await all.promise
  await subscription.close()
  const idsOf = (customer: string) => messages.filter((m) => m.customerId === customer).map(({ eventId }) => eventId)
  const nobody = arrived.get('nobody')!
  arrived.delete('nobody')
  expect(arrived.size).toBeGreaterThan(100)
  for (const [key, ids] of arrived) expect(ids).toEqual(idsOf(key))
  expect(new Set(nobody)).toEqual(new Set(messages.filter((m) => !m.customerId).map(({ eventId }) => eventId)))
})

test('a customer whose message the topic refused can be published for again', async () => {
  await using emulator = await startPubSub()
  await using clients = connect(parseSettings({ PUBSUB_EMULATOR_HOST: `127.0.0.1:${emulator.port}` }))
  const publish = publishInOrderTo(batchingTopic(clients.pubsub, 'late'))
  const message = { data: Buffer.from('{}'), attributes: {}, customerId: 'customer-0001' }
  await expect(publish(message)).rejects.toMatchObject({ code: 5 })
  await clients.pubsub.createTopic('late')
  expect(await publish(message)).toMatch(/^\d+$/)
})
