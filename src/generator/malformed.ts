import { events } from '../catalogue/index.ts'
import { type GeneratedMessage, message } from './message.ts'
import type { SeededSource } from './sample-source.ts'

type Maker = (source: SeededSource) => GeneratedMessage

/** Larger than any event that the pipeline takes. */
const TOO_LARGE_BYTES = 2 * 2 ** 20

/** The ways in which a message can fail to be an event, by a name for people. Each has a reason code of its own. */
export const malformed: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['an empty object', (source) => message(source, 'order', '{}', 'empty_object')],
  ['not JSON', (source) => message(source, 'order', `event_type=order&order_id=${source.id('order')}`, 'not_json')],
  ['a JSON array', (source) => message(source, 'order', JSON.stringify([order(source)]), 'not_an_object')],
  ['not UTF-8', (source) => message(source, 'order', latin1(order(source)), 'not_utf8')],
  ['no event_type', changed({ event_type: undefined }, 'missing_event_type')],
  ['an unknown event_type', changed({ event_type: 'refund' }, 'unknown_event_type')],
  ['a quantity that is text', (source) => orderMessage(source, withQuantity(order(source), '2'), 'wrong_type')],
  ['an impossible date', changed({ order_date: '2024-02-30T10:30:00Z' }, 'invalid_time')],
  ['a missing required field', changed({ customer_id: undefined }, 'missing_field')],
  ['an unknown status', changed({ status: 'lost' }, 'invalid_value')],
  ['a payload of 2 MB', (source) => orderMessage(source, { ...order(source), note: padding() }, 'too_large')],
])

/** A valid order with a field that no definition names: still an event. */
export const withUnknownField: Maker = (source) => orderMessage(source, { ...order(source), coupon: 'SPRING' })

const order = (source: SeededSource): Record<string, unknown> => events.get('order')!.sample(source)

const orderMessage = (source: SeededSource, event: object, reason?: string) =>
  message(source, 'order', JSON.stringify(event), reason)

function changed(change: Record<string, unknown>, reason: string): Maker {
  return (source) => orderMessage(source, { ...order(source), ...change }, reason)
}

function withQuantity(event: Record<string, unknown>, quantity: unknown) {
  const [first, ...rest] = event.items as object[]
  return { ...event, items: [{ ...first, quantity }, ...rest] }
}

/** What an old system sends: text in Latin-1, where ° is one byte that UTF-8 does not have. */
const latin1 = (event: object) => Buffer.from(JSON.stringify({ ...event, order_id: 'commande n°1' }), 'latin1')

const padding = () => 'x'.repeat(TOO_LARGE_BYTES)
