import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { canonicalRow } from '../../src/outputs/index.ts'
import { type Backend, startBackend } from '../harness.ts'
import { activity, fill } from './shop.ts'

const folder = new URL('../../docs/queries/', import.meta.url)
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.sql'))
  .map((file) => file.replace('.sql', ''))
const NOON = Date.parse('2024-01-17T12:00:00Z')
const [FROM, TO] = ['2024-01-15', '2024-01-17']

let shop: Backend
beforeAll(async () => {
  shop = await startBackend({ start: NOON })
  await fill(shop.clients, shop.settings)
})
afterAll(() => shop[Symbol.asyncDispose]())

async function ask(name: string, from = FROM, to = TO, { clients, settings }: Backend = shop) {
  const { bigquery } = clients
  const query = readFileSync(new URL(`${name}.sql`, folder), 'utf8')
  const [rows] = await bigquery.query({
    query,
    params: {
      from_date: bigquery.date(from),
      ...(query.includes('@to_date') && { to_date: bigquery.date(to) }),
    },
    defaultDataset: { datasetId: settings.resources.dataset },
  })
  return rows.map(canonicalRow)
}

/** Each answer reckoned by hand from the rows of shop.ts. */
const answers: Record<string, { readonly from?: string; readonly rows: readonly object[] }> = {
  'customer-value': {
    rows: [
      // 25.5 + 121; the two rows of o1 are one order
      { customer_id: 'c1', orders: 2, revenue: '146.5', average_order: '73.25', last_order: '2024-01-16' },
      { customer_id: 'c3', orders: 1, revenue: '105.5', average_order: '105.5', last_order: '2024-01-17' },
      { customer_id: 'c2', orders: 1, revenue: '10', average_order: '10', last_order: '2024-01-15' },
    ],
  },
  'top-products': {
    rows: [
      // of 262 in all
      { product_id: 'p3', product_name: 'Chair', pieces: 2, revenue: '200', percent: '76.3' },
      { product_id: 'p1', product_name: 'Lamp', pieces: 4, revenue: '40', percent: '15.3' },
      { product_id: 'p2', product_name: 'Bulb', pieces: 4, revenue: '22', percent: '8.4' },
    ],
  },
  'basket-pairs': {
    rows: [
      { product: 'p1', bought_with: 'p2', orders: 2 }, // o1, o3
      { product: 'p2', bought_with: 'p3', orders: 2 }, // o3, o4
      { product: 'p1', bought_with: 'p3', orders: 1 }, // o3
    ],
  },
  'revenue-by-day': {
    from: '2024-01-14',
    rows: [
      { day: '2024-01-14', orders: 0, revenue: '0', mean_of_7_days: '0' },
      { day: '2024-01-15', orders: 2, revenue: '35.5', mean_of_7_days: '17.75' },
      { day: '2024-01-16', orders: 1, revenue: '121', mean_of_7_days: '52.17' }, // 156.5 / 3
      { day: '2024-01-17', orders: 1, revenue: '105.5', mean_of_7_days: '65.5' }, // 262 / 4
    ],
  },
  'inventory-movement': {
    rows: [
      {
        product_id: 'p1',
        warehouse_id: 'w1',
        ...{ net_change: -4, restocked: 0, sold: 2, returned: 1, damaged: 3, changes: 3 },
      },
      {
        product_id: 'p2',
        warehouse_id: 'w1',
        ...{ net_change: -7, restocked: 0, sold: 7, returned: 0, damaged: 0, changes: 2 },
      },
      {
        product_id: 'p3',
        warehouse_id: 'w2',
        ...{ net_change: 5, restocked: 5, sold: 0, returned: 0, damaged: 0, changes: 1 },
      },
    ],
  },
  'stock-out-risk': {
    from: '2024-01-01',
    // p1 has 46 for 2 sold in a week, p3 sells none, and what p4 sold lies longer ago
    rows: [{ product_id: 'p2', warehouse_id: 'w1', pieces: 3, sold_a_day: 1, days_left: 3 }],
  },
  'activity-funnel': {
    rows: [
      { step: 'viewed a product', users: 4, percent_of_viewers: 100 }, // c1, c2, c4, c5
      { step: 'added to the cart', users: 3, percent_of_viewers: 75 }, // c1, c4, c5; c3 never viewed
      { step: 'ordered', users: 1, percent_of_viewers: 25 }, // c1; c2 never added
    ],
  },
  'conversion-by-platform': {
    rows: [
      { platform: 'tablet', sessions: 1, with_cart: 1, percent: 100 },
      { platform: 'web', sessions: 3, with_cart: 3, percent: 100 },
      { platform: 'mobile', sessions: 2, with_cart: 0, percent: 0 }, // one looked only, one took it out again
    ],
  },
  'abandoned-carts': {
    rows: [
      { user_id: 'c1', last_added: '2024-01-17T09:00:00.000Z' }, // after both of his orders
      { user_id: 'c5', last_added: '2024-01-16T21:01:00.000Z' },
      { user_id: 'c4', last_added: '2024-01-16T20:05:00.000Z' },
    ],
  },
  'hourly-throughput': {
    rows: (
      [
        ['15T08', 0, 1, 0],
        ['15T09', 0, 0, 2],
        ['15T10', 1, 2, 0],
        ['15T11', 1, 0, 0],
        ['15T13', 0, 0, 1], // happened at 11
        ['16T09', 1, 0, 0], // the change of o1's status
        ['16T10', 1, 0, 0],
        ['16T12', 0, 2, 0],
        ['16T20', 0, 0, 4], // with the one that happens at 21:00 by its phone
        ['16T21', 0, 0, 1],
        ['17T07', 0, 0, 1],
        ['17T08', 1, 0, 0],
        ['17T09', 0, 1, 1],
      ] as const
    ).map(([hour, orders, inventory, user_activity]) => ({
      hour: `2024-01-${hour}:00:00.000Z`,
      events: orders + inventory + user_activity,
      orders,
      inventory,
      user_activity,
    })),
  },
  'late-events': {
    rows: [
      {
        event_type: 'inventory',
        events: 6,
        ...{ later_than_a_minute: 0, later_than_an_hour: 0 },
        from_the_future: 0,
        worst_seconds: 5,
      },
      {
        event_type: 'order',
        events: 5,
        ...{ later_than_a_minute: 2, later_than_an_hour: 1 },
        from_the_future: 0,
        worst_seconds: 82_800,
      },
      {
        event_type: 'user_activity',
        events: 10,
        ...{ later_than_a_minute: 1, later_than_an_hour: 1 },
        from_the_future: 1,
        worst_seconds: 7_200,
      },
    ],
  },
  'dead-letters-by-reason': {
    rows: [
      {
        reason: 'not_json',
        messages: 2,
        first_seen: '2024-01-15T10:00:00.000Z',
        last_seen: '2024-01-16T10:00:00.000Z',
        example: { event_id: 'd2', detail: 'not_json in d2', data: '{"a' },
      },
      {
        reason: 'unknown_event_type',
        messages: 1,
        first_seen: '2024-01-17T10:00:00.000Z',
        last_seen: '2024-01-17T10:00:00.000Z',
        example: { event_id: 'd3', detail: 'unknown_event_type in d3', data: 'x'.repeat(200) },
      },
    ],
  },
  freshness: {
    rows: [
      // at noon; o4 was written at 08:00:03. One of five rows took 4 s, the others 2 s.
      {
        table_name: 'orders',
        last_row: '2024-01-17T08:00:03.000Z',
        minutes_old: 239,
        mean_seconds_to_row: 2.4,
        worst_seconds_to_row: 4,
      },
      {
        table_name: 'inventory',
        last_row: '2024-01-17T09:00:03.000Z',
        minutes_old: 179,
        mean_seconds_to_row: 2,
        worst_seconds_to_row: 2,
      },
      {
        table_name: 'user_activity',
        last_row: '2024-01-17T09:00:03.000Z',
        minutes_old: 179,
        mean_seconds_to_row: 2,
        worst_seconds_to_row: 2,
      },
      {
        table_name: 'dead_letters',
        last_row: '2024-01-17T10:00:02.000Z',
        minutes_old: 119,
        mean_seconds_to_row: 2,
        worst_seconds_to_row: 2,
      },
    ],
  },
  duplicates: { rows: [] },
  'time-to-delivery': {
    rows: [
      { country: 'US', orders: 2, shipped: 1, delivered: 0, mean_hours_to_ship: 23, mean_hours_to_deliver: null },
      { country: '(none)', orders: 1, shipped: 0, delivered: 0, mean_hours_to_ship: null, mean_hours_to_deliver: null },
      { country: 'DE', orders: 1, shipped: 0, delivered: 1, mean_hours_to_ship: null, mean_hours_to_deliver: 0 },
    ],
  },
}

