import type { Clock } from '../../../clock/index.ts'
import { type Backlog, UnorderedBacklog } from './backlog.ts'
import { deadLetter } from './dead-letter.ts'
import { type Filter, parseFilter } from './filter.ts'
import { type Entry, type Holder, type Lease, Leases } from './leases.ts'
import type { Draft, Message } from './message.ts'
import { parseName, type ResourceName } from './names.ts'
import { OrderedBacklog } from './ordered-backlog.ts'
import { backoff, type SubscriptionSettings } from './settings.ts'
import type { Snapshot } from './snapshot.ts'
import type { Topic } from './topic.ts'

/** One delivery of one message. */
export interface Delivery {
  readonly ackId: string
  readonly message: Message
  /** From 1; 0 when the subscription has no dead-letter policy. */
  readonly deliveryAttempt: number
}

export interface TakeLimits {
  readonly maxMessages: number
  /** The last message may go beyond. */
  readonly maxBytes: number
  /** Of one ordering key, where there is an order; unlimited when absent. */
  readonly maxPerKey?: number | undefined
  readonly holder: Holder
  /** Instead of the subscription's own. */
  readonly ackDeadlineMs?: number | undefined
}

export interface AckOutcome {
  /** The lease had ended before. */
  readonly invalid: string[]
  /**
   * Refused, with exactly-once delivery and ordering: a message before it is not acknowledged yet, and might still bring
   * this one back. The lease goes on.
   */
  readonly unordered: string[]
}

export interface SubscriptionOptions {
  readonly name: string
  readonly topic: Topic
  readonly settings: SubscriptionSettings
  readonly clock: Clock
  /** Unlike that of any other subscription: ack ids start with it. */
  readonly serial: number
  /** Publishes to a dead-letter topic; false when there is no such topic. */
  readonly forward: (topic: string, draft: Draft) => boolean
}

/** A message goes round in here: waiting, leased, and either acknowledged or waiting again, until it is too old. */
export class Subscription {
  readonly name: string
  readonly topic: Topic
  /** Whoever delivers: called when a message may be ready, or the next deadline has moved. */
  changed: () => void = () => {}
  #settings: SubscriptionSettings
  #resource: ResourceName
  #clock: Clock
  #forward: SubscriptionOptions['forward']
  #backlog: Backlog
  #leases: Leases
  #filter: Filter
  #lastActivity: number
  #sweepAt: number | undefined
  /** Acknowledged, and kept for a seek. */
  #acknowledged = new Set<Message>()
  #closed = false
  #detached = false

  constructor({ name, topic, settings, clock, serial, forward }: SubscriptionOptions) {
    this.name = name
    this.topic = topic
    this.#settings = settings
    this.#resource = parseName('subscriptions', name)
    this.#clock = clock
    this.#forward = forward
    this.#backlog = emptyBacklog(settings)
    this.#filter = settings.filter === '' ? () => true : parseFilter(settings.filter)
    this.#leases = new Leases(clock, String(serial))
    this.#lastActivity = clock.now()
  }

  get settings(): SubscriptionSettings {
    return this.#settings
  }

  /** Whether it was deleted, by a request or because nobody used it. */
  get closed(): boolean {
    return this.#closed
  }

  /** Whether its topic gives it no messages any more (google.pubsub.v1.Subscription.detached). */
  get detached(): boolean {
    return this.#detached
  }

  /** About how many messages could be taken now. */
  get ready(): number {
    return this.#backlog.ready
  }

  update(settings: SubscriptionSettings): void {
    this.#settings = settings
    if (!settings.retainAcked) this.#acknowledged.clear()
    this.touch()
    this.changed()
  }

  close(): void {
    this.#closed = true
    this.changed()
  }

  /** Drops all messages, for good: nobody offers it others. */
  detach(): void {
    this.#detached = true
    this.#leases.clear()
    this.#backlog = emptyBacklog(this.#settings)
    this.#acknowledged.clear()
    this.#sweepAt = undefined
    this.changed()
  }

