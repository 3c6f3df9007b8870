import fc from 'fast-check'
import { expect, test } from 'vitest'
import { events, validate } from '../catalogue/index.ts'
import { type GeneratedMessage, malformed, scenarios } from './index.ts'
import { userJourneys } from './journey.ts'

const SPAN = { from: Date.parse('2024-01-15T10:00:00Z'), to: Date.parse('2024-01-15T10:10:00Z') }
const make = (name: string, seed = 7) => [...scenarios.get(name)!.messages({ seed, eventTimes: SPAN })]
const json = ({ data }: GeneratedMessage) => JSON.parse(data.toString())
const timeOf = (event: Record<string, string>) => Date.parse(event[events.get(event.event_type!)!.eventTime]!)

test('the ten scenarios are as large and as long as their names promise', () => {
  const sizes = [...scenarios.values()].map(({ name, events, minutes }) => [name, events, minutes])
  expect(sizes).toEqual([
    ['quick_sample', 12, 1],
    ['light_demo', 150, 5],
    ['moderate_load', 600, 10],
    ['heavy_load', 1_800, 15],
    ['burst_test', 900, 3],
    ['stress_test', 6_000, 10],
    ['order_rush', 300, 5],
    ['inventory_sync', 500, 5],
    ['user_journey', 400, 10],
    ['dirty_data', 200, 5],
  ])
})

test.each([...scenarios.keys()])('%s makes exactly its events, the same for the same seed', (name) => {
  const messages = make(name)
  expect(messages).toHaveLength(scenarios.get(name)!.events)
  expect(messages).toEqual(make(name))
  expect(messages).not.toEqual(make(name, 8))
  if (name === 'dirty_data') return
  const refused = messages.filter((message) => !validate(events.get(message.eventType)!, json(message)).ok)
  expect(refused).toEqual([])
  expect(new Set(messages.map(({ eventId }) => eventId)).size).toBe(messages.length)
})

test.each([
  ['order_rush', 'order'],
  ['inventory_sync', 'inventory'],
])('%s has events of type %s only', (name, type) => {
  expect(new Set(make(name).map(({ eventType }) => eventType))).toEqual(new Set([type]))
})

test('dirty_data has exactly a tenth malformed, of every kind, and a twentieth repeated, whatever the seed', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const messages = make('dirty_data', seed)
      const reasons = messages.flatMap(({ reason }) => reason ?? [])
      expect(reasons).toHaveLength(20)
      expect(new Set(reasons).size).toBe(malformed.size)
      expect(new Set(messages.map(({ eventId }) => eventId)).size).toBe(190)
    }),
    { numRuns: 5 },
  )
})

/** The events of each session in the order of publishing; an order belongs to the session of its customer. */
function visitsOf(messages: readonly GeneratedMessage[]) {
  const visits = new Map<string, { login: ReturnType<typeof json>; rest: ReturnType<typeof json>[] }>()
  for (const message of messages) {
    const event = json(message)
    if (event.activity_type === 'login') visits.set(message.customerId!, { login: event, rest: [] })
    else visits.get(message.customerId!)!.rest.push(event)
  }
  return [...visits.values()]
}

test('a journey is one customer’s session, from login to the sale of what was ordered, in this order', () => {
  // Few enough that no customer comes twice.
  const messages = [...userJourneys({ seed: 3, count: 60, eventTimes: SPAN })]
  const visits = visitsOf(messages)
  expect(visits.length).toBeGreaterThan(4)
  for (const { login, rest } of visits) {
    const order = rest.find(({ event_type }) => event_type === 'order')!
    const activities = rest.filter(({ event_type }) => event_type === 'user_activity')
    const sales = rest.filter(({ event_type }) => event_type === 'inventory')
    expect(order.customer_id).toBe(login.user_id)
    for (const { user_id, metadata } of activities) {
      expect({ user_id, metadata }).toEqual({ user_id: login.user_id, metadata: login.metadata })
    }
    expect(activities.filter(({ activity_type }) => activity_type === 'add_to_cart')).toHaveLength(order.items.length)
    expect(rest.indexOf(order)).toBe(activities.length)
    const sold = sales.map(({ product_id, quantity_change, reason }) => ({ product_id, quantity_change, reason }))
    expect(sold).toEqual(
      order.items.map(({ product_id, quantity }: { product_id: string; quantity: number }) => ({
        product_id,
        quantity_change: -quantity,
        reason: 'sale',
      })),
    )
    const times = [login, ...rest].map(timeOf)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  }
})

test('a product has one price and one name in all orders of a seed', () => {
  const prices = new Map<string, string>()
  for (const { items = [] } of make('user_journey').map(json)) {
    for (const { product_id, product_name, price } of items) {
      const known = prices.get(product_id)
      if (known) expect(`${product_name} ${price}`).toBe(known)
      prices.set(product_id, `${product_name} ${price}`)
    }
  }
  expect(prices.size).toBeGreaterThan(20)
})

test('journeys of any number of events are whole', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 120 }), fc.nat(), (count, seed) => {
      const messages = [...userJourneys({ seed, count, eventTimes: SPAN })]
      expect(messages).toHaveLength(count)
      const activities = messages.map(json)
      const carts = activities.filter(({ activity_type }) => activity_type === 'add_to_cart').length
      expect(activities.filter(({ reason }) => reason === 'sale')).toHaveLength(carts)
    }),
    { numRuns: 20 },
  )
})
