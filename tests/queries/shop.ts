import type { Clients } from '../../src/clients.ts'
import type { Settings } from '../../src/settings.ts'

/** Three days of a small shop, in rows as the pipeline writes them. Everything the queries must answer follows from it. */

const after = (time: string, seconds: number) => new Date(Date.parse(time) + seconds * 1_000).toISOString()

interface Common {
  readonly event_id: string
  /** When it happened. */
  readonly at: string
  /** How many seconds later it was published, and how many later again its row was written. */
  readonly late?: number
  readonly slow?: number
}

const common = (event_type: string, { event_id, at, late = 1, slow = 2 }: Common) => ({
  event_type,
  event_id,
  event_time: at,
  event_date: at.slice(0, 10),
  publish_time: after(at, late),
  processed_at: after(at, late + slow),
})

const PRODUCTS = { p1: ['Lamp', '10'], p2: ['Bulb', '5.5'], p3: ['Chair', '100'] } as const
type Basket = Partial<Record<keyof typeof PRODUCTS, number>>

function order(
  at: string,
  {
    id,
    customer,
    status,
    basket,
    country,
    total,
    ...more
  }: Omit<Common, 'at' | 'event_id'> & {
    readonly id: string
    readonly customer: string
    readonly status: string
    readonly basket: Basket
    readonly country?: string
    readonly total: string
  },
) {
  return {
    ...common('order', { event_id: `${id}-${status}`, at, ...more }),
    order_id: id,
    customer_id: customer,
    order_date: at,
    status,
    items: Object.entries(basket).map(([product_id, quantity]) => {
      const [product_name, price] = PRODUCTS[product_id as keyof typeof PRODUCTS]
      return { product_id, product_name, quantity, price }
    }),
    shipping_address: country ? { street: 'Main St 1', city: 'Town', country } : null,
    total_amount: total,
  }
}

const o1 = { id: 'o1', customer: 'c1', basket: { p1: 2, p2: 1 }, country: 'US', total: '25.5' }
const HOURS = 3_600

export const orders = [
  order('2024-01-15T10:00:00Z', { ...o1, status: 'pending', late: 5 }),
  // The same order once more, when it left the house.
  order('2024-01-15T10:00:00Z', { ...o1, status: 'shipped', late: 23 * HOURS, slow: 4 }),
  order('2024-01-15T11:30:00Z', { id: 'o2', customer: 'c2', status: 'pending', basket: { p1: 1 }, total: '10' }),
  order('2024-01-16T10:15:00Z', {
    id: 'o3',
    customer: 'c1',
    status: 'delivered',
    basket: { p1: 1, p2: 2, p3: 1 },
    country: 'DE',
    total: '121',
    late: 90,
  }),
  order('2024-01-17T08:00:00Z', {
    id: 'o4',
    customer: 'c3',
    status: 'processing',
    basket: { p2: 1, p3: 1 },
    country: 'US',
    total: '105.5',
  }),
]

const change = (at: string, where: string, reason: string, quantity_change: number, late?: number) => {
  const [product_id, warehouse_id] = where.split(' ')
  const event_id = `${at} ${where} ${reason}`
  return {
    ...common('inventory', { event_id, at, ...(late && { late }) }),
    inventory_id: event_id,
    product_id,
    warehouse_id,
    quantity_change,
    reason,
    timestamp: at,
  }
}

export const inventory = [
  change('2024-01-08T08:00:00Z', 'p4 w1', 'restock', 4),
  change('2024-01-09T08:00:00Z', 'p4 w1', 'sale', -2),
  change('2024-01-09T08:00:00Z', 'p2 w1', 'restock', 10),
  change('2024-01-10T08:00:00Z', 'p1 w1', 'restock', 50),
  change('2024-01-15T08:00:00Z', 'p3 w2', 'restock', 5),
  change('2024-01-15T10:00:00Z', 'p1 w1', 'sale', -2, 5),
  change('2024-01-15T10:00:00Z', 'p2 w1', 'sale', -1),
  change('2024-01-16T12:00:00Z', 'p1 w1', 'return', 1),
  change('2024-01-16T12:30:00Z', 'p1 w1', 'damage', -3),
  change('2024-01-17T09:00:00Z', 'p2 w1', 'sale', -6),
]

export const activity = (at: string, user_id: string, activity_type: string, session: string, late = 1) => {
  const [session_id, platform] = session.split(' ')
  return {
    ...common('user_activity', { event_id: `${at} ${user_id}`, at, late }),
    user_id,
    activity_type,
    ip_address: null,
    user_agent: null,
    timestamp: at,
    metadata: { session_id, platform },
  }
}

export const userActivity = [
  activity('2024-01-10T00:00:00Z', 'c9', 'add_to_cart', 's0 web'),
  activity('2024-01-15T09:50:00Z', 'c1', 'view_product', 's1 web'),
  activity('2024-01-15T09:55:00Z', 'c1', 'add_to_cart', 's1 web'),
  activity('2024-01-15T11:00:00Z', 'c2', 'view_product', 's2 mobile', 2 * HOURS),
  activity('2024-01-16T20:00:00Z', 'c4', 'view_product', 's4 mobile'),
  activity('2024-01-16T20:05:00Z', 'c4', 'add_to_cart', 's4 mobile'),
  activity('2024-01-16T20:06:00Z', 'c4', 'remove_from_cart', 's4 mobile'),
  // The clock of this phone is ahead.
  activity('2024-01-16T21:00:00Z', 'c5', 'view_product', 's5 tablet', -1),
  activity('2024-01-16T21:01:00Z', 'c5', 'add_to_cart', 's5 tablet'),
  activity('2024-01-17T07:50:00Z', 'c3', 'add_to_cart', 's3 web'),
  activity('2024-01-17T09:00:00Z', 'c1', 'add_to_cart', 's6 web'),
]

const deadLetter = (publish_time: string, event_id: string, reason: string, data: string) => ({
  event_id,
  data,
  data_encoding: 'utf-8',
  attributes: [],
  reason,
  detail: `${reason} in ${event_id}`,
  publish_time,
  event_date: publish_time.slice(0, 10),
  processed_at: after(publish_time, 2),
})

export const deadLetters = [
  deadLetter('2024-01-15T10:00:00Z', 'd1', 'not_json', '{'),
  deadLetter('2024-01-16T10:00:00Z', 'd2', 'not_json', '{"a'),
  deadLetter('2024-01-17T10:00:00Z', 'd3', 'unknown_event_type', 'x'.repeat(300)),
]

export async function fill({ bigquery }: Pick<Clients, 'bigquery'>, { resources }: Settings): Promise<void> {
  const dataset = bigquery.dataset(resources.dataset)
  const rows = { orders, inventory, user_activity: userActivity, dead_letters: deadLetters }
  await Promise.all(Object.entries(rows).map(([table, all]) => dataset.table(table).insert(all)))
}
