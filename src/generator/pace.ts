export interface PaceOptions {
  /** When the first message is due, in milliseconds since the epoch. */
  readonly start: number
  /** Infinity makes every message due at once. */
  readonly eventsPerMinute: number
  /** How many messages come close together; 1, the default, spreads them evenly. */
  readonly burst?: number
}

/** After a stall, at most this much is made up for at once: less than 1 % of the minute that follows. */
const LONGEST_CATCH_UP_MS = 500
/** A burst takes a tenth of the time in which its messages would come one by one; then there is silence. */
const BURST_HASTE = 10

/** How long after the first message the message `index` is due, in milliseconds. */
export function offsetOf(index: number, { eventsPerMinute, burst = 1 }: Omit<PaceOptions, 'start'>): number {
  const intervalMs = 60_000 / eventsPerMinute
  const inBurst = index % burst
  return (index - inBurst + inBurst / BURST_HASTE) * intervalMs
}

/**
 * When each message is due. A stall (of the topic, or of this machine) is followed by half a second's worth of messages
 * at the most, and then by the asked rate again. It is told what time it is.
 */
export class Pace {
  #options: PaceOptions
  #delay = 0
  #index = 0

  constructor(options: PaceOptions) {
    if (!(options.eventsPerMinute > 0)) {
      throw new RangeError(`eventsPerMinute must be more than 0, not ${options.eventsPerMinute}.`)
    }
    this.#options = options
  }

  /** When the next message is due. */
  get due(): number {
    return this.#options.start + this.#delay + offsetOf(this.#index, this.#options)
  }

  /** The next message goes out now: at its due time, or later. */
  take(now: number): void {
    this.#delay += Math.max(0, now - this.due - LONGEST_CATCH_UP_MS)
    this.#index += 1
  }
}
