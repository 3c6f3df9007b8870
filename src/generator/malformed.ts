import { type EventDefinition, events } from '../catalogue/index.ts'
import { type GeneratedMessage, message } from './message.ts'
import type { SeededSource } from './sample-source.ts'

/** Makes a message that claims to be of the definition's type; of any of the catalogue's unless told otherwise. */
export type Maker = (source: SeededSource, definition?: EventDefinition) => GeneratedMessage
type Sample = Readonly<Record<string, unknown>>

/** Larger than any event that the pipeline takes. */
const TOO_LARGE_BYTES = 2 * 2 ** 20

/** The ways in which a message can fail to be an event, by a name for people. Each has a reason code of its own. */
export const malformed: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['an empty object', spoilt(() => '{}', 'empty_object')],
  ['not JSON', spoilt(asForm, 'not_json')],
  ['a JSON array', spoilt((event) => JSON.stringify([event]), 'not_an_object')],
  ['not UTF-8', spoilt(latin1, 'not_utf8')],
  ['no event_type', changed(() => ({ event_type: undefined }), 'missing_event_type')],
  ['an unknown event_type', changed(() => ({ event_type: 'refund' }), 'unknown_event_type')],
  [
    'a time that is a number',
    changed(({ eventTime }, event) => ({ [eventTime]: epoch(event[eventTime]) }), 'wrong_type'),
  ],
  ['an impossible date', changed(({ eventTime }) => ({ [eventTime]: '2024-02-30T10:30:00Z' }), 'invalid_time')],
  ['a missing required field', changed(({ eventTime }) => ({ [eventTime]: undefined }), 'missing_field')],
  ['a year that no table has', changed(({ eventTime }) => ({ [eventTime]: '0000-12-31T23:59:59Z' }), 'invalid_value')],
  ['a payload of 2 MB', changed(() => ({ note: 'x'.repeat(TOO_LARGE_BYTES) }), 'too_large')],
])

/** A valid event with a field that no definition names: still an event. */
export const withUnknownField = changed(() => ({ coupon: 'SPRING' }))

function spoilt(spoil: (event: Sample, definition: EventDefinition) => string | Buffer, reason?: string): Maker {
  return (source, definition = source.pick([...events.values()])) =>
    message(source, definition.type, spoil(definition.sample(source), definition), reason)
}

function changed(change: (definition: EventDefinition, event: Sample) => Sample, reason?: string): Maker {
  return spoilt((event, definition) => JSON.stringify({ ...event, ...change(definition, event) }), reason)
}

/** What an HTML form sends. */
function asForm(event: Sample): string {
  return Object.entries(event)
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** What an old system sends: text in Latin-1, where ° is one byte that UTF-8 does not have. */
function latin1(event: Sample): Buffer {
  return Buffer.from(JSON.stringify({ ...event, note: 'commande n°1' }), 'latin1')
}

const epoch = (time: unknown) => Date.parse(String(time))
