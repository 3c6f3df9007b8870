import type { CreateSubscriptionOptions, Message, PubSub } from '@google-cloud/pubsub'
import { FixtureError, type RecordedMessage } from './format.ts'

/** What to record: all that is published to a topic from now on, or what a subscription has yet to acknowledge too. */
export type Origin = { readonly topic: string } | { readonly subscription: string }

export interface Listening extends AsyncDisposable {
  /** The temporary subscription. */
  readonly name: string
  /** Rejects when the subscription fails for good, or a message cannot be taken. */
  readonly failed: Promise<never>
}

export interface ListenOptions {
  /** Of the temporary subscription and snapshot; nothing else may have it. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Called one at a time. */
  readonly take: (message: RecordedMessage) => Promise<void>
}

const DAY_S = 86_400
const HOUR_S = 3_600
const NOT_FOUND = 5

/**
 * Listens through a subscription of its own, so that nobody is kept from a message: Pub/Sub lets nobody look at another's
 * messages without taking a lease on them. To record a subscription, the temporary one is set to a snapshot of it: it
 * then has all that the other has not acknowledged, and all that comes after
 * (cloud.google.com/pubsub/docs/replay-overview).
 *
 * Disposing of it removes the subscription. Should this process be killed, Pub/Sub does so after some days without use.
 */
export async function listen(pubsub: PubSub, origin: Origin, options: ListenOptions): Promise<Listening> {
  await using starting = new AsyncDisposableStack()
  const { topic, settings } = await describe(pubsub, origin)
  const { name, labels, take } = options
  await pubsub.createSubscription(topic, name, { ...settings, labels: { ...labels } }).catch(notThere(topic))
  const subscription = pubsub.subscription(name, { flowControl: { maxMessages: 5_000, maxBytes: 64 * 1024 * 1024 } })
  starting.defer(async () => {
    await subscription.close()
    await pubsub.subscription(name).delete().catch(unlessGone)
  })
  if ('subscription' in origin) await seekToSnapshot(pubsub, origin.subscription, name)
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {}) // told to whoever waits for it
  subscription.on('error', failed.reject)
  let turn = Promise.resolve()
  subscription.on('message', (received: Message) => {
    // Nobody else has a use for a message of this subscription, so it is acknowledged as soon as it was taken.
    turn = turn.then(() => take(recorded(received))).then(() => received.ack())
    turn.catch(failed.reject)
  })
  starting.defer(() => void subscription.removeAllListeners('message'))
  const running = starting.move()
  return { name, failed: failed.promise, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Expires sooner than anybody else's, but not before it could lose a message. */
async function describe(
  pubsub: PubSub,
  origin: Origin,
): Promise<{ topic: string; settings: CreateSubscriptionOptions }> {
  if ('topic' in origin) {
    const settings = { expirationPolicy: { ttl: { seconds: DAY_S } }, messageRetentionDuration: { seconds: HOUR_S } }
    return { topic: origin.topic, settings }
  }
  const [{ topic, filter, messageRetentionDuration }] = await pubsub
    .subscription(origin.subscription)
    .getMetadata()
    .catch(notThere(origin.subscription))
  if (!topic || topic === '_deleted-topic_') throw new FixtureError(`The topic of ${origin.subscription} is deleted.`)
  const retention = Number(messageRetentionDuration?.seconds ?? 7 * DAY_S)
  const settings = {
    expirationPolicy: { ttl: { seconds: retention + DAY_S } },
    messageRetentionDuration: { seconds: retention },
    ...(filter && { filter }),
  }
  return { topic, settings }
}

async function seekToSnapshot(pubsub: PubSub, from: string, to: string): Promise<void> {
  const [snapshot] = await pubsub.subscription(from).createSnapshot(to)
  try {
    await pubsub.subscription(to).seek(snapshot.name)
  } finally {
    await snapshot.delete()
  }
}

const recorded = ({ id, data, attributes, orderingKey, publishTime }: Message): RecordedMessage => ({
  messageId: id,
  publishTime: publishTime.toISOString().replace(/(?:\.000000000|000000|000)Z$/, 'Z'),
  offsetMs: 0,
  ...(orderingKey && { orderingKey }),
  attributes,
  data,
})

const codeOf = (thrown: unknown) => (thrown as { code?: unknown }).code

const notThere =
  (name: string) =>
  (thrown: unknown): never => {
    if (codeOf(thrown) !== NOT_FOUND) throw thrown
    throw new FixtureError(`There is no ${name}.`, { cause: thrown })
  }

const unlessGone = (thrown: unknown): void => {
  if (codeOf(thrown) !== NOT_FOUND) throw thrown
}
