import type { Clock } from '../../../clock/index.ts'

/** Numbers that only grow: microseconds since the epoch, or one more than the last where the clock has not moved. */
export class Generations {
  #clock: Clock
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  next(): number {
    this.#last = Math.max(this.#last + 1, this.#clock.now() * 1_000)
    return this.#last
  }

  /** A generation that an earlier run gave out. */
  seen(generation: number): void {
    this.#last = Math.max(this.#last, generation)
  }
}
