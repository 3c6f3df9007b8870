import type { Clock } from '../../clock/index.ts'
import type { GeneratedMessage } from './message.ts'
import type { Plan } from './plan.ts'
import { RecentRate } from './recent-rate.ts'

/**
 * pending → running → completed (everything published), stopped (asked to) or failed (something was not published).
 * A pending task may also be stopped or fail.
 */
export const TASK_STATES = ['pending', 'running', 'completed', 'stopped', 'failed'] as const
export type TaskState = (typeof TASK_STATES)[number]

/** A topic that refuses this many messages in a row will refuse the rest. */
const MOST_FAILURES_IN_A_ROW = 100

/** One run of a plan, and how far it is. */
export class Task {
  readonly id: string
  readonly plan: Plan
  readonly #clock: Clock
  readonly #stop = new AbortController()
  readonly #rate = new RecentRate()
  readonly #byType: Record<string, number> = {}
  #state: TaskState = 'pending'
  #startedAt: number
  #finishedAt: number | undefined
  #published = 0
  #failed = 0
  #malformed = 0
  #repeated = 0
  #failuresInARow = 0
  #isStopAsked = false
  #lastError: string | undefined

  constructor(id: string, plan: Plan, clock: Clock) {
    this.id = id
    this.plan = plan
    this.#clock = clock
    this.#startedAt = clock.now()
  }

  get state(): TaskState {
    return this.#state
  }

  get isFinished(): boolean {
    return this.#state !== 'pending' && this.#state !== 'running'
  }

  /** Aborted when no new message is to be published. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  begin(): void {
    if (this.#state !== 'pending') return
    this.#state = 'running'
    this.#startedAt = this.#clock.now()
  }

  published({ eventType, reason, repeated }: GeneratedMessage): void {
    this.#published += 1
    this.#failuresInARow = 0
    this.#byType[eventType] = (this.#byType[eventType] ?? 0) + 1
    if (reason !== undefined) this.#malformed += 1
    if (repeated) this.#repeated += 1
    this.#rate.add(this.#clock.now())
  }

  failed(error: unknown): void {
    this.#failed += 1
    this.#failuresInARow += 1
    this.#lastError = messageOf(error)
    if (this.#failuresInARow === MOST_FAILURES_IN_A_ROW) this.#stop.abort()
  }

  /** Nothing new is published from now on; it is finished when what is under way has its answer. */
  stop(): void {
    if (this.isFinished) return
    this.#isStopAsked = true
    this.#stop.abort()
  }

  /** Every message that was begun has its answer; `error` where the run itself broke. */
  end(error?: unknown): void {
    if (this.isFinished) return
    this.#finishedAt = this.#clock.now()
    if (error !== undefined) this.#lastError = messageOf(error)
    if (error === undefined && this.#published === this.plan.requested) this.#state = 'completed'
    else this.#state = this.#isStopAsked && error === undefined ? 'stopped' : 'failed'
  }

  /** All figures as they are now; times are in milliseconds since the epoch. */
  get progress() {
    const now = this.#finishedAt ?? this.#clock.now()
    const seconds = (now - this.#startedAt) / 1_000
    return {
      published: this.#published,
      failed: this.#failed,
      byType: { ...this.#byType },
      malformed: this.#malformed,
      repeated: this.#repeated,
      percent: Math.floor(((this.#published + this.#failed) * 1_000) / this.plan.requested) / 10,
      startedAt: this.#startedAt,
      endsAt: this.#finishedAt ?? this.#expectedEnd(now),
      eventsPerSecond: {
        now: this.isFinished ? 0 : this.#rate.perSecond(now),
        average: seconds > 0 ? this.#published / seconds : 0,
      },
      lastError: this.#lastError,
    }
  }

  /** Later than planned after a stall; unknown where the topic alone decides. */
  #expectedEnd(now: number): number | undefined {
    const { durationMs, requested } = this.plan
    if (durationMs === 0) return undefined
    const left = (requested - this.#published - this.#failed) / requested
    return Math.max(this.#startedAt + durationMs, now + left * durationMs)
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
