import { expect, test } from 'vitest'
import { systemClock } from '../../clock/index.ts'
import { startPubSub } from '../../emulators/pubsub/index.ts'
import { connect } from '../clients.ts'
import { parseSettings } from '../settings.ts'
import { batchingTopic, generateMessages, publishTo, runScenario } from './index.ts'

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
