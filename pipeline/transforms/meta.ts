import { eventIdOf, type Message } from './message.ts'

/** What every raw line says about the message that it came in. */
export interface Meta {
  readonly event_id: string
  readonly message_id: string
  readonly publish_time: string
  readonly attributes: Readonly<Record<string, string>>
  /** The JSON text of the event's own field `_meta`, if it had one. */
  readonly received?: string
}

export function metaOfMessage(message: Message, received?: string): Meta {
  return {
    event_id: eventIdOf(message),
    message_id: message.id,
    publish_time: message.publishTime,
    // Pub/Sub keeps no order, and the same message must always give the same line.
    attributes: Object.fromEntries(Object.entries(message.attributes).sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(received !== undefined && { received }),
  }
}

const START = ',"_meta":{"event_id":'

/** Ends a JSON object, given without its closing brace and not empty, with `_meta`. */
export const withMeta = (openObject: string, meta: Meta): string => `${openObject},"_meta":${JSON.stringify(meta)}}`

/**
 * Reads `_meta` without parsing the line. The last place that reads like its start is its start: inside a JSON string
 * every quote is escaped, and `_meta` itself holds nothing but strings.
 */
export const metaOfLine = (line: string): Meta =>
  JSON.parse(line.slice(line.lastIndexOf(START) + ',"_meta":'.length, -1)) as Meta
