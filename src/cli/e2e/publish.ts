import { systemClock } from '../../../clock/index.ts'
import { batchingTopic, publishTo, runScenario } from '../../generator/index.ts'
import type { Stack } from '../../stack/index.ts'
import type { InputMessage } from './input.ts'

/** A message that the topic has taken; a line of `published.ndjson`. */
export interface Published {
  readonly event_id: string
  readonly message_id: string
  /** The reason of its dead letter, if it must become one. */
  readonly reason?: string
}

/** Publishes as fast as the topic takes it. Throws when the topic refuses a message. */
export async function publishAll(
  { clients, settings, settlement, idOf, scope }: Stack,
  messages: readonly InputMessage[],
  onProgress: (published: number) => void,
): Promise<Published[]> {
  const named = scope ? messages.map((message, i) => withEventId(message, scope.prefix, i)) : messages
  const published: Published[] = []
  const failures: unknown[] = []
  await runScenario({
    messages: named.map((message) => ({ ...message, eventId: message.attributes.event_id ?? '' })),
    publish: publishTo(batchingTopic(clients.pubsub, settings.resources.topic)),
    clock: systemClock,
    eventsPerMinute: Number.POSITIVE_INFINITY,
    onPublished({ eventId, reason }, message_id) {
      const entry = { event_id: eventId || message_id, message_id, ...(reason && { reason }) }
      settlement.publish(idOf(entry))
      published.push(entry)
      if (published.length % 500 === 0) onProgress(published.length)
    },
    onFailed: (_message, error) => failures.push(error),
  })
  if (failures.length > 0) {
    throw new Error(`${failures.length} messages could not be published.`, { cause: failures[0] })
  }
  return published
}

/** Where others publish too, ours are told apart by their event ids, also those that came without one. */
function withEventId(message: InputMessage, prefix: string, index: number): InputMessage {
  const event_id = prefix + (message.attributes.event_id ?? `message-${index}`)
  return { ...message, attributes: { ...message.attributes, event_id } }
}