  /** All that is waiting or leased, in no order. */
  unacknowledged(): Message[] {
    this.tick()
    return [...this.#backlog.waiting(), ...this.#leases.messages()].filter(this.#retained())
  }

  /** Of the messages that are still there, those published from `time` on become unacknowledged, and the others acknowledged. */
  seekToTime(time: number): void {
    this.#seek([], ({ publishTime }) => publishTime >= time)
  }

  /** What the snapshot holds becomes unacknowledged, and all else acknowledged. The snapshot is one of the same topic. */
  seekToSnapshot({ messages }: Snapshot): void {
    this.#seek(messages, (message) => messages.has(message))
  }

  /** Takes those that its filter matches; to the others it is as if they had been acknowledged at once. */
  offer(messages: readonly Message[]): void {
    for (const message of messages) if (this.#filter(message.attributes)) this.#backlog.add(message)
    this.#sweepAt ??= this.#clock.now() + this.#retentionMs()
    this.changed()
  }

  /** Leases what is ready, within the limits. */
  take({ maxMessages, maxBytes, maxPerKey = Number.POSITIVE_INFINITY, holder, ackDeadlineMs }: TakeLimits): Delivery[] {
    this.tick()
    this.touch()
    const deadline = ackDeadlineMs ?? this.#settings.ackDeadlineMs
    const entries = this.#backlog.take({ max: maxMessages, maxBytes, maxPerKey }, this.#retained())
    const counted = this.#settings.deadLetter !== undefined
    return entries.map((entry) => ({
      ackId: this.#leases.grant(entry, deadline, holder).ackId,
      message: entry.message,
      deliveryAttempt: counted ? entry.failures + 1 : 0,
    }))
  }

  /** Ack ids whose lease had ended before do nothing. */
  acknowledge(ackIds: readonly string[]): AckOutcome {
    const unordered: string[] = []
    const invalid = this.#eachLease(this.#inOrderOfDelivery(ackIds), (lease) => {
      if (this.#settings.exactlyOnce && !this.#backlog.inOrder(lease.entry)) {
        unordered.push(lease.ackId)
        return
      }
      this.#leases.release(lease)
      this.#backlog.settle(lease.entry)
      this.#keepAcknowledged(lease.entry.message)
    })
    return { invalid, unordered }
  }

