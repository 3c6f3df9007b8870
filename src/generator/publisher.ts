import type { PubSub, Topic } from '@google-cloud/pubsub'
import type { GeneratedMessage } from './message.ts'

/** A topic that gathers messages into requests: up to 1,000 messages or 1 MB, or what came within 10 ms. */
export const batchingTopic = (pubsub: PubSub, name: string): Topic =>
  pubsub.topic(name, { batching: { maxMessages: 1_000, maxBytes: 1_000_000, maxMilliseconds: 10 } })

/** Publishes one message; resolves to its message id when the topic has it. */
export const publishTo =
  (topic: Topic) =>
  ({ data, attributes }: Pick<GeneratedMessage, 'data' | 'attributes'>): Promise<string> =>
    topic.publishMessage({ data, attributes })
