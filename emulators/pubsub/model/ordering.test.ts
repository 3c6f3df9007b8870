import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { manualClock } from '../../../clock/index.ts'
import { Broker } from './broker.ts'
import type { SubscriptionSettings } from './settings.ts'
import type { Delivery, Subscription } from './subscription.ts'

const TOPIC = 'projects/p/topics/events'

function subscribe(settings: Partial<SubscriptionSettings> = {}) {
  const clock = manualClock()
  const broker = new Broker({ clock, opened: () => {} })
  broker.createTopic(TOPIC, {})
  const subscription = broker.createSubscription('projects/p/subscriptions/worker', TOPIC, {
    labels: {},
    ackDeadlineMs: 10_000,
    messageRetentionMs: 7 * 86_400_000,
    retainAcked: false,
    expirationTtlMs: undefined,
    deadLetter: undefined,
    retry: undefined,
    push: undefined,
    exactlyOnce: false,
    ordering: true,
    filter: '',
    ...settings,
  })
  return { clock, broker, subscription }
}

/** Publishes `k1`, `k2`, … for a key `k`. */
const publish = (broker: Broker, key: string, count: number, from = 1) => {
  const texts = Array.from({ length: count }, (_, i) => `${key}${from + i}`)
  broker.publish(
    TOPIC,
    texts.map((text) => ({ data: Buffer.from(text), attributes: {}, orderingKey: key })),
  )
}

const take = (subscription: Subscription, maxMessages = 1_000, maxPerKey?: number) =>
  subscription.take({ maxMessages, maxBytes: 1_000_000, maxPerKey, holder: { messages: 0, bytes: 0 } })

const texts = (deliveries: readonly Delivery[]) => deliveries.map(({ message }) => String(message.data))
const ids = (...deliveries: (Delivery | undefined)[]) => deliveries.map((delivery) => delivery!.ackId)

test('one group of a key is out at a time', () => {
  const { broker, subscription } = subscribe()
  publish(broker, 'a', 4)
  const [a1, a2] = take(subscription, 2)
  expect(take(subscription)).toEqual([])
  subscription.acknowledge(ids(a1))
  expect(take(subscription)).toEqual([])
  subscription.acknowledge(ids(a2))
  expect(texts(take(subscription))).toEqual(['a3', 'a4'])
})

test('keys do not wait for each other, nor do messages without a key', () => {
  const { broker, subscription } = subscribe()
  publish(broker, 'a', 2)
  take(subscription, 1)
  publish(broker, 'b', 1)
  publish(broker, '', 1)
  expect(texts(take(subscription)).sort()).toEqual(['1', 'b1'])
})

test('a message that is delivered again brings back all after it, even if acknowledged', () => {
  const { broker, subscription } = subscribe()
  publish(broker, 'a', 4)
  const [a1, a2, a3] = take(subscription, 3)
  subscription.acknowledge(ids(a1, a3))
  subscription.modifyAckDeadline(ids(a2), 0)
  expect(texts(take(subscription))).toEqual(['a2', 'a3', 'a4'])
})

test('what comes back waits for what is still out before it', () => {
  const { broker, subscription, clock } = subscribe()
  publish(broker, 'a', 2)
  const [a1, a2] = take(subscription)
  subscription.modifyAckDeadline(ids(a1), 60_000)
  clock.advance(10_000)
  expect(take(subscription)).toEqual([])
  expect(subscription.acknowledge(ids(a2)).invalid).toEqual(ids(a2))
  subscription.acknowledge(ids(a1))
  expect(texts(take(subscription))).toEqual(['a2'])
})

test('a key waits for the backoff of its first message, the others do not', () => {
  const { broker, subscription, clock } = subscribe({ retry: { minimumBackoffMs: 5_000, maximumBackoffMs: 5_000 } })
  publish(broker, 'a', 2)
  publish(broker, 'b', 1)
  const [a1] = take(subscription, 2)
  subscription.modifyAckDeadline(ids(a1), 0)
  expect(texts(take(subscription))).toEqual(['b1'])
  clock.advance(5_000)
  expect(texts(take(subscription))).toEqual(['a1', 'a2'])
})