  /** 0 gives the message back. Returns the ack ids whose lease had ended before. */
  modifyAckDeadline(ackIds: readonly string[], ackDeadlineMs: number): string[] {
    return this.#eachLease(ackIds, (lease) => {
      if (ackDeadlineMs > 0) return this.#leases.extend(lease, ackDeadlineMs)
      this.#leases.release(lease)
      this.#fail(lease.entry, this.#clock.now())
    })
  }

  /** Catches up with the clock: expires leases, lets those in that waited, drops what is too old. */
  tick(): void {
    for (const { entry, deadline } of this.#leases.takeExpired()) this.#fail(entry, deadline)
    const now = this.#clock.now()
    this.#backlog.wake(now)
    if (this.#sweepAt !== undefined && this.#sweepAt <= now) this.#sweep(now)
  }

  /** Somebody uses the subscription, so it does not expire. */
  touch(): void {
    this.#lastActivity = this.#clock.now()
  }

  /** Whether nobody has used it for as long as its expiration policy allows. */
  get expired(): boolean {
    const expiry = this.#expiry()
    return expiry !== undefined && expiry <= this.#clock.now()
  }

  /** When `tick` has something to do, or the subscription expires. */
  nextDeadline(): number | undefined {
    const times = [this.#leases.nextDeadline(), this.#backlog.nextWake(), this.#sweepAt, this.#expiry()]
    return times.reduce((first, time) => (first === undefined || (time !== undefined && time < first) ? time : first))
  }

  /**
   * Everybody loses their leases, and failures are forgotten: each message begins anew, so that the order of keys holds.
   */
  #seek(more: Iterable<Message>, isUnacknowledged: (message: Message) => boolean): void {
    this.touch()
    this.tick() // what it forwards counts as acknowledged, and so can come back
    const kept = this.topic.retained(this.#clock.now())
    const known = new Set([...this.#acknowledged, ...kept, ...this.unacknowledged(), ...more])
    const retained = this.#retained()
    const messages = [...known].filter((message) => retained(message) && this.#filter(message.attributes))
    this.#leases.clear()
    this.#backlog = emptyBacklog(this.#settings)
    this.#acknowledged.clear()
    for (const message of messages.sort(inOrderOfPublication)) {
      if (isUnacknowledged(message)) this.#backlog.add(message)
      else this.#keepAcknowledged(message)
    }
    this.#sweep(this.#clock.now())
    this.changed()
  }

  #keepAcknowledged(message: Message): void {
    if (!this.#settings.retainAcked) return
    this.#acknowledged.add(message)
    this.#sweepAt ??= message.publishTime + this.#retentionMs()
  }

  #expiry(): number | undefined {
    const ttl = this.#settings.expirationTtlMs
    return ttl === undefined ? undefined : this.#lastActivity + ttl
  }

  /** So that the acks of one request are never out of order among themselves. */
  #inOrderOfDelivery(ackIds: readonly string[]): readonly string[] {
    if (!this.#settings.ordering) return ackIds
    const deliveries = new Map(ackIds.map((ackId) => [ackId, this.#leases.find(ackId)?.delivery ?? 0]))
    return ackIds.toSorted((a, b) => deliveries.get(a)! - deliveries.get(b)!)
  }

  #eachLease(ackIds: readonly string[], settle: (lease: Lease) => void): string[] {
    this.tick()
    this.touch()
    const ended: string[] = []
    for (const ackId of ackIds) {
      const lease = this.#leases.find(ackId)
      if (lease) settle(lease)
      else ended.push(ackId)
    }
    this.changed()
    return ended
  }

  /** A delivery was given back, or its lease expired, at that time: forward the message when that was one too many. */
  #fail(entry: Entry, time: number): void {
    entry.failures++
    const { deadLetter: policy, retry } = this.#settings
    const spent = policy !== undefined && entry.failures >= policy.maxDeliveryAttempts
    const forwarded = spent && this.#forward(policy.topic, deadLetter(entry.message, this.#resource, entry.failures))
    if (forwarded) this.#keepAcknowledged(entry.message)
    const recalled = forwarded
      ? this.#backlog.remove(entry)
      : this.#backlog.retry(entry, time + backoff(retry, entry.failures))
    for (const { lease } of recalled) if (lease) this.#leases.release(lease)
    this.#sweepAt ??= entry.message.publishTime + this.#retentionMs()
  }

  /** A message too old is never taken; sweeping only frees the memory of those that nobody takes. */
  #sweep(now: number): void {
    const retention = this.#retentionMs()
    const retained = this.#retained()
    let oldest = this.#backlog.sweep(retained)
    for (const message of this.#acknowledged) {
      if (!retained(message)) this.#acknowledged.delete(message)
      else if (oldest === undefined || message.publishTime < oldest) oldest = message.publishTime
    }
    const soonest = now + retention / 100 // each sweep looks at the whole backlog, so they must be rare
    this.#sweepAt = oldest === undefined ? undefined : Math.max(oldest + retention, soonest)
  }

  /** A topic's retention holds for all its subscriptions (cloud.google.com/pubsub/docs/replay-overview). */
  #retentionMs(): number {
    return Math.max(this.#settings.messageRetentionMs, this.topic.retentionMs)
  }

  #retained(): (message: Message) => boolean {
    const oldest = this.#clock.now() - this.#retentionMs()
    return ({ publishTime }) => publishTime > oldest
  }
}

const emptyBacklog = ({ ordering }: SubscriptionSettings): Backlog =>
  ordering ? new OrderedBacklog() : new UnorderedBacklog()

/** Ids are numbers that grow. */
const inOrderOfPublication = (a: Message, b: Message) => Number(a.id) - Number(b.id)
