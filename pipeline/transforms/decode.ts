import {
  type Event,
  type EventDefinition,
  events,
  VALIDATION_REASONS,
  type Violation,
  validate,
} from '../../src/catalogue/index.ts'
import { type Micros, microsOf } from './instant.ts'
import { isWellFormed, outline } from './json-outline.ts'
import { eventIdOf, type Message } from './message.ts'
import { outOfBounds, type TimeBounds } from './time-bounds.ts'

/** Why a message can never become an event. */
export const REASONS = [
  'too_large',
  'not_utf8',
  'not_json',
  'not_an_object',
  'empty_object',
  'missing_event_type',
  'unknown_event_type',
  'too_late',
  'too_early',
  ...VALIDATION_REASONS,
] as const
export type Reason = (typeof REASONS)[number]

export interface DecodedEvent {
  readonly ok: true
  readonly event: Event
  readonly definition: EventDefinition
  readonly eventId: string
  readonly eventTime: Micros
  /** Paths that the definition does not name: in the raw line, but not in the row. */
  readonly unknownFields: readonly string[]
  /** The JSON as received, without a byte order mark. */
  readonly text: string
}

export interface Rejection {
  readonly ok: false
  readonly reason: Reason
  /** For a person to read: at most 1,000 characters. */
  readonly detail: string
}

export type Decoded = DecodedEvent | Rejection

export const LARGEST_EVENT_BYTES = 1024 * 1024

/** As deep as BigQuery's JSON goes; readers of deeper texts tend to fall over. */
const DEEPEST = 500
const LONGEST_DETAIL = 1000

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Says what a message is, or why it can never be an event. Never throws. */
export function decode(message: Message, bounds: TimeBounds = {}): Decoded {
  const decoded = understand(message)
  return (decoded.ok && outOfBounds(message, decoded, bounds)) || decoded
}

function understand(message: Message): Decoded {
  const { data } = message
  if (data.length > LARGEST_EVENT_BYTES) return rejected('too_large', `${data.length} bytes, more than 1 MiB`)
  const received = textOf(data)
  if (received === undefined) return rejected('not_utf8', 'The data is not UTF-8.')
  // Some producers put a byte order mark first. RFC 8259, section 8.1, lets a parser ignore it.
  const text = received.startsWith('\ufeff') ? received.slice(1) : received
  const parsed = parse(text)
  return parsed.ok ? recognise(message, text, parsed.value) : parsed
}

/** Undefined when the bytes are not UTF-8. */
export function textOf(data: Uint8Array): string | undefined {
  try {
    return utf8.decode(data)
  } catch {
    return undefined
  }
}

function parse(text: string): { readonly ok: true; readonly value: unknown } | Rejection {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return rejected('not_json', text === '' ? 'There is no data.' : (error as Error).message)
  }
  const { depth } = outline(text)
  if (depth > DEEPEST)
    return rejected('not_json', `${depth} objects and arrays inside one another, more than ${DEEPEST}`)
  if (/\\u[dD][89a-fA-F]/.test(text) && !isWellFormed(value)) {
    return rejected('not_utf8', 'An escape stands for half a surrogate pair, which no UTF-8 text can hold.')
  }
  return { ok: true, value }
}

function recognise(message: Message, text: string, value: unknown): Decoded {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return rejected('not_an_object', `The data is ${value === null ? 'null' : kindOf(value)}.`)
  }
  if (Object.keys(value).length === 0) return rejected('empty_object', 'The data is {}.')
  const type: unknown = Object.hasOwn(value, 'event_type') ? (value as Event).event_type : undefined
  if (type === undefined || type === null) return rejected('missing_event_type', 'event_type is required')
  if (typeof type !== 'string') return rejected('wrong_type', `event_type: is ${kindOf(type)}, not a text`)
  const definition = events.get(type)
  if (!definition) return rejected('unknown_event_type', `event_type: ${JSON.stringify(type)} is not known`)
  return check(message, text, definition, value)
}

function check(message: Message, text: string, definition: EventDefinition, value: unknown): Decoded {
  const valid = validate(definition, value)
  if (!valid.ok) return rejected(valid.violations[0].reason, valid.violations.map(sentence).join('; '))
  const { event, unknownFields } = valid
  const eventTime = microsOf(String(event[definition.eventTime]))
  if (eventTime === undefined) return rejected('invalid_time', `${definition.eventTime}: is not a time`)
  return { ok: true, event, definition, eventId: eventIdOf(message), eventTime, unknownFields, text }
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'an array' : `a ${typeof value}`)

const sentence = ({ path, message }: Violation): string => `${path}: ${message}`

const rejected = (reason: Reason, detail: string): Rejection => ({
  ok: false,
  reason,
  // Cut text, here or in the parser's own message, may end within a surrogate pair.
  detail: (detail.length > LONGEST_DETAIL ? `${detail.slice(0, LONGEST_DETAIL - 1)}…` : detail).toWellFormed(),
})
