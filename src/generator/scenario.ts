import type { Clock } from '../../clock/index.ts'
import { Flights } from './flights.ts'
import type { GeneratedMessage } from './message.ts'

export interface ScenarioOptions {
  readonly messages: Iterable<GeneratedMessage>
  /** Resolves to the message id when the topic has the message. */
  readonly publish: (message: GeneratedMessage) => Promise<string>
  readonly clock: Clock
  /** Infinity publishes as fast as the topic takes it. */
  readonly eventsPerMinute: number
  /** How many publishes may be under way: beyond, the scenario waits for the topic. */
  readonly maxInFlight?: number
  /** Stops making new messages; what is under way is waited for. */
  readonly signal?: AbortSignal
  /** Called after each message that the topic took. */
  readonly onPublished?: (message: GeneratedMessage, messageId: string) => void
  /** Called for each message that the topic refused. */
  readonly onFailed?: (message: GeneratedMessage, error: unknown) => void
}

/** What became of the messages. */
export interface ScenarioResult {
  readonly published: number
  readonly failed: number
  readonly byType: Readonly<Record<string, number>>
}

/** After a stall, at most this much is made up for at once. */
const LONGEST_BURST_MS = 1_000

/**
 * Publishes messages at a rate, evenly spread. A stall (of the topic, or of this machine) is followed by one second's
 * worth of messages at the most, and then by the asked rate again. Returns when every publish has its answer.
 */
export async function runScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  const { clock, eventsPerMinute, maxInFlight = 5_000, signal } = options
  if (!(eventsPerMinute > 0)) throw new RangeError(`eventsPerMinute must be more than 0, not ${eventsPerMinute}.`)
  const intervalMs = 60_000 / eventsPerMinute
  const flights = new Flights(maxInFlight)
  const result = { published: 0, failed: 0, byType: {} as Record<string, number> }
  let due = clock.now()
  for (const message of options.messages) {
    await waitUntil(due, clock, signal)
    await flights.room()
    if (signal?.aborted) break
    due = Math.max(due, clock.now() - LONGEST_BURST_MS) + intervalMs
    flights.add(publishOne(message, options, result))
  }
  await flights.landed()
  return result
}

/** Never rejects: a message that the topic refuses is counted and told of. */
async function publishOne(
  message: GeneratedMessage,
  { publish, onPublished, onFailed }: ScenarioOptions,
  result: { published: number; failed: number; byType: Record<string, number> },
): Promise<void> {
  const outcome = await publish(message).then(
    (messageId) => ({ messageId }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome) {
    result.failed += 1
    onFailed?.(message, outcome.error)
    return
  }
  result.published += 1
  result.byType[message.eventType] = (result.byType[message.eventType] ?? 0) + 1
  onPublished?.(message, outcome.messageId)
}

function waitUntil(time: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  if (time <= clock.now() || signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.at(time, done)
    signal?.addEventListener('abort', done)
  })
}
