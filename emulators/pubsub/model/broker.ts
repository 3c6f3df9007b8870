import type { Clock } from '../../../clock/index.ts'
import { alreadyExists, notFound } from '../../shared/index.ts'
import { checkBatch, type Draft, sizeOf } from './message.ts'
import { type Collection, parseName, parseProject } from './names.ts'
import type { SubscriptionSettings } from './settings.ts'
import { Subscription } from './subscription.ts'
import { type Labels, Topic } from './topic.ts'

export interface BrokerOptions {
  readonly clock: Clock
  /** Told of each new subscription before its first message, so that somebody delivers it. */
  readonly opened: (subscription: Subscription) => void
}

/** All topics and subscriptions, by their full names. Every existence check is in here. */
export class Broker {
  #clock: Clock
  #opened: BrokerOptions['opened']
  #topics = new Map<string, Topic>()
  #subscriptions = new Map<string, Subscription>()
  #lastSerial = 0
  #lastMessageId: number

  constructor({ clock, opened }: BrokerOptions) {
    this.#clock = clock
    this.#opened = opened
    // 16 digits like the service's own, and above those of an emulator that ran before this one.
    this.#lastMessageId = clock.now() * 1_000
  }

  createTopic(name: string, labels: Labels): Topic {
    const { id } = parseName('topics', name)
    if (this.#topics.has(name)) throw exists(id)
    const topic = new Topic(name, labels)
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
    this.topic(name).deleted = true
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
    topic.publish(messages)
    return messages.map(({ id }) => id)
  }
}

function existing<Resource>(all: ReadonlyMap<string, Resource>, collection: Collection, name: string): Resource {
  const { id } = parseName(collection, name)
  const found = all.get(name)
  if (!found) throw notFound(`Resource not found (resource=${id}).`)
  return found
}

function inProject<Resource extends { name: string }>(all: ReadonlyMap<string, Resource>, project: string): Resource[] {
  const prefix = `projects/${parseProject(project)}/`
  const found = [...all.values()].filter(({ name }) => name.startsWith(prefix))
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

const exists = (id: string) => alreadyExists(`Resource already exists in the project (resource=${id}).`)
