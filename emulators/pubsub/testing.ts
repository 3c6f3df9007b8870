import { PubSub, v1 } from '@google-cloud/pubsub'
import { credentials } from '@grpc/grpc-js'
import { type ManualClock, manualClock } from '../../clock/index.ts'
import { type PubSubServer, startPubSub } from './index.ts'
import type { PubSubOptions } from './server.ts'

/** What the tests of this folder share: an emulator whose time stands still, and Google's clients connected to it. */
export interface Started extends AsyncDisposable {
  readonly clock: ManualClock
  readonly server: PubSubServer
  readonly pubsub: PubSub
  readonly publisher: v1.PublisherClient
  readonly subscriber: v1.SubscriberClient
}

/** Never sent; but without credentials the clients ask the metadata server which universe they are in. */
const CALLER = { client_email: 'test@example.com', private_key: 'none' }

export const PROJECT = 'test-project'
export const topicName = (id: string) => `projects/${PROJECT}/topics/${id}`
export const subscriptionName = (id: string) => `projects/${PROJECT}/subscriptions/${id}`

export async function start(options: Pick<PubSubOptions, 'faults' | 'onPublished'> = {}): Promise<Started> {
  const clock = manualClock()
  const server = await startPubSub({ clock, ...options })
  const apiEndpoint = `${server.host}:${server.port}`
  const pubsub = new PubSub({ projectId: PROJECT, apiEndpoint, emulatorMode: true, credentials: CALLER })
  const connection = {
    projectId: PROJECT,
    apiEndpoint: server.host,
    port: server.port,
    sslCreds: credentials.createInsecure(),
    credentials: CALLER,
  }
  const publisher = new v1.PublisherClient(connection)
  const subscriber = new v1.SubscriberClient(connection)
  return {
    clock,
    server,
    pubsub,
    publisher,
    subscriber,
    async [Symbol.asyncDispose]() {
      await Promise.all([pubsub.close(), publisher.close(), subscriber.close()])
      await server[Symbol.asyncDispose]()
    },
  }
}

/** A topic `events` with a subscription `worker`, the one thing most tests begin with. */
export async function startWithWorker(options: object = {}): Promise<Started & { worker: Worker }> {
  const started = await start()
  await started.publisher.createTopic({ name: topicName('events') })
  await started.subscriber.createSubscription({
    name: subscriptionName('worker'),
    topic: topicName('events'),
    ...options,
  })
  return { ...started, worker: new Worker(started) }
}

/** Talks about `events` and `worker` in few words. */
export class Worker {
  #started: Started
  constructor(started: Started) {
    this.#started = started
  }

  async publish(...texts: string[]): Promise<string[]> {
    const messages = texts.map((text) => ({ data: Buffer.from(text) }))
    const [{ messageIds }] = await this.#started.publisher.publish({ topic: topicName('events'), messages })
    return messageIds ?? []
  }

  /** When it is answered, whatever was sent before has been dealt with, and what came of it has had time to arrive. */
  async settle(): Promise<void> {
    for (let i = 0; i < 5; i++) await this.#started.publisher.getTopic({ topic: topicName('events') })
  }

  /** What is ready now. */
  async pull(maxMessages = 100): Promise<Received[]> {
    const [{ receivedMessages }] = await this.#started.subscriber.pull({
      subscription: subscriptionName('worker'),
      maxMessages,
      returnImmediately: true,
    })
    return (receivedMessages ?? []).map(({ ackId, message, deliveryAttempt }) => ({
      ackId: ackId ?? '',
      text: String(message?.data),
      id: message?.messageId ?? '',
      attributes: message?.attributes ?? {},
      deliveryAttempt: deliveryAttempt ?? 0,
    }))
  }

  async texts(): Promise<string[]> {
    return (await this.pull()).map(({ text }) => text)
  }

  async ack(...received: Received[]): Promise<void> {
    await this.#started.subscriber.acknowledge({
      subscription: subscriptionName('worker'),
      ackIds: received.map(({ ackId }) => ackId),
    })
  }

  /** 0 seconds gives the messages back. */
  async modify(ackDeadlineSeconds: number, ...received: Received[]): Promise<void> {
    await this.#started.subscriber.modifyAckDeadline({
      subscription: subscriptionName('worker'),
      ackIds: received.map(({ ackId }) => ackId),
      ackDeadlineSeconds,
    })
  }
}

export interface Received {
  ackId: string
  text: string
  id: string
  attributes: Record<string, string>
  deliveryAttempt: number
}
