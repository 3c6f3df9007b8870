import { expect, test } from 'vitest'
import { deadLetters, events } from '../../src/catalogue/index.ts'
import { message, order } from '../tests/sample-message.ts'
import { type DecodedEvent, decode, type Rejection } from './decode.ts'
import { toDeadLetter } from './to-dead-letter.ts'
import { toRawLine } from './to-raw-line.ts'
import { toRow } from './to-row.ts'

const NOW = 1_705_400_000_000_000n
const orders = events.get('order')!

function rowOf(event: unknown, attributes = {}) {
  const received = message(event, { attributes })
  return toRow(orders, toRawLine(received, decode(received) as DecodedEvent), NOW)
}

function letterOf(data: unknown, attributes = {}) {
  const received = message(data, { attributes })
  const line = toDeadLetter(received, decode(received) as Rejection)
  return { line: JSON.parse(line), row: toRow(deadLetters, line, NOW) }
}

test('a row has the columns of its table, from the event and from the message', () => {
  expect(rowOf({ ...order, coupon: 'X' }, { event_id: 'e1' })).toEqual({
    event_type: 'order',
    event_id: 'e1',
    event_time: 1705314600000000n,
    event_date: 19737,
    publish_time: 1705314660500000n,
    processed_at: NOW,
    order_id: 'order-1',
    customer_id: 'customer-1',
    order_date: 1705314600000000n,
    status: 'pending',
    items: [{ product_id: 'product-1', product_name: 'Tee', quantity: 2, price: '29.99' }],
    shipping_address: { street: 'Way 1', city: 'Bern', country: 'CH' },
    total_amount: '59.98',
  })
})

test('a column that may be null is left out when the event has null or nothing for it', () => {
  expect(rowOf({ ...order, shipping_address: null })).not.toHaveProperty('shipping_address')
  expect(rowOf({ ...order, shipping_address: undefined })).not.toHaveProperty('shipping_address')
})

test.each([
  ['2024-01-15T10:30:00.123456789Z', 1705314600123456n, 19737],
  ['2024-01-15T10:30:00.1+05:30', 1705294800100000n, 19737],
  ['2024-01-15T23:59:59.9999999-00:30', 1705364999999999n, 19738],
  ['2024-01-15T00:00:00.000001+01:00', 1705273200000001n, 19736],
  ['1969-12-31T23:59:59.999999Z', -1n, -1],
  ['0001-01-01T00:00:00Z', -62135596800000000n, -719162],
  ['9999-12-31T23:59:59.999999Z', 253402300799999999n, 2932896],
])('the time %s is exact to the microsecond, and its day is in UTC', (order_date, micros, day) => {
  expect(rowOf({ ...order, order_date })).toMatchObject({ event_time: micros, order_date: micros, event_date: day })
})

test.each([
  ['1e-9', '0.000000001'],
  ['1.5e-7', '0.00000015'],
  ['-0', '0'],
  ['0.10', '0.1'],
  ['1e3', '1000'],
  ['123456789012.1', '123456789012.1'],
  ['999999999999999', '999999999999999'],
  ['-29.99', '-29.99'],
])('the number %s is the decimal %s', (number, decimal) => {
  const text = JSON.stringify(order).replace('59.98', number)
  expect(rowOf(text)).toMatchObject({ total_amount: decimal })
})

test('a dead letter holds what was received and why it is one', () => {
  const { line, row } = letterOf('{nope', { event_id: 'e1', b: '2' })
  const meta = {
    event_id: 'e1',
    message_id: '1',
    publish_time: '2024-01-15T10:31:00.5Z',
    attributes: { b: '2', event_id: 'e1' },
  }
  const same = { data: '{nope', data_encoding: 'utf-8', reason: 'not_json', detail: expect.stringMatching(/JSON/) }
  expect(line).toEqual({ ...same, attributes: { b: '2', event_id: 'e1' }, _meta: meta })
  expect(row).toEqual({
    ...same,
    event_id: 'e1',
    attributes: [
      { key: 'b', value: '2' },
      { key: 'event_id', value: 'e1' },
    ],
    publish_time: 1705314660500000n,
    event_date: 19737,
    processed_at: NOW,
  })
})

test('what is not UTF-8 is kept as base64', () => {
  expect(letterOf(Buffer.from([0xff, 0x00])).row).toMatchObject({ data: '/wA=', data_encoding: 'base64' })
})

test('a byte order mark is kept in a dead letter', () => {
  expect(letterOf('\ufeff{').row).toMatchObject({ data: '\ufeff{' })
})

test('the row of a large dead letter is cut at 8 MiB, between characters; its line is whole', () => {
  const text = `x${'é'.repeat(5 * 1024 * 1024)}`
  const { line, row } = letterOf(text)
  expect(line.data).toBe(text)
  expect(Buffer.byteLength(row.data as string)).toBe(8 * 1024 * 1024 - 1)
  expect(text.startsWith(row.data as string)).toBe(true)
})

test('a line that is not of the table is refused', () => {
  expect(() => toRow(orders, '{"a":1,"_meta":{"event_id":"e"}}', NOW)).toThrow('orders.')
})
