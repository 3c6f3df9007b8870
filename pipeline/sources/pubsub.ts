import { Duration, type PubSub, type Message as Received, SubscriptionCloseBehaviors } from '@google-cloud/pubsub'
import type { Message } from '../transforms/message.ts'
import type { OpenSource } from './delivery.ts'

/** Google Cloud gives one stream about 10 MB/s. More streams, and the client's limits would mean as much less. */
const STREAMS = 2

/**
 * The client leases for 10 seconds otherwise, and extends all leases at random times within them, each by a call of its
 * own. On a machine that is short of time the calls take longer than that: the client then extends without a pause, which
 * leaves no time for anything else, and what is being worked on is delivered once more.
 */
const LEASE = Duration.from({ seconds: 60 })

export interface PubSubLimits {
  /** Messages, and bytes of their data, that may be out at once. */
  readonly maxMessages: number
  readonly maxBytes: number
  /** How long to wait on closing for messages that are being worked on, before they are given back. */
  readonly closeMs: number
}

/**
 * Pulls from a subscription (google.pubsub.v1.Subscriber.StreamingPull). The client extends the leases of what is out,
 * for an hour at most, and reconnects after transient errors.
 */
export const pubSubSource =
  (pubsub: PubSub, subscriptionName: string, { maxMessages, maxBytes, closeMs }: PubSubLimits): OpenSource =>
  (deliver) => {
    const subscription = pubsub.subscription(subscriptionName, {
      flowControl: { maxMessages, maxBytes },
      minAckDeadline: LEASE,
      streamingOptions: { maxStreams: STREAMS },
      closeOptions: {
        behavior: SubscriptionCloseBehaviors.WaitForProcessing,
        timeout: Duration.from({ milliseconds: closeMs }),
      },
    })
    const failed = new Promise<never>((_resolve, reject) => subscription.on('error', reject))
    subscription.on('message', (received: Received) =>
      deliver({ message: messageOf(received), ack: () => received.ack(), nack: () => received.nack() }),
    )
    return { failed, close: () => subscription.close() }
  }

const messageOf = ({ id, data, attributes, publishTime }: Received): Message => ({
  id,
  data,
  attributes,
  publishTime: shortest(publishTime.toISOString()),
})

/** 0, 3, 6 or 9 digits after the second, as Pub/Sub itself writes times in JSON. */
const shortest = (time: string): string => time.replace(/(?:\.000000000|000000|000)Z$/, 'Z')
