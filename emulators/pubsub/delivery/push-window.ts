import type { Clock } from '../../../clock/index.ts'

const FIRST = 4
const MOST = 256
const SHORTEST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 60_000

/**
 * How many requests a push endpoint gets at a time: more with every success, half with every failure, and none for a
 * while after failures in a row (cloud.google.com/pubsub/docs/push#push_backoff).
 */
export class PushWindow {
  #clock: Clock
  #limit = FIRST
  #failures = 0
  #resumesAt = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Requests that may be open now. */
  get limit(): number {
    return this.resumesAt() === undefined ? this.#limit : 0
  }

  succeeded(): void {
    this.#failures = 0
    this.#limit = Math.min(MOST, this.#limit + 1)
  }

  /** `pause` is false where each message has a backoff of its own, by the subscription's retry policy. */
  failed({ pause }: { pause: boolean }): void {
    this.#limit = Math.max(1, this.#limit >> 1)
    if (!pause || this.resumesAt() !== undefined) return // the requests of one window are one failure
    const ms = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** this.#failures++)
    this.#resumesAt = this.#clock.now() + ms
  }

  /** When the pause ends; undefined when there is none. */
  resumesAt(): number | undefined {
    return this.#resumesAt > this.#clock.now() ? this.#resumesAt : undefined
  }
}
