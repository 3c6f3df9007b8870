import type { PubSub, Topic } from '@google-cloud/pubsub'
import type { GeneratedMessage } from './message.ts'

/**
 * A topic that gathers messages into requests: up to 1,000 messages or 1 MB, or what came within 10 ms. Messages with an
 * ordering key keep their order; each key has requests of its own.
 */
export const batchingTopic = (pubsub: PubSub, name: string): Topic =>
  pubsub.topic(name, {
    batching: { maxMessages: 1_000, maxBytes: 1_000_000, maxMilliseconds: 10 },
    messageOrdering: true,
  })

type Publishable = Pick<GeneratedMessage, 'data' | 'attributes' | 'customerId'>

/** Publishes one message; resolves to its message id when the topic has it. */
export const publishTo =
  (topic: Topic) =>
  ({ data, attributes }: Publishable): Promise<string> =>
    topic.publishMessage({ data, attributes })

/** The same, with the customer whom the message is about as its ordering key; without one where it is about nobody. */
export const publishInOrderTo =
  (topic: Topic) =>
  async ({ data, attributes, customerId: orderingKey }: Publishable): Promise<string> => {
    if (orderingKey === undefined) return topic.publishMessage({ data, attributes })
    return topic.publishMessage({ data, attributes, orderingKey }).catch((thrown: unknown) => {
      // Google asks for this after a failure, without which a client may refuse the key. The gap is known: it is counted.
      topic.resumePublishing(orderingKey)
      throw thrown
    })
  }
