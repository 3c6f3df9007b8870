import type { Customer, Product } from '../catalogue/index.ts'
import { type GeneratedMessage, message } from './message.ts'
import { SeededSource } from './sample-source.ts'

export interface JourneyOptions {
  readonly seed: number
  /** At least 5. */
  readonly count: number
  /** Milliseconds since the epoch; covered evenly. */
  readonly eventTimes: { readonly from: number; readonly to: number }
}

/** How many customers are in the shop at once. */
const VISITORS = 8
/** Login and order; for each product a look, a place in the cart and a sale. */
const EVENTS_OF_A_VISIT = 2
const EVENTS_OF_A_PRODUCT = 3
const MOST_PRODUCTS = 3
const MOST_IDLE_LOOKS = 2
const SMALLEST_VISIT = EVENTS_OF_A_VISIT + EVENTS_OF_A_PRODUCT
const LARGEST_VISIT = EVENTS_OF_A_VISIT + MOST_PRODUCTS * EVENTS_OF_A_PRODUCT + MOST_IDLE_LOOKS

/**
 * Visits to the shop, several at a time, each from login to the sale that its order makes of the stock: login → views →
 * carts → order → inventory. A visit has one customer, one session, the same products at the same prices, and times in
 * this order. No visit is cut short: there are exactly `count` messages. The same options give the same bytes.
 */
export function* userJourneys({ seed, count, eventTimes: { from, to } }: JourneyOptions): Generator<GeneratedMessage> {
  if (count < SMALLEST_VISIT) throw new RangeError(`A journey has at least ${SMALLEST_VISIT} events, not ${count}.`)
  const source = new SeededSource(seed)
  let visits: Step[][] = []
  let unplanned = count
  for (let made = 0; made < count; made++) {
    while (visits.length < VISITORS && unplanned > 0) {
      const size = sizeOfNext(source, unplanned)
      visits.push(visit(source, size))
      unplanned -= size
    }
    source.setTime(Math.floor(from + ((made + source.fraction()) / count) * (to - from)))
    yield source.pick(visits).shift()!()
    visits = visits.filter(({ length }) => length > 0)
  }
}

/** Makes the message at the time that the source then has. */
type Step = () => GeneratedMessage

/** Never leaves fewer events than a visit needs. */
function sizeOfNext(source: SeededSource, unplanned: number): number {
  if (unplanned < LARGEST_VISIT + SMALLEST_VISIT) return unplanned
  return source.integer(SMALLEST_VISIT, LARGEST_VISIT)
}

function visit(source: SeededSource, size: number): Step[] {
  const customer = source.customer()
  const sessionId = source.id('sess')
  const products = Math.floor((size - EVENTS_OF_A_VISIT) / EVENTS_OF_A_PRODUCT)
  const lines = Array.from({ length: products }, () => ({ product: source.product(), quantity: source.integer(1, 3) }))
  const idleLooks = size - EVENTS_OF_A_VISIT - products * EVENTS_OF_A_PRODUCT
  const send = (event: { readonly event_type: string }) => {
    source.about(customer)
    return message(source, event.event_type, JSON.stringify(event))
  }
  const act = (activity: string) => () => send(activityOf(source, customer, { sessionId, activity }))
  return [
    act('login'),
    ...Array.from({ length: idleLooks }, () => act('view_product')),
    ...lines.flatMap(() => [act('view_product'), act('add_to_cart')]),
    () => send(orderOf(source, customer, lines)),
    ...lines.map((line) => () => send(saleOf(source, line))),
  ]
}

interface Line {
  readonly product: Product
  readonly quantity: number
}

const activityOf = (source: SeededSource, customer: Customer, what: { sessionId: string; activity: string }) => ({
  event_type: 'user_activity',
  user_id: customer.id,
  activity_type: what.activity,
  ip_address: customer.ipAddress,
  user_agent: customer.userAgent,
  timestamp: source.time(),
  metadata: { session_id: what.sessionId, platform: customer.platform },
})

const orderOf = (source: SeededSource, customer: Customer, lines: readonly Line[]) => ({
  event_type: 'order',
  order_id: source.id('order'),
  customer_id: customer.id,
  order_date: source.time(),
  status: 'pending',
  items: lines.map(({ product, quantity }) => ({
    product_id: product.id,
    product_name: product.name,
    quantity,
    price: product.cents / 100,
  })),
  shipping_address: customer.address,
  total_amount: lines.reduce((cents, { product, quantity }) => cents + product.cents * quantity, 0) / 100,
})

const saleOf = (source: SeededSource, { product, quantity }: Line) => ({
  event_type: 'inventory',
  inventory_id: source.id('inv'),
  product_id: product.id,
  warehouse_id: source.warehouse().id,
  quantity_change: -quantity,
  reason: 'sale',
  timestamp: source.time(),
})