test.each(files)('%s answers what was reckoned by hand', async (name) => {
  expect(Object.keys(answers)).toContain(name)
  expect(await ask(name, answers[name]?.from)).toEqual(answers[name]?.rows)
})

test.each(files)('%s reads only the partitions of the days asked for, and says what it costs', (name) => {
  const text = readFileSync(new URL(`${name}.sql`, folder), 'utf8')
  const scans = text.match(/\bFROM (orders|inventory|user_activity|dead_letters)\b/g)
  const filters = text.match(/\bevent_date (BETWEEN @from_date AND @to_date|>= @from_date)/g)
  expect(scans).not.toBeNull()
  expect(filters).toHaveLength(scans!.length)
  expect(text).toMatch(/^-- .+\?/)
  expect(text).toMatch(/^-- Cost: /m)
})

test('the list of questions names every query', () => {
  const listed = readFileSync(new URL('README.md', folder), 'utf8').matchAll(/\]\(([a-z-]+)\.sql\)/g)
  expect([...listed].map(([, name]) => name).sort()).toEqual(files.sort())
})

test('an event that has two rows is found', async () => {
  await using backend = await startBackend({ start: NOON })
  const table = backend.clients.bigquery.dataset(backend.settings.resources.dataset).table('user_activity')
  const row = activity('2024-01-16T20:00:00Z', 'c4', 'view_product', 's4 mobile')
  await table.insert([row, { ...row, event_id: 'other' }, { ...row, processed_at: '2024-01-16T20:01:00Z' }])
  expect(await ask('duplicates', FROM, TO, backend)).toEqual([
    {
      event_id: row.event_id,
      copies: 2,
      tables: ['user_activity'],
      first_row: '2024-01-16T20:00:03.000Z',
      last_row: '2024-01-16T20:01:00.000Z',
    },
  ])
})
