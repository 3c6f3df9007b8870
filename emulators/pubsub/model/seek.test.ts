import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { manualClock } from '../../../clock/index.ts'
import { Broker } from './broker.ts'
import type { Message } from './message.ts'
import type { SubscriptionSettings } from './settings.ts'
import type { Snapshot } from './snapshot.ts'
import type { Delivery } from './subscription.ts'

const DAY = 86_400_000
const TOPIC = 'projects/p/topics/events'
const WORKER = 'projects/p/subscriptions/worker'

const settings: SubscriptionSettings = {
  labels: {},
  ackDeadlineMs: 10_000,
  messageRetentionMs: 7 * DAY,
  retainAcked: true,
  expirationTtlMs: undefined,
  deadLetter: undefined,
  retry: { minimumBackoffMs: 1_000, maximumBackoffMs: 60_000 },
  push: undefined,
  exactlyOnce: false,
  ordering: false,
  filter: '',
}

interface Known {
  publishTime: number
  acknowledged: boolean
}

class World {
  readonly clock = manualClock()
  readonly broker = new Broker({ clock: this.clock, opened: () => {} })
  readonly subscription
  readonly known = new Map<string, Known>()
  readonly deliveries: Delivery[] = []
  /** What each snapshot holds, by hand; those published since are added. */
  readonly snapshots: { snapshot: Snapshot; ids: Set<string> }[] = []

  constructor(changes: Partial<SubscriptionSettings>) {
    this.broker.createTopic(TOPIC, {})
    this.subscription = this.broker.createSubscription(WORKER, TOPIC, { ...settings, ...changes })
  }

  publish(orderingKey: string): void {
    const [id] = this.broker.publish(TOPIC, [{ data: Buffer.from('x'), attributes: {}, orderingKey }])
    this.known.set(id!, { publishTime: this.clock.now(), acknowledged: false })
    for (const { ids } of this.snapshots) ids.add(id!)
  }

  take(maxMessages: number): Delivery[] {
    const taken = this.subscription.take({ maxMessages, maxBytes: 1e6, holder: { messages: 0, bytes: 0 } })
    this.deliveries.push(...taken)
    return taken
  }

  acknowledge({ ackId, message }: Delivery): void {
    const { invalid } = this.subscription.acknowledge([ackId])
    if (invalid.length === 0) this.known.get(message.id)!.acknowledged = true
  }

  snapshot(): void {
    const name = `projects/p/snapshots/snap-${this.snapshots.length}`
    this.snapshots.push({
      snapshot: this.broker.snapshots.create(name, WORKER, {}),
      ids: new Set(this.unacknowledged()),
    })
  }

  /** Sets the state of each by hand as the seek does. */
  mark(isUnacknowledged: (id: string, known: Known) => boolean): void {
    for (const [id, known] of this.known) known.acknowledged = !isUnacknowledged(id, known)
  }

  unacknowledged(): string[] {
    return [...this.known].filter(([, { acknowledged }]) => !acknowledged).map(([id]) => id)
  }

  /** All that arrives until nothing is left. */
  drain(): Message[] {
    const arrived: Message[] = []
    this.clock.advance(3_600_000)
    for (let taken = this.take(1_000); taken.length > 0; taken = this.take(1_000)) {
      arrived.push(...taken.map(({ message }) => message))
      for (const delivery of taken) this.acknowledge(delivery)
    }
    return arrived
  }
}

type Step = (world: World) => void

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom('', '', 'a', 'b').map((key) => (world: World) => world.publish(key)),
  fc.integer({ min: 1, max: 3 }).map((most) => (world: World) => void world.take(most)),
  fc.nat().map((which) => (world: World) => {
    if (world.deliveries.length > 0) world.acknowledge(world.deliveries[which % world.deliveries.length]!)
  }),
  fc.nat().map((which) => (world: World) => {
    const delivery = world.deliveries[which % Math.max(1, world.deliveries.length)]
    if (delivery) world.subscription.modifyAckDeadline([delivery.ackId], 0)
  }),
  fc.integer({ min: 1, max: 15_000 }).map((ms) => (world: World) => world.clock.advance(ms)),
  fc.integer({ min: -40_000, max: 1_000 }).map((ago) => (world: World) => {
    const time = world.clock.now() + ago
    world.broker.seekToTime(WORKER, time)
    world.mark((_, { publishTime }) => publishTime >= time)
  }),
  fc.constant((world: World) => world.snapshot()),
  fc.nat().map((which) => (world: World) => {
    const found = world.snapshots[which % Math.max(1, world.snapshots.length)]
    if (!found) return
    world.broker.seekToSnapshot(WORKER, found.snapshot.name)
    world.mark((id) => found.ids.has(id))
  }),
)

test('whatever happened before, a seek leaves exactly those to deliver that it says', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 60, size: 'max' }), (history) => {
      const world = new World({})
      for (const step of history) step(world)
      const left = world.unacknowledged()
      expect(
        world
          .drain()
          .map(({ id }) => id)
          .sort(),
      ).toEqual(left.sort())
    }),
    { numRuns: 300 },
  )
})

test('after a seek the messages of a key come in the order of their publication', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 60, size: 'max' }), (history) => {
      const world = new World({ ordering: true })
      for (const step of history) step(world)
      const from = world.clock.now() - 30_000
      world.broker.seekToTime(WORKER, from)
      world.mark((_, { publishTime }) => publishTime >= from)
      const expected = world.unacknowledged()
      const arrived = world.drain()
      expect(arrived.map(({ id }) => id).sort()).toEqual(expected.sort())
      for (const key of ['a', 'b']) {
        const ids = arrived.filter(({ orderingKey }) => orderingKey === key).map(({ id }) => id)
        expect(ids).toEqual(ids.toSorted())
      }
    }),
    { numRuns: 200 },
  )
})

test('what goes to the dead letters at the moment of a seek is brought back by it like all else', () => {
  const DEAD = 'projects/p/topics/dead'
  const world = new World({})
  world.broker.createTopic(DEAD, {})
  world.broker.updateSubscription(WORKER, { ...settings, deadLetter: { topic: DEAD, maxDeliveryAttempts: 5 } })
  world.publish('')
  for (let attempt = 1; attempt < 5; attempt++) {
    for (const { ackId } of world.take(1)) world.subscription.modifyAckDeadline([ackId], 0)
    world.clock.advance(60_000)
  }
  expect(world.take(1)).toMatchObject([{ deliveryAttempt: 5 }])
  world.clock.advance(60_000) // the last lease is over, and nobody has looked since
  world.broker.seekToTime(WORKER, 0)
  expect(world.drain().map(({ id }) => id)).toEqual([...world.known.keys()])
})
