import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ManualClock, manualClock } from '../../../clock/index.ts'
import { Broker } from './broker.ts'
import type { SubscriptionSettings } from './settings.ts'
import type { Delivery, Subscription } from './subscription.ts'

const DAY = 86_400_000
const TOPIC = 'projects/p/topics/events'

const defaults: SubscriptionSettings = {
  labels: {},
  ackDeadlineMs: 10_000,
  messageRetentionMs: 7 * DAY,
  retainAcked: false,
  expirationTtlMs: undefined,
  deadLetter: undefined,
  retry: undefined,
  push: undefined,
  exactlyOnce: false,
  ordering: false,
  filter: '',
}

function subscribe(settings: Partial<SubscriptionSettings> = {}) {
  const clock = manualClock()
  const broker = new Broker({ clock, opened: () => {} })
  broker.createTopic(TOPIC, {})
  const name = 'projects/p/subscriptions/worker'
  const subscription = broker.createSubscription(name, TOPIC, { ...defaults, ...settings })
  return { clock, broker, subscription }
}

const publish = (broker: Broker, orderingKey = '') =>
  broker.publish(TOPIC, [{ data: Buffer.from('x'), attributes: {}, orderingKey }])[0]!

const take = (subscription: Subscription, maxMessages = 1_000) =>
  subscription.take({ maxMessages, maxBytes: 1_000_000, holder: { messages: 0, bytes: 0 } })

/** What a subscriber may rely on, kept by hand beside the real thing. */
class Expected {
  /** Published and not acknowledged. */
  readonly alive = new Set<string>()
  readonly leased = new Map<string, { messageId: string; deadline: number }>()
  readonly deliveries: Delivery[] = []
  #clock: ManualClock

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  delivered(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      const { ackId, message } = delivery
      expect(this.alive, 'an acknowledged message came back').toContain(message.id)
      const holders = [...this.leased.values()].filter(({ messageId }) => messageId === message.id)
      expect(
        holders.filter(({ deadline }) => deadline > this.#clock.now()),
        'delivered while leased',
      ).toEqual([])
      this.deliveries.push(delivery)
      this.leased.set(ackId, { messageId: message.id, deadline: this.#clock.now() + 10_000 })
    }
  }

  /** Whether the delivery still holds its message; forgets it. */
  release(ackId: string): string | undefined {
    const lease = this.leased.get(ackId)
    this.leased.delete(ackId)
    return lease && lease.deadline > this.#clock.now() ? lease.messageId : undefined
  }
}

interface World extends ReturnType<typeof subscribe> {
  expected: Expected
}

/** One step of a history. `which` chooses among the deliveries so far. */
type Step = { do: (world: World, delivery: Delivery | undefined) => void; which: number; label: string }

const step = (label: string, action: Step['do']) => fc.nat().map((which): Step => ({ do: action, which, label }))

const steps = fc.oneof(
  step('publish', ({ broker, expected }) => expected.alive.add(publish(broker))),
  fc.integer({ min: 1, max: 4 }).chain((most) =>
    step(`take ${most}`, ({ subscription, expected }) => {
      const deliveries = take(subscription, most)
      expect(deliveries.length).toBeLessThanOrEqual(most)
      expected.delivered(deliveries)
    }),
  ),
  step('ack', ({ subscription, expected }, delivery) => {
    if (!delivery) return
    const held = expected.release(delivery.ackId)
    expect(subscription.acknowledge([delivery.ackId]).invalid).toEqual(held ? [] : [delivery.ackId])
    if (held) expected.alive.delete(held)
  }),
  step('nack', ({ subscription, expected }, delivery) => {
    if (!delivery) return
    const held = expected.release(delivery.ackId)
    expect(subscription.modifyAckDeadline([delivery.ackId], 0)).toEqual(held ? [] : [delivery.ackId])
  }),
  step('extend', ({ subscription, expected, clock }, delivery) => {
    const lease = delivery && expected.leased.get(delivery.ackId)
    if (!lease) return
    const held = lease.deadline > clock.now()
    expect(subscription.modifyAckDeadline([delivery.ackId], 30_000)).toEqual(held ? [] : [delivery.ackId])
    if (held) lease.deadline = clock.now() + 30_000
  }),
  fc.integer({ min: 1, max: 25_000 }).chain((ms) => step(`advance ${ms}`, ({ clock }) => clock.advance(ms))),
)

/** All that is alive arrives, once everything has expired. */
function drain({ clock, subscription, expected }: World): void {
  clock.advance(3_600_000)
  const deliveries = take(subscription, 10_000)
  expected.delivered(deliveries)
  expect(deliveries.map(({ message }) => message.id).sort()).toEqual([...expected.alive].sort())
  expect(take(subscription)).toEqual([])
}

test.for([
  ['the defaults', {}],
  ['a retry policy', { retry: { minimumBackoffMs: 1_000, maximumBackoffMs: 60_000 } }],
] as [string, Partial<SubscriptionSettings>][])(
  'with %s, no message is lost, none is delivered while leased, and an acknowledged one never returns',
  ([, settings]) => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 120, size: 'max' }), (history) => {
        const world: World = { ...subscribe(settings), expected: undefined as never }
        world.expected = new Expected(world.clock)
        const { deliveries } = world.expected
        for (const { do: act, which } of history) act(world, deliveries[which % Math.max(1, deliveries.length)])
        drain(world)
      }),
      { numRuns: 200 },
    )
  },
)

test('a consumer is charged for a delivery until its lease ends, however it ends', () => {
  const { clock, broker, subscription } = subscribe()
  const holder = { messages: 0, bytes: 0 }
  for (let i = 0; i < 3; i++) publish(broker)
  const [acked, nacked] = subscription.take({ maxMessages: 3, maxBytes: 100, holder })
  expect(holder).toEqual({ messages: 3, bytes: 3 })
  subscription.acknowledge([acked!.ackId])
  subscription.modifyAckDeadline([nacked!.ackId], 0)
  expect(holder).toEqual({ messages: 1, bytes: 1 })
  clock.advance(10_000)
  subscription.tick()
  expect(holder).toEqual({ messages: 0, bytes: 0 })
})

test('the next deadline is that of the next lease, backoff, retention or expiration', () => {
  const { clock, broker, subscription } = subscribe({
    expirationTtlMs: 31 * DAY,
    retry: { minimumBackoffMs: 20_000, maximumBackoffMs: 20_000 },
  })
  const from = clock.now()
  expect(subscription.nextDeadline()).toBe(from + 31 * DAY)
  publish(broker)
  expect(subscription.nextDeadline()).toBe(from + 7 * DAY)
  take(subscription)
  expect(subscription.nextDeadline()).toBe(from + 10_000)
  clock.advance(10_000)
  subscription.tick()
  expect(subscription.nextDeadline()).toBe(from + 30_000)
})

test('messages that nobody takes are dropped by the clock when their retention is over', () => {
  const { clock, broker, subscription } = subscribe()
  for (let i = 0; i < 100; i++) publish(broker)
  clock.advance(7 * DAY)
  subscription.tick()
  expect(subscription.ready).toBe(0)
  expect(subscription.nextDeadline()).toBeUndefined()
})
