import { userJourneys } from './journey.ts'
import type { GeneratedMessage } from './message.ts'
import { generateMessages, type MessageOptions } from './messages.ts'

/** A named load: so many events in so many minutes. */
export interface Scenario {
  readonly name: string
  readonly description: string
  readonly events: number
  readonly minutes: number
  /** How many events come close together; 1 spreads them evenly. */
  readonly burst: number
  /** The same seed and span give the same bytes. */
  messages(options: Pick<MessageOptions, 'seed'> & { readonly eventTimes: Span }): Iterable<GeneratedMessage>
}

/** Milliseconds since the epoch. */
export interface Span {
  readonly from: number
  readonly to: number
}

type Load = Pick<Scenario, 'description' | 'events' | 'minutes'> &
  Partial<Pick<Scenario, 'burst'>> &
  Pick<MessageOptions, 'eventTypes' | 'malformedRatio' | 'duplicateRatio'>

const load = (name: string, { description, events, minutes, burst = 1, ...mixed }: Load): Scenario => ({
  name,
  description,
  events,
  minutes,
  burst,
  messages: (options) => generateMessages({ ...mixed, ...options, count: events }),
})

const all: readonly Scenario[] = [
  load('quick_sample', { description: 'A first look: one event every five seconds.', events: 12, minutes: 1 }),
  load('light_demo', { description: 'A quiet shop, for a demonstration.', events: 150, minutes: 5 }),
  load('moderate_load', { description: 'A normal day: one event a second.', events: 600, minutes: 10 }),
  load('heavy_load', { description: 'A busy day: two events a second.', events: 1_800, minutes: 15 }),
  load('burst_test', {
    description: 'Bursts of 50 events within a second, every ten seconds.',
    events: 900,
    minutes: 3,
    burst: 50,
  }),
  load('stress_test', { description: 'Ten events a second, without a break.', events: 6_000, minutes: 10 }),
  load('order_rush', {
    description: 'Nothing but orders, one a second.',
    events: 300,
    minutes: 5,
    eventTypes: ['order'],
  }),
  load('inventory_sync', {
    description: 'Nothing but changes of stock, as when a warehouse is counted.',
    events: 500,
    minutes: 5,
    eventTypes: ['inventory'],
  }),
  {
    name: 'user_journey',
    description: 'Visits of customers: login, views, carts, the order, and the sales that it makes of the stock.',
    events: 400,
    minutes: 10,
    burst: 1,
    messages: (options) => userJourneys({ ...options, count: 400 }),
  },
  load('dirty_data', {
    description: 'A tenth malformed, in every way that the pipeline knows, and a twentieth published twice.',
    events: 200,
    minutes: 5,
    malformedRatio: 0.1,
    duplicateRatio: 0.05,
  }),
]

export const scenarios: ReadonlyMap<string, Scenario> = new Map(all.map((scenario) => [scenario.name, scenario]))
