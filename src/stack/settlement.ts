/** How long nothing may settle before what is missing counts as lost. */
export const PATIENCE_MS = 30_000

/** Which messages were published and which of them are durable: knows when everything is accounted for. */
export class Settlement {
  #settled = new Set<string>()
  #outstanding = new Set<string>()
  #waiting: (() => void)[] = []

  publish(messageId: string): void {
    if (!this.#settled.has(messageId)) this.#outstanding.add(messageId)
  }

  /** A message may settle before the publisher hears of its id, and again when it is redelivered. */
  settle(messageIds: Iterable<string>): void {
    const before = this.#settled.size
    for (const id of messageIds) {
      this.#settled.add(id)
      this.#outstanding.delete(id)
    }
    if (this.#settled.size === before) return // A bundle that failed is no progress.
    for (const wake of this.#waiting.splice(0)) wake()
  }

  get settled(): number {
    return this.#settled.size
  }

  get published(): number {
    return this.#settled.size + this.#outstanding.size
  }

  /** The messages that were published and are not durable yet, in that order. */
  get outstanding(): readonly string[] {
    return [...this.#outstanding]
  }

  get isComplete(): boolean {
    return this.#outstanding.size === 0
  }

  /**
   * Waits until every message published so far is durable. Gives up, and answers false, when nothing at all settles
   * for `patienceMs`: what is missing then is for reconcile to say.
   */
  async complete(patienceMs: number): Promise<boolean> {
    while (!this.isComplete) {
      const progress = await this.#progress(patienceMs)
      if (!progress) return this.isComplete
    }
    return true
  }

  #progress(patienceMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patienceMs, false)
      this.#waiting.push(() => {
        clearTimeout(timer)
        resolve(true)
      })
    })
  }
}
