import type { GeneratedMessage } from './message.ts'
import { generateMessages, type MessageOptions } from './messages.ts'
import type { Scenario, Span } from './scenarios.ts'

/** What a task is to do. */
export interface Plan {
  readonly kind: 'scenario' | 'start' | 'batch'
  readonly scenario?: string
  readonly seed: number
  /** How many messages, repeated and malformed ones included. */
  readonly requested: number
  /** How long it is to take; 0 as long as the topic needs. */
  readonly durationMs: number
  readonly burst: number
  /** Whether each customer's messages keep their order. */
  readonly inOrder: boolean
  /** `start` is the time of the first message, in milliseconds since the epoch. */
  messages(start: number): Iterable<GeneratedMessage>
}

export interface PlanOptions {
  readonly seed: number
  /** How much faster than the wall clock the events' own time runs; 1 or more. */
  readonly timeScale: number
  readonly inOrder: boolean
}

export interface LoadOptions
  extends PlanOptions,
    Pick<MessageOptions, 'eventTypes' | 'malformedRatio' | 'duplicateRatio'> {
  readonly eventsPerMinute: number
  readonly durationMinutes: number
}

const MINUTE_MS = 60_000

export function planScenario(scenario: Scenario, { seed, timeScale, inOrder }: PlanOptions): Plan {
  const { name, events, minutes, burst } = scenario
  const toldMs = minutes * MINUTE_MS
  const durationMs = toldMs / timeScale
  return {
    kind: 'scenario',
    scenario: name,
    seed,
    requested: events,
    durationMs,
    burst,
    inOrder,
    messages: (start) => scenario.messages({ seed, eventTimes: span({ start, durationMs, toldMs, events, burst }) }),
  }
}

/** Paced, or with the kind `batch` as fast as the topic takes it: then the events are those of the last minutes. */
export function planLoad(kind: 'start' | 'batch', options: LoadOptions): Plan {
  const { seed, timeScale, inOrder, eventTypes, malformedRatio, duplicateRatio } = options
  const requested = eventsOf(options)
  const toldMs = options.durationMinutes * MINUTE_MS
  const durationMs = kind === 'batch' ? 0 : toldMs / timeScale
  return {
    kind,
    seed,
    requested,
    durationMs,
    burst: 1,
    inOrder,
    messages: (start) =>
      generateMessages({
        seed,
        count: requested,
        eventTimes: span({ start, durationMs, toldMs, events: requested, burst: 1 }),
        ...(eventTypes && { eventTypes }),
        ...(malformedRatio && { malformedRatio }),
        ...(duplicateRatio && { duplicateRatio }),
      }),
  }
}

export const eventsOf = ({
  eventsPerMinute,
  durationMinutes,
}: Pick<LoadOptions, 'eventsPerMinute' | 'durationMinutes'>) =>
  Math.max(1, Math.round(eventsPerMinute * durationMinutes))

interface Course {
  readonly start: number
  readonly durationMs: number
  readonly toldMs: number
  readonly events: number
  readonly burst: number
}

/**
 * The events' own times: as long as was asked for, however fast it is told, and over when the telling is. So nothing
 * happens in the future: the first event of a burst is published when the last one of it has happened.
 */
function span({ start, durationMs, toldMs, events, burst }: Course): Span {
  const to = start + durationMs - (durationMs / events) * burst
  return { from: to - toldMs, to }
}
