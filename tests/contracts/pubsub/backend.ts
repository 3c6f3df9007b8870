import { randomUUID } from 'node:crypto'
import { type PubSub, v1 } from '@google-cloud/pubsub'
import type { google } from '@google-cloud/pubsub/build/protos/protos.js'
import { Endpoint } from './endpoint.ts'
import { type Feed, feedOf } from './feed.ts'

/** A Pub/Sub service as one test of the contract uses it. */
export interface PubSubBackend extends AsyncDisposable {
  readonly pubsub: PubSub
  /** The methods of the service as they are, without what the client above adds. */
  readonly publisher: v1.PublisherClient
  readonly subscriber: v1.SubscriberClient
  /** `projects/…` */
  readonly project: string
  /** The full name of a topic or a subscription that nobody else uses. What bears it at the end is deleted. */
  nameOf(kind: 'topics' | 'subscriptions'): string
  /** A new topic; returns its name. */
  topic(settings?: google.pubsub.v1.ITopic): Promise<string>
  /** A new subscription, to a new topic unless told otherwise. */
  subscribe(settings?: Settings): Promise<Feed>
  /** Lets time go by, by the service's own clock. */
  pass(ms: number): Promise<void>
  /** Resolves when whatever was to come of what was done has come: what is not there then will not come. */
  settle(): Promise<void>
  /** Something for the service to push to, which the test answers for. */
  endpoint(): Promise<Endpoint>
}

type Settings = Partial<google.pubsub.v1.ISubscription>

export interface PubSubAccess {
  readonly pubsub: PubSub
  pass(ms: number): Promise<void>
  /** Resolves when whatever was to come of what was done has come. */
  settle(): Promise<void>
  /** The name under which the service reaches this machine. */
  readonly callback: string
}

/** The contract's view of a service. The client stays its caller's to close. */
export async function pubsubBackend({ pubsub, pass, settle, callback }: PubSubAccess): Promise<PubSubBackend> {
  await using starting = new AsyncDisposableStack()
  const { port, ...config } = await pubsub.getClientConfig()
  const options = { ...config, ...(port !== undefined && { port: Number(port) }) }
  const publisher = starting.adopt(new v1.PublisherClient(options), (client) => client.close())
  const subscriber = starting.adopt(new v1.SubscriberClient(options), (client) => client.close())
  const run = randomUUID().slice(0, 8)
  const cleaning = starting.use(new AsyncDisposableStack())
  let names = 0
  const backend = {
    pubsub,
    publisher,
    subscriber,
    project: `projects/${pubsub.projectId}`,
    pass,
    settle,
    nameOf(kind: 'topics' | 'subscriptions') {
      const name = `projects/${pubsub.projectId}/${kind}/contract-${run}-${++names}`
      cleaning.defer(async () => {
        const deleted =
          kind === 'topics'
            ? publisher.deleteTopic({ topic: name })
            : subscriber.deleteSubscription({ subscription: name })
        await deleted.catch((error: { code: number }) => {
          if (error.code !== NOT_FOUND) throw error
        })
      })
      return name
    },
    async topic(topic = {}) {
      const name = backend.nameOf('topics')
      await publisher.createTopic({ name, ...topic })
      return name
    },
    async subscribe({ topic, ...settings }: Settings = {}) {
      const names = { topic: topic ?? (await backend.topic()), subscription: backend.nameOf('subscriptions') }
      await subscriber.createSubscription({ topic: names.topic, name: names.subscription, ...settings })
      return feedOf({ publisher, subscriber, settle, ...names })
    },
    async endpoint() {
      return cleaning.use(await Endpoint.listen(callback))
    },
  }
  const running = starting.move()
  return { ...backend, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

const NOT_FOUND = 5
