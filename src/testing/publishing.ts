import type { Topic } from '@google-cloud/pubsub'

/** An event as a producer has it: what is published is its JSON. */
export interface OutgoingEvent {
  readonly event_type: string
}

/** A message as Pub/Sub has it, for whatever is no event, or comes with attributes. */
export interface OutgoingMessage {
  /** Text goes as its UTF-8, bytes as they are, and anything else as JSON. */
  readonly data?: string | Uint8Array | object | number | boolean | null
  /** `event_id` names the event; without it, the message id does. */
  readonly attributes?: Readonly<Record<string, string>>
  readonly orderingKey?: string
}

export const messageOf = (event: OutgoingEvent): OutgoingMessage => {
  // Whoever writes no types may take one method for the other, and would publish a message within a message.
  if (typeof event?.event_type === 'string') return { data: event }
  throw new TypeError(
    'publish() takes an event, which has an event_type; publishMessage() takes { data, attributes, orderingKey }.',
  )
}

const bytesOf = (data: OutgoingMessage['data']): Uint8Array => {
  if (data instanceof Uint8Array) return data
  return Buffer.from(typeof data === 'string' ? data : data === undefined ? '' : JSON.stringify(data))
}

/** Resolves with the messages' ids, in their order, once the topic has all of them. */
export async function publishAll(topic: Topic, messages: readonly OutgoingMessage[]): Promise<string[]> {
  const publishes = await Promise.allSettled(
    messages.map(({ data, attributes = {}, orderingKey }) =>
      topic.publishMessage({ data: bytesOf(data), attributes, ...(orderingKey && { orderingKey }) }),
    ),
  )
  const refusals = publishes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
  if (refusals.length === 0) return publishes.map((publish) => (publish as PromiseFulfilledResult<string>).value)
  // After a failure the client refuses a key until it is told that the gap is known, which this error does.
  for (const { orderingKey } of messages) if (orderingKey) topic.resumePublishing(orderingKey)
  const [{ reason: cause }] = refusals as [PromiseRejectedResult]
  const those = messages.length === 1 ? 'the message' : `${refusals.length} of ${messages.length} messages`
  throw new Error(`The topic refused ${those}: ${(cause as Error).message}`, { cause })
}
