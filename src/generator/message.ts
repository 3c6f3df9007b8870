import type { EventDefinition } from '../catalogue/index.ts'
import type { SeededSource } from './sample-source.ts'

/** A message that is ready to be published. */
export interface GeneratedMessage {
  readonly data: Buffer
  readonly attributes: Readonly<Record<string, string>>
  readonly eventId: string
  /** The type that the producer means, also where the message is malformed. */
  readonly eventType: string
  /** Why it can never become an event, as the pipeline must say; absent when it is one. */
  readonly reason?: string
}

/** Any bytes as a message that claims to be of a type. */
export function message(
  source: SeededSource,
  eventType: string,
  data: string | Buffer,
  reason?: string,
): GeneratedMessage {
  const eventId = source.id('evt')
  return {
    data: typeof data === 'string' ? Buffer.from(data) : data,
    attributes: { event_id: eventId, event_type: eventType },
    eventId,
    eventType,
    ...(reason !== undefined && { reason }),
  }
}

/** A valid event as a message. */
export const eventMessage = (source: SeededSource, definition: EventDefinition): GeneratedMessage =>
  message(source, definition.type, JSON.stringify(definition.sample(source)))
