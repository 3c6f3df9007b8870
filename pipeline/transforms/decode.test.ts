import fc from 'fast-check'
import { expect, test } from 'vitest'
import { message, order } from '../tests/sample-message.ts'
import { decode, LARGEST_EVENT_BYTES } from './decode.ts'

test('an event that keeps to its definition is decoded, with its id and its time', () => {
  expect(decode(message(order, { id: '77' }))).toMatchObject({
    ok: true,
    event: order,
    definition: { type: 'order' },
    eventId: '77',
    eventTime: 1705314600000000n,
    unknownFields: [],
  })
})

test('the attribute event_id names the event, unless it is empty', () => {
  expect(decode(message(order, { attributes: { event_id: 'e' } }))).toMatchObject({ eventId: 'e' })
  expect(decode(message(order, { attributes: { event_id: '' } }))).toMatchObject({ eventId: '1' })
})

test('a field that the definition does not name is reported, and the event stays', () => {
  expect(decode(message({ ...order, coupon: 'X' }))).toMatchObject({ ok: true, unknownFields: ['coupon'] })
})

test('an event of exactly 1 MiB is decoded', () => {
  const padding = LARGEST_EVENT_BYTES - JSON.stringify({ ...order, note: '' }).length
  expect(decode(message({ ...order, note: 'x'.repeat(padding) }))).toMatchObject({ ok: true })
  expect(decode(message({ ...order, note: 'x'.repeat(padding + 1) }))).toMatchObject({ reason: 'too_large' })
})

test.each([
  ['more than 1 MiB, even if it is no JSON', Buffer.alloc(LARGEST_EVENT_BYTES + 1, '{'), 'too_large'],
  ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'not_utf8'],
  ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'not_utf8'],
  ['half a surrogate pair as an escape', '{"event_type":"order","note":"\\ud800"}', 'not_utf8'],
  ['half a surrogate pair in a name', '{"event_type":"order","\\udc00":1}', 'not_utf8'],
  ['nothing', Buffer.alloc(0), 'not_json'],
  ['half an object', '{"event_type":', 'not_json'],
  ['two byte order marks', '\ufeff\ufeff{}', 'not_json'],
  ['a great many brackets', '['.repeat(LARGEST_EVENT_BYTES), 'not_json'],
  ['a great depth', `{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`, 'not_json'],
  ['an array', [order], 'not_an_object'],
  ['a text', '"order"', 'not_an_object'],
  ['a number', '1e999', 'not_an_object'],
  ['null', 'null', 'not_an_object'],
  ['an empty object', ' {\n} ', 'empty_object'],
  ['no event_type', { ...order, event_type: undefined }, 'missing_event_type'],
  ['null for event_type', { ...order, event_type: null }, 'missing_event_type'],
  ['a number for event_type', { ...order, event_type: 7 }, 'wrong_type'],
  ['an unknown event_type', { ...order, event_type: 'orders' }, 'unknown_event_type'],
  ['the dead letters as event_type', { ...order, event_type: '_dead_letter' }, 'unknown_event_type'],
  ['__proto__ as event_type', { ...order, event_type: '__proto__' }, 'unknown_event_type'],
  ['constructor as event_type', { ...order, event_type: 'constructor' }, 'unknown_event_type'],
  ['an event_type that is inherited', '{"__proto__":{"event_type":"order"}}', 'missing_event_type'],
  ['fields that are inherited', '{"event_type":"order","__proto__":{"order_id":"x"}}', 'missing_field'],
  ['an infinite amount', JSON.stringify(order).replace('59.98', '1e999'), 'wrong_type'],
  ['an amount beyond what is exact', JSON.stringify(order).replace('59.98', '1e300'), 'invalid_value'],
  ['a missing field', { ...order, customer_id: undefined }, 'missing_field'],
  ['a wrong type', { ...order, items: 'none' }, 'wrong_type'],
  ['a time without a zone', { ...order, order_date: '2024-01-15T10:30:00' }, 'invalid_time'],
  ['a word that is not one of the few', { ...order, status: 'lost' }, 'invalid_value'],
])('%s is rejected: %#', (_what, data, reason) => {
  expect(decode(message(data))).toEqual({ ok: false, reason, detail: expect.stringMatching(/./) })
})

test('the first violation gives the reason, and the detail names all', () => {
  const decoded = decode(message({ ...order, customer_id: undefined, status: 'lost' }))
  expect(decoded).toMatchObject({
    reason: 'missing_field',
    detail: expect.stringMatching(/^customer_id: .*; status: /),
  })
})

test('a detail has at most 1,000 characters, and is text that UTF-8 can hold', () => {
  const decoded = decode(message({ ...order, event_type: `x${'😀'.repeat(1000)}` }))
  expect(decoded).toMatchObject({ reason: 'unknown_event_type' })
  const { detail } = decoded as { detail: string }
  expect(detail.length).toBeLessThanOrEqual(1000)
  expect(detail.isWellFormed()).toBe(true)
})

test('a byte order mark before the event does no harm', () => {
  expect(decode(message(`\ufeff${JSON.stringify(order)}`))).toMatchObject({ ok: true, text: JSON.stringify(order) })
})

test('an escaped backslash before u is not a surrogate, and a whole pair is fine', () => {
  const text = JSON.stringify({ ...order, note: 'A\\ud800' }).replace('A', '\\ud83d\\ude00')
  expect(decode(message(text))).toMatchObject({ ok: true })
})

test('whatever arrives is decoded or rejected, and never throws', () => {
  const anything = fc.oneof(
    fc.uint8Array(),
    fc.json({ maxDepth: 6 }).map((json) => Buffer.from(json)),
    fc.record({ event_type: fc.constant('order'), order_id: fc.anything() }).map((value) => {
      try {
        return Buffer.from(JSON.stringify(value))
      } catch {
        return Buffer.from('[]')
      }
    }),
  )
  fc.assert(
    fc.property(anything, (data) => {
      expect(decode(message(data))).toHaveProperty('ok')
    }),
  )
})
