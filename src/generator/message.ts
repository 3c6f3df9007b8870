import type { EventDefinition } from '../catalogue/index.ts'
import type { SeededSource } from './sample-source.ts'

/** A message that is ready to be published. */
export interface GeneratedMessage {
  readonly data: Buffer
  readonly attributes: Readonly<Record<string, string>>
  readonly eventId: string
  /** The type that the producer means, also where the message is malformed. */
  readonly eventType: string
  /** Whom it is about; absent where it is about nobody. */
  readonly customerId?: string
  /** Why it can never become an event, as the pipeline must say; absent when it is one. */
  readonly reason?: string
  /** An earlier message, once more. */
  readonly repeated?: true
}

/** Any bytes as a message that claims to be of a type. It is about the customer that was drawn from the source for it. */
export function message(
  source: SeededSource,
  eventType: string,
  data: string | Buffer,
  reason?: string,
): GeneratedMessage {
  const eventId = source.id('evt')
  const customerId = source.takeCustomer()
  return {
    data: typeof data === 'string' ? Buffer.from(data) : data,
    attributes: { event_id: eventId, event_type: eventType },
    eventId,
    eventType,
    ...(customerId !== undefined && { customerId }),
    ...(reason !== undefined && { reason }),
  }
}

/** A valid event as a message. */
export const eventMessage = (source: SeededSource, definition: EventDefinition): GeneratedMessage =>
  message(source, definition.type, JSON.stringify(definition.sample(source)))
