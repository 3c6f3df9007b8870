import type { Clock } from '../../../clock/index.ts'

/** How long BigQuery remembers an insertId, at best (cloud.google.com/bigquery/docs/streaming-data-into-bigquery). */
const REMEMBERED_MS = 60_000

/** The insertIds of one table's newest rows. */
export class InsertIds {
  /** In order of time: the oldest first. */
  readonly #seen = new Map<string, number>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether a row with this id went in during the last minute. */
  has(id: string): boolean {
    this.#forget()
    return this.#seen.has(id)
  }

  add(id: string): void {
    this.#seen.set(id, this.#clock.now())
  }

  #forget(): void {
    const until = this.#clock.now() - REMEMBERED_MS
    for (const [id, time] of this.#seen) {
      if (time > until) return
      this.#seen.delete(id)
    }
  }
}
