import type { Topic } from '@google-cloud/pubsub'
import type { Clock } from '../../clock/index.ts'
import { FixtureError, nameOf, type RecordedMessage } from './format.ts'

export interface PublishOptions {
  /** 1 keeps the time between messages, N makes it as many times shorter, 0 does not wait at all. */
  readonly speed: number
  readonly clock: Clock
  /** Told of each message that the topic has: its id now, and the name of its event. */
  readonly onPublished: (messageId: string, name: string) => void
}

/** Publishes that may be under way, and their bytes: enough for the topic never to wait for us. */
const MOST_MESSAGES = 5_000
const MOST_BYTES = 32 * 1024 * 1024

/** Publishes messages in their order, byte for byte. Throws a FixtureError when the topic refuses one. */
export async function publishMessages(
  topic: Topic,
  messages: AsyncIterable<RecordedMessage>,
  { speed, clock, onPublished }: PublishOptions,
): Promise<void> {
  const start = clock.now()
  let underWay = 0
  let bytes = 0
  let refused: FixtureError | undefined
  let landed = Promise.withResolvers<void>()
  for await (const message of messages) {
    const due = speed === 0 ? start : start + message.offsetMs / speed
    if (due > clock.now()) await new Promise<void>((resolve) => void clock.at(due, resolve))
    while (underWay >= MOST_MESSAGES || bytes >= MOST_BYTES) await landed.promise
    if (refused) break
    const { data, attributes, orderingKey } = message
    underWay++
    bytes += data.length
    topic
      .publishMessage({ data, attributes, ...(orderingKey && { orderingKey }) })
      .then((messageId) => onPublished(messageId, nameOf(message)))
      .catch((cause: unknown) => {
        refused ??= new FixtureError(`The topic refuses ${message.messageId}: ${(cause as Error).message}`, { cause })
      })
      .finally(() => {
        underWay--
        bytes -= data.length
        landed.resolve()
        landed = Promise.withResolvers()
      })
  }
  while (underWay > 0) await landed.promise
  if (refused) throw refused
}