test('a dead letter leaves its key in order', () => {
  const dead = 'projects/p/topics/dead'
  const { broker, subscription } = subscribe()
  broker.createTopic(dead, {})
  subscription.update({ ...subscription.settings, deadLetter: { topic: dead, maxDeliveryAttempts: 5 } })
  publish(broker, 'a', 3)
  for (let i = 0; i < 5; i++) subscription.modifyAckDeadline(ids(take(subscription)[0]), 0)
  expect(texts(take(subscription))).toEqual(['a2', 'a3'])
})

test('with exactly-once delivery, an ack before those of earlier messages is refused as unordered', () => {
  const { broker, subscription } = subscribe({ exactlyOnce: true })
  publish(broker, 'a', 3)
  const [a1, a2, a3] = take(subscription)
  expect(subscription.acknowledge(ids(a2))).toEqual({ invalid: [], unordered: ids(a2) })
  expect(subscription.acknowledge(ids(a3, a2, a1))).toEqual({ invalid: [], unordered: [] })
  expect(take(subscription)).toEqual([])
})

/** Each step concerns one key; `which` chooses among the deliveries so far. */
const steps = fc.record({
  act: fc.constantFrom('publish', 'take', 'ack', 'nack', 'advance', 'extend'),
  key: fc.constantFrom('a', 'b', ''),
  which: fc.nat(),
  size: fc.integer({ min: 1, max: 5 }),
})

test.for([
  ['once or more', {}],
  ['with a retry policy', { retry: { minimumBackoffMs: 3_000, maximumBackoffMs: 9_000 } }],
  ['exactly once', { exactlyOnce: true }],
] as [string, Partial<SubscriptionSettings>][])(
  'delivered %s, a key never skips a message, never overtakes one that is out, and loses none',
  ([, settings]) => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 100, size: 'max' }), (history) => {
        const { broker, subscription, clock } = subscribe(settings)
        const published = { a: 0, b: 0, '': 0 }
        const deliveries: Delivery[] = []
        /** The number, within its key, of the message last delivered. */
        const last = new Map<string, number>()
        const acknowledged = new Set<string>()
        const check = (delivered: readonly Delivery[]) => {
          for (const { message } of delivered) {
            const text = String(message.data)
            if (settings.exactlyOnce) expect(acknowledged, 'came back after its ack').not.toContain(text)
            if (message.orderingKey === '') continue
            const number = Number(text.slice(1))
            expect(number, 'skipped a message').toBeLessThanOrEqual((last.get(message.orderingKey) ?? 0) + 1)
            last.set(message.orderingKey, number)
          }
          deliveries.push(...delivered)
        }
        const ack = (chosen: readonly Delivery[]) => {
          const { invalid, unordered } = subscription.acknowledge(ids(...chosen))
          const failed = new Set([...invalid, ...unordered])
          for (const { ackId, message } of chosen) if (!failed.has(ackId)) acknowledged.add(String(message.data))
        }
        for (const { act, key, which, size } of history) {
          const chosen = deliveries.slice(which % Math.max(1, deliveries.length)).slice(0, 1)
          if (act === 'publish') publish(broker, key, size, published[key as 'a'] + 1)
          if (act === 'publish') published[key as 'a'] += size
          if (act === 'take') check(take(subscription, size))
          if (act === 'ack') ack(chosen)
          if (act === 'nack') subscription.modifyAckDeadline(ids(...chosen), 0)
          if (act === 'extend') subscription.modifyAckDeadline(ids(...chosen), 20_000)
          if (act === 'advance') clock.advance(size * 2_500)
        }
        clock.advance(3_600_000)
        for (let group = take(subscription); group.length > 0; group = take(subscription)) {
          check(group)
          ack(group)
        }
        const all = Object.entries(published).flatMap(([key, n]) =>
          Array.from({ length: n }, (_, i) => `${key}${i + 1}`),
        )
        expect([...acknowledged].sort()).toEqual(all.sort())
      }),
      { numRuns: 200 },
    )
  },
)
