import type { Clock } from '../../clock/index.ts'

/** How long a bundle waits for one of its groups. */
const PATIENCE_MS = 5_000
/** Groups that a slow lane takes at once. */
const SLOW_AT_ONCE = 4

interface Lane {
  slow: boolean
  running: number
  /** Resolves when one of those that run has ended. */
  next: PromiseWithResolvers<void>
}

/** `under way`: the work goes on without the bundle. `not begun`: the lane is full; it may be tried again when `done`. */
export type Attended =
  | { readonly state: 'done' }
  | { readonly state: 'under way' | 'not begun'; readonly done: Promise<void> }

/**
 * Each destination has a lane, so that one that is slow holds up no other. A bundle waits for each of its groups, but not
 * long; then it goes on without it, and the lane counts as slow: until one of its groups is done in good time, no bundle
 * waits for it, and it takes a few groups only.
 */
export class Lanes {
  readonly #clock: Clock
  readonly #lanes = new Map<string, Lane>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when the bundle need not wait any longer. The work must not reject. */
  async attend(name: string, work: () => Promise<void>): Promise<Attended> {
    const lane = this.#lane(name)
    if (lane.slow && lane.running >= SLOW_AT_ONCE) return { state: 'not begun', done: lane.next.promise }
    const done = this.#run(lane, work)
    if (!lane.slow) {
      const inTime = await within(this.#clock, PATIENCE_MS, done)
      if (inTime) return { state: 'done' }
      lane.slow = true
    }
    return { state: 'under way', done }
  }

  async #run(lane: Lane, work: () => Promise<void>): Promise<void> {
    const began = this.#clock.now()
    lane.running++
    await work()
    lane.running--
    lane.slow = this.#clock.now() - began >= PATIENCE_MS
    lane.next.resolve()
    lane.next = Promise.withResolvers()
  }

  #lane(name: string): Lane {
    const lane = this.#lanes.get(name) ?? { slow: false, running: 0, next: Promise.withResolvers() }
    this.#lanes.set(name, lane)
    return lane
  }
}

/** Whether it is done within so many milliseconds. It must not reject. */
export async function within(clock: Clock, ms: number, done: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>()
  const cancel = clock.at(clock.now() + ms, () => resolve(false))
  const inTime = await Promise.race([done.then(() => true), late])
  cancel()
  return inTime
}
