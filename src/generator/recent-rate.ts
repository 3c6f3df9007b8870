/** How far back it looks, and in which steps it forgets. */
const WINDOW_MS = 5_000
const STEP_MS = 250

/** How often something happened per second, over the last five seconds. It is told what time it is. */
export class RecentRate {
  /** Counts by step, the oldest first. */
  #steps: { readonly step: number; count: number }[] = []
  #begun: number | undefined

  add(now: number): void {
    this.#begun ??= now
    const step = Math.floor(now / STEP_MS)
    const last = this.#steps.at(-1)
    if (last && last.step >= step) last.count += 1
    else this.#steps.push({ step, count: 1 })
    this.#forget(now)
  }

  perSecond(now: number): number {
    this.#forget(now)
    const counted = this.#steps.reduce((sum, { count }) => sum + count, 0)
    // What has just begun is measured over the time that it had.
    const window = Math.min(WINDOW_MS, Math.max(now - (this.#begun ?? now), 1_000))
    return (counted * 1_000) / window
  }

  #forget(now: number): void {
    const oldest = Math.floor((now - WINDOW_MS) / STEP_MS)
    while (this.#steps[0] && this.#steps[0].step <= oldest) this.#steps.shift()
  }
}
