import type { Clock } from '../../clock/index.ts'

export interface BatchLimits {
  readonly maxMessages: number
  readonly maxBytes: number
  /** How long a message may wait for others. */
  readonly maxWaitMs: number
}

export interface BatcherOptions<Item> {
  readonly limits: BatchLimits
  /** Batches that may run at once. */
  readonly atOnce: number
  readonly clock: Clock
  readonly bytesOf: (item: Item) => number
  /** Must not reject. */
  readonly run: (batch: readonly Item[]) => Promise<void>
}

/** Gathers items until there are enough of them or the first has waited long enough, and runs them as one batch. */
export class Batcher<Item> {
  readonly #options: BatcherOptions<Item>
  #waiting: Item[] = []
  #bytes = 0
  #due = false
  #cancelTimer: (() => void) | undefined
  /** Batches that are not to be mixed with anything. */
  readonly #made: (readonly Item[])[] = []
  #running = 0
  #idle = Promise.withResolvers<void>()

  constructor(options: BatcherOptions<Item>) {
    this.#options = options
  }

  add(item: Item): void {
    this.#waiting.push(item)
    this.#bytes += this.#options.bytesOf(item)
    const { clock, limits } = this.#options
    this.#cancelTimer ??= clock.at(clock.now() + limits.maxWaitMs, () => this.#flush())
    this.#pump()
  }

  addBatch(batch: readonly Item[]): void {
    this.#made.push(batch)
    this.#pump()
  }

  /** Nothing that waits now needs to wait longer. */
  #flush(): void {
    this.#due = true
    this.#pump()
  }

  /** Items that wait, and batches that run. */
  get load(): { readonly waiting: number; readonly running: number } {
    const made = this.#made.reduce((sum, batch) => sum + batch.length, 0)
    return { waiting: this.#waiting.length + made, running: this.#running }
  }

  /** Takes out all that has not begun. */
  clear(): Item[] {
    const items = [...this.#waiting.splice(0), ...this.#made.splice(0).flat()]
    this.#bytes = 0
    this.#rest()
    return items
  }

  /** Resolves once nothing runs. */
  async idle(): Promise<void> {
    while (this.#running > 0) await this.#idle.promise
  }

  #pump(): void {
    const { maxMessages, maxBytes } = this.#options.limits
    while (this.#running < this.#options.atOnce) {
      const made = this.#made.shift()
      if (made) this.#start(made)
      else if (this.#due || this.#waiting.length >= maxMessages || this.#bytes >= maxBytes) {
        const batch = this.#take()
        if (batch.length === 0) return
        this.#start(batch)
      } else return
    }
  }

  #take(): Item[] {
    const { bytesOf, limits } = this.#options
    let bytes = 0
    let count = 0
    while (count < this.#waiting.length && count < limits.maxMessages && bytes < limits.maxBytes) {
      bytes += bytesOf(this.#waiting[count]!)
      count++
    }
    this.#bytes -= bytes
    const batch = this.#waiting.splice(0, count)
    if (this.#waiting.length === 0) this.#rest()
    return batch
  }

  #rest(): void {
    this.#due = false
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  #start(batch: readonly Item[]): void {
    this.#running++
    void this.#options.run(batch).then(() => {
      this.#running--
      this.#pump()
      if (this.#running > 0) return
      this.#idle.resolve()
      this.#idle = Promise.withResolvers()
    })
  }
}
