import type { Clock } from '../../../clock/index.ts'
import { invalidArgument } from '../../shared/index.ts'
import { checkBatch, type Draft, type Message, sizeOf } from './message.ts'
import { parseName } from './names.ts'
import { detached, existing, exists, inProject } from './resources.ts'
import type { SubscriptionSettings } from './settings.ts'
import { Snapshots } from './snapshots.ts'
import { Subscription } from './subscription.ts'
import { type Labels, Topic } from './topic.ts'

export interface BrokerOptions {
  readonly clock: Clock
  /** Told of each new subscription before its first message, so that somebody delivers it. */
  readonly opened: (subscription: Subscription) => void
  /** Told of what a topic takes before anybody else hears of it: subscriptions, and whoever published. */
  readonly published?: OnPublished
}

/** `topic` is the full name. */
export type OnPublished = (topic: string, messages: readonly Message[]) => void

/** All topics, subscriptions and snapshots, by their full names. Every existence check is in here. */
export class Broker {
  readonly snapshots: Snapshots
  #clock: Clock
  #opened: BrokerOptions['opened']
  #published: OnPublished
  #topics = new Map<string, Topic>()
  #subscriptions = new Map<string, Subscription>()
  #lastSerial = 0
  #lastMessageId: number

  constructor({ clock, opened, published = () => {} }: BrokerOptions) {
    this.#clock = clock
    this.#opened = opened
    this.#published = published
    this.snapshots = new Snapshots(this, clock)
    // 16 digits like the service's own, and above those of an emulator that ran before this one.
    this.#lastMessageId = clock.now() * 1_000
  }

  /** `retentionMs` is 0 for a topic that keeps nothing. */
  createTopic(name: string, labels: Labels, retentionMs = 0): Topic {
    const { id } = parseName('topics', name)
    if (this.#topics.has(name)) throw exists(id)
    const topic = new Topic(name, labels, retentionMs)
    this.#topics.set(name, topic)
    return topic
  }

  topic(name: string): Topic {
    return existing(this.#topics, 'topics', name)
  }

  /** Those of `projects/{project}`, by name. */
  topics(project: string): Topic[] {
    return inProject(this.#topics, project)
  }

  /** Its subscriptions stay, and deliver what they still have. */
  deleteTopic(name: string): void {
    this.topic(name).delete()
    this.#topics.delete(name)
  }

  createSubscription(name: string, topicName: string, settings: SubscriptionSettings): Subscription {
    const { id } = parseName('subscriptions', name)
    const topic = this.topic(topicName)
    if (settings.deadLetter) this.topic(settings.deadLetter.topic)
    if (this.#subscriptions.has(name)) throw exists(id)
    const subscription = new Subscription({
      name,
      topic,
      settings,
      clock: this.#clock,
      serial: ++this.#lastSerial,
      forward: (target, draft) => this.#forward(target, draft),
    })
    this.#opened(subscription)
    this.#subscriptions.set(name, subscription)
    topic.subscriptions.add(subscription)
    return subscription
  }

  subscription(name: string): Subscription {
    return existing(this.#subscriptions, 'subscriptions', name)
  }

  /** FAILED_PRECONDITION when it is detached. */
  attachedSubscription(name: string): Subscription {
    const subscription = this.subscription(name)
    if (subscription.detached) throw detached()
    return subscription
  }

  /** Those of `projects/{project}`, by name. */
  subscriptions(project: string): Subscription[] {
    return inProject(this.#subscriptions, project)
  }

  updateSubscription(name: string, settings: SubscriptionSettings): Subscription {
    const subscription = this.subscription(name)
    if (settings.deadLetter) this.topic(settings.deadLetter.topic)
    subscription.update(settings)
    return subscription
  }

  /** It stays, without messages and without a way back to its topic. */
  detachSubscription(name: string): void {
    const subscription = this.subscription(name)
    subscription.topic.subscriptions.delete(subscription)
    subscription.detach()
  }

  seekToTime(name: string, time: number): void {
    this.attachedSubscription(name).seekToTime(time)
  }

  /** INVALID_ARGUMENT when the snapshot is one of another topic. */
  seekToSnapshot(name: string, snapshotName: string): void {
    const subscription = this.attachedSubscription(name)
    const snapshot = this.snapshots.get(snapshotName)
    if (snapshot.topic !== subscription.topic) {
      throw invalidArgument("The snapshot's topic must be the same as that of the provided subscription.")
    }
    subscription.seekToSnapshot(snapshot)
  }

  deleteSubscription(name: string): void {
    const subscription = this.subscription(name)
    subscription.topic.subscriptions.delete(subscription)
    this.#subscriptions.delete(name)
    subscription.close()
  }

  /** Returns the messages' ids, in their order. All are taken, or, when one breaks a limit, none. */
  publish(topicName: string, drafts: readonly Draft[]): string[] {
    const topic = this.topic(topicName)
    return this.#accept(topic, drafts, checkBatch(drafts))
  }

  /** The limits of Publish do not hold here: the attributes added may go beyond. */
  #forward(topicName: string, draft: Draft): boolean {
    const topic = this.#topics.get(topicName)
    if (topic) this.#accept(topic, [draft], [sizeOf(draft)])
    return topic !== undefined
  }

  #accept(topic: Topic, drafts: readonly Draft[], sizes: readonly number[]): string[] {
    const publishTime = this.#clock.now()
    const messages = drafts.map(({ data, attributes, orderingKey }, index) => ({
      id: String(++this.#lastMessageId),
      publishTime,
      data,
      attributes,
      orderingKey,
      size: sizes[index]!,
    }))
    this.#published(topic.name, messages)
    topic.publish(messages, publishTime)
    return messages.map(({ id }) => id)
  }
}
