/** A message as Pub/Sub delivered it. */
export interface Message {
  /** Given by Pub/Sub; the same for every delivery of one publish. */
  readonly id: string
  readonly data: Uint8Array
  readonly attributes: Readonly<Record<string, string>>
  /** RFC 3339 in UTC with 0, 3, 6 or 9 digits after the second. */
  readonly publishTime: string
}

/** What identifies the event of a message: a producer that repeats a publish names it itself. */
export const eventIdOf = ({ id, attributes }: Message): string =>
  (Object.hasOwn(attributes, 'event_id') && attributes.event_id) || id
