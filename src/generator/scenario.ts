import { setImmediate as otherWork } from 'node:timers/promises'
import type { Clock } from '../../clock/index.ts'
import { Flights } from './flights.ts'
import type { GeneratedMessage } from './message.ts'
import { Pace } from './pace.ts'

export interface ScenarioOptions {
  readonly messages: Iterable<GeneratedMessage>
  /** Resolves to the message id when the topic has the message. */
  readonly publish: (message: GeneratedMessage) => Promise<string>
  readonly clock: Clock
  /** Infinity publishes as fast as the topic takes it. */
  readonly eventsPerMinute: number
  /** How many messages come close together, at the same rate on the whole; 1, the default, spreads them evenly. */
  readonly burst?: number
  /** How many publishes may be under way: beyond, the scenario waits for the topic. */
  readonly maxInFlight?: number
  /** Makes no new messages after this time, in milliseconds; as many as there are unless told otherwise. */
  readonly durationMs?: number
  /** Stops making new messages; what is under way is waited for. */
  readonly signal?: AbortSignal
  /** Called after each message that the topic took. */
  readonly onPublished?: (message: GeneratedMessage, messageId: string) => void
  /** Called for each message that the topic refused. */
  readonly onFailed?: (message: GeneratedMessage, error: unknown) => void
  /** Called about once a second while there is progress, and once at the end. */
  readonly onProgress?: (progress: ScenarioResult) => void
}

/** What became of the messages. */
export interface ScenarioResult {
  /** Handed to `publish`: at the end, those published and those that failed. */
  readonly requested: number
  readonly published: number
  readonly failed: number
  /** Those published. */
  readonly byType: Readonly<Record<string, number>>
}

interface Tally {
  requested: number
  published: number
  failed: number
  byType: Record<string, number>
}

/** Far more than a rate needs; it keeps large messages from filling the memory while the topic does not answer. */
const MAX_BYTES_IN_FLIGHT = 64 * 2 ** 20
const PROGRESS_EVERY_MS = 1_000
/** However fast the topic answers, timers and signals get their turn after this many messages. */
const MESSAGES_IN_A_ROW = 256

/**
 * Publishes messages at a rate, evenly spread. A stall (of the topic, or of this machine) is followed by half a
 * second's worth of messages at the most, and then by the asked rate again. Returns when every publish has its answer.
 */
export async function runScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  const { clock, eventsPerMinute, burst, maxInFlight = 5_000, durationMs = Number.POSITIVE_INFINITY, signal } = options
  const start = clock.now()
  const pace = new Pace({ start, eventsPerMinute, ...(burst && { burst }) })
  const flights = new Flights({ flights: maxInFlight, bytes: MAX_BYTES_IN_FLIGHT })
  const result: Tally = { requested: 0, published: 0, failed: 0, byType: {} }
  using _alive = aliveUntilDisposed()
  const end = start + durationMs
  let report = start + PROGRESS_EVERY_MS
  for (const message of options.messages) {
    if (pace.due >= end) break
    await waitUntil(pace.due, clock, signal)
    await flights.room()
    if (signal?.aborted || clock.now() >= end) break
    pace.take(clock.now())
    result.requested += 1
    flights.add(publishOne(message, options, result), message.data.length)
    if (result.requested % MESSAGES_IN_A_ROW === 0) await otherWork()
    if (clock.now() < report) continue
    report = clock.now() + PROGRESS_EVERY_MS
    options.onProgress?.(snapshot(result))
  }
  await flights.landed()
  options.onProgress?.(snapshot(result))
  return result
}

const snapshot = (result: Tally): ScenarioResult => ({ ...result, byType: { ...result.byType } })

/** The clock's callbacks let the process end, which a scenario that waits for its next message must not. */
function aliveUntilDisposed(): Disposable {
  const timer = setInterval(() => {}, 2 ** 30)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

/** Never rejects: a message that the topic refuses is counted and told of. */
async function publishOne(
  message: GeneratedMessage,
  { publish, onPublished, onFailed }: ScenarioOptions,
  result: Tally,
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
