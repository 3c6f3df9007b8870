import { setTimeout as wait } from 'node:timers/promises'
import type { v1 } from '@google-cloud/pubsub'

/** One delivery of a message. */
export interface Received {
  readonly ackId: string
  readonly text: string
  readonly id: string
  readonly data: Buffer
  readonly attributes: Readonly<Record<string, string>>
  readonly orderingKey: string
  /** Milliseconds since the epoch. */
  readonly publishTime: number
  readonly deliveryAttempt: number
}

/** A topic and one of its subscriptions, spoken about in few words. */
export interface Feed {
  readonly topic: string
  readonly subscription: string
  /** Publishes in one request; returns the messages' ids. */
  publish(...messages: readonly (string | object)[]): Promise<string[]>
  /** One pull, of what is ready now. */
  pull(maxMessages?: number): Promise<Received[]>
  /** Pulls until it has that many. */
  take(count: number): Promise<Received[]>
  /** What there is when nothing was expected. */
  rest(): Promise<Received[]>
  ack(...received: readonly Received[]): Promise<void>
  /** 0 seconds give the messages back. */
  modify(ackDeadlineSeconds: number, ...received: readonly Received[]): Promise<void>
}

interface FeedOptions {
  readonly publisher: v1.PublisherClient
  readonly subscriber: v1.SubscriberClient
  readonly topic: string
  readonly subscription: string
  settle(): Promise<void>
}

const PATIENCE_MS = 5_000
const BETWEEN_PULLS_MS = 25

export function feedOf({ publisher, subscriber, topic, subscription, settle }: FeedOptions): Feed {
  const pull = async (maxMessages = 100): Promise<Received[]> => {
    const [{ receivedMessages }] = await subscriber.pull({ subscription, maxMessages, returnImmediately: true })
    return (receivedMessages ?? []).map(({ ackId, message, deliveryAttempt }) => ({
      ackId: ackId ?? '',
      text: String(message?.data ?? ''),
      id: message?.messageId ?? '',
      data: Buffer.from(message?.data ?? []),
      attributes: message?.attributes ?? {},
      orderingKey: message?.orderingKey ?? '',
      publishTime:
        Number(message?.publishTime?.seconds) * 1_000 + Math.trunc(Number(message?.publishTime?.nanos) / 1e6),
      deliveryAttempt: deliveryAttempt ?? 0,
    }))
  }
  return {
    topic,
    subscription,
    pull,
    async publish(...messages) {
      const [{ messageIds }] = await publisher.publish({
        topic,
        messages: messages.map((message) => (typeof message === 'string' ? { data: Buffer.from(message) } : message)),
      })
      return messageIds ?? []
    },
    async take(count) {
      const until = performance.now() + PATIENCE_MS
      const received = await pull(count)
      while (received.length < count && performance.now() < until) {
        await wait(BETWEEN_PULLS_MS)
        received.push(...(await pull(count - received.length)))
      }
      if (received.length === count) return received
      throw new Error(`${received.length} of ${count} messages came within ${PATIENCE_MS} ms.`)
    },
    async rest() {
      await settle()
      return pull()
    },
    async ack(...received) {
      await subscriber.acknowledge({ subscription, ackIds: received.map(({ ackId }) => ackId) })
    },
    async modify(ackDeadlineSeconds, ...received) {
      const ackIds = received.map(({ ackId }) => ackId)
      await subscriber.modifyAckDeadline({ subscription, ackIds, ackDeadlineSeconds })
    },
  }
}

export const texts = (received: readonly Received[]): string[] => received.map(({ text }) => text)
