import { setTimeout as pause } from 'node:timers/promises'
import { eventId, type Load, numberOf } from './load.ts'
import type { Stack } from './stack.ts'
import { allSettled, warmUp } from './throughput.ts'

const PER_SECOND = 1_000
const TICK_MS = 10
/** Every so many ms it is asked which of the events that are looked for have a row. */
const ASK_MS = 50
/** One event in so many is looked for. */
const LOOKED_FOR = 50
/** Left out at the start, while caches and compilers warm up. */
const WARM_UP_SECONDS = 5

export interface Latency {
  readonly events: number
  /** Milliseconds from the publish to the line that says that row and raw line are durable: all events. */
  readonly durable: readonly number[]
  /** Milliseconds from the publish until a query finds the row: of some events, on average half of ASK_MS too much. */
  readonly visible: readonly number[]
}

/** Publishes evenly, and times each event. */
export async function latency(stack: Stack, seconds: number): Promise<Latency> {
  await warmUp(stack)
  const load = stack.load((PER_SECOND * TICK_MS) / 1_000)
  const first = load.first + WARM_UP_SECONDS * PER_SECOND
  const durable: number[] = []
  stack.onSettled = (event) => void (event >= first && durable.push(Date.now() - load.sentAt(event)))
  const looking = new AbortController()
  const found = look(stack, load, { first, signal: looking.signal })
  await atRate(load, PER_SECOND, seconds + WARM_UP_SECONDS)
  await allSettled(stack)
  looking.abort()
  return { events: load.sent, durable, visible: await found }
}

/** Publishes so many events a second, and returns when all requests are answered. */
export async function atRate(load: Load, perSecond: number, seconds: number): Promise<void> {
  const begun = performance.now()
  const due = () => Math.min(seconds, (performance.now() - begun) / 1_000) * perSecond
  const flights: Promise<void>[] = []
  while (load.sent < seconds * perSecond) {
    while (load.room > 0 && load.sent < due()) flights.push(load.send())
    await pause(TICK_MS)
  }
  await Promise.all(flights)
}

/** Asks BigQuery again and again for some of the events. */
async function look(
  { clients, settings }: Stack,
  load: Load,
  { first, signal }: { first: number; signal: AbortSignal },
): Promise<number[]> {
  const found: number[] = []
  const waiting = new Set<number>()
  const tables = ['orders', 'inventory', 'user_activity'].map(
    (table) => `SELECT event_id FROM \`${settings.resources.dataset}.${table}\` WHERE event_id IN UNNEST(@ids)`,
  )
  let next = first
  while (!signal.aborted) {
    for (; next < load.first + load.sent; next += LOOKED_FOR) waiting.add(next)
    const ids = [...waiting].map(eventId)
    const asked = performance.now()
    if (ids.length > 0) {
      const [rows] = await clients.bigquery.query({ query: tables.join(' UNION ALL '), params: { ids } })
      const now = Date.now()
      for (const event of (rows as { event_id: string }[]).map(({ event_id }) => numberOf(event_id))) {
        if (waiting.delete(event)) found.push(now - load.sentAt(event))
      }
    }
    await pause(Math.max(0, ASK_MS - (performance.now() - asked)))
  }
  return found
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN
}
