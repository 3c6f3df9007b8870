import { expect, test } from 'vitest'
import { ddl, events, tables, validate } from './index.ts'

const order = events.get('order')!
const guide = {
  event_type: 'order',
  order_id: 'test-order-001',
  customer_id: 'customer-123',
  order_date: '2024-01-15T10:30:00Z',
  status: 'pending',
  items: [{ product_id: 'prod-001', product_name: 'Test Product', quantity: 2, price: 29.99 }],
  shipping_address: { street: '123 Test St', city: 'Test City', country: 'US' },
  total_amount: 59.98,
}
const item = guide.items[0]!

test('the three event types of the kit and their tables are found in their folder', () => {
  expect([...events.keys()].sort()).toEqual(['inventory', 'order', 'user_activity'])
  expect(tables.map(({ table }) => table).sort()).toEqual(['dead_letters', 'inventory', 'orders', 'user_activity'])
})

test('an event that keeps to its definition is valid as it stands', () => {
  expect(validate(order, guide)).toEqual({ ok: true, event: guide, unknownFields: [] })
})

test('a field that may be left out may also be null', () => {
  expect(validate(order, { ...guide, shipping_address: null })).toMatchObject({ ok: true })
  expect(validate(order, { ...guide, shipping_address: undefined })).toMatchObject({ ok: true })
})

test.each([
  ['a missing field', { ...guide, customer_id: undefined }, 'customer_id', 'missing_field'],
  ['null in a required field', { ...guide, customer_id: null }, 'customer_id', 'missing_field'],
  ['a missing list', { ...guide, items: undefined }, 'items', 'missing_field'],
  [
    'a missing nested field',
    { ...guide, items: [item, { ...item, price: undefined }] },
    'items[1].price',
    'missing_field',
  ],
  ['a missing status', { ...guide, status: undefined }, 'status', 'missing_field'],
  ['text for a number', { ...guide, items: [{ ...item, quantity: '2' }] }, 'items[0].quantity', 'wrong_type'],
  [
    'a fraction for a whole number',
    { ...guide, items: [{ ...item, quantity: 1.5 }] },
    'items[0].quantity',
    'wrong_type',
  ],
  ['a number for one of a few words', { ...guide, status: 1 }, 'status', 'wrong_type'],
  ['a day that no calendar has', { ...guide, order_date: '2024-02-30T10:30:00Z' }, 'order_date', 'invalid_time'],
  ['a time without a zone', { ...guide, order_date: '2024-01-15T10:30:00' }, 'order_date', 'invalid_time'],
  ['a number for a time', { ...guide, order_date: 1705314600 }, 'order_date', 'wrong_type'],
  [
    'a time before the year 1 in UTC',
    { ...guide, order_date: '0001-01-01T00:00:00+01:00' },
    'order_date',
    'invalid_value',
  ],
  [
    'a time after the year 9999 in UTC',
    { ...guide, order_date: '9999-12-31T23:30:00-01:00' },
    'order_date',
    'invalid_value',
  ],
  ['a word that is not one of the few', { ...guide, status: 'lost' }, 'status', 'invalid_value'],
  ['an empty identifier', { ...guide, order_id: '' }, 'order_id', 'invalid_value'],
  ['more digits than NUMERIC keeps', { ...guide, total_amount: 0.1234567891 }, 'total_amount', 'invalid_value'],
  [
    'more digits than a double keeps',
    { ...guide, total_amount: Number('123456789012345.123') },
    'total_amount',
    'invalid_value',
  ],
  ['an amount beyond what is exact', { ...guide, total_amount: 1e15 }, 'total_amount', 'invalid_value'],
])('%s is refused with its path and its reason', (_what, event, path, reason) => {
  expect(validate(order, event)).toEqual({ ok: false, violations: [{ path, reason, message: expect.any(String) }] })
})

test('every violation is named, not only the first', () => {
  const bad = { ...guide, customer_id: undefined, status: 'lost', order_date: 'yesterday' }
  expect(validate(order, bad)).toMatchObject({
    ok: false,
    violations: [{ path: 'customer_id' }, { path: 'order_date' }, { path: 'status' }],
  })
})

test('unknown fields are reported with their paths, and the event stays valid', () => {
  const event = { ...guide, coupon: 'X', items: [{ ...item, gift: true }] }
  expect(validate(order, event)).toEqual({ ok: true, event, unknownFields: ['items[0].gift', 'coupon'] })
})

test('the DDL of a table states its types, modes, partition, clusters and descriptions', () => {
  expect(ddl(order, 'p.dev_events_dataset')).toMatchSnapshot()
})
