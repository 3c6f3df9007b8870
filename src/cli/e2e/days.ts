import { events } from '../../catalogue/index.ts'
import type { InputMessage } from './input.ts'

const DAY_MS = 86_400_000

/**
 * The days, `2024-01-15` in UTC, that `event_date` may be in the rows of these messages: an event's day is that of its own
 * time; a dead letter's is the day on which it is published, be it past midnight, or by another clock before it.
 */
export function daysOf(messages: readonly InputMessage[], now: number): string[] {
  const times = messages.filter(({ reason }) => reason === undefined).map(eventTime)
  const days = [...times, now - DAY_MS, now, now + DAY_MS].map((time) => new Date(time).toISOString().slice(0, 10))
  return [...new Set(days)].sort()
}

function eventTime({ data }: InputMessage): number {
  const event: Record<string, unknown> = JSON.parse(data.toString())
  return Date.parse(String(event[events.get(String(event.event_type))!.eventTime]))
}
