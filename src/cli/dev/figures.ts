import { count } from '../../text.ts'

/** What of a bundle's line of JSON the figures need; only the first line of a bundle has its counts. */
export interface Bundle {
  readonly rows?: Readonly<Record<string, number>>
  readonly rawFiles?: number
  readonly deadLetters?: Readonly<Record<string, number>>
  readonly messageIds: readonly string[]
}

/** A message may be durable before it is heard of here, and again when it is redelivered: so many are remembered. */
const MOST_EARLY = 10_000

/** Live figures of the whole stack. It is told what time it is, in milliseconds. */
export class Figures {
  #published = 0
  #rows = 0
  #files = 0
  #deadLetters = 0
  readonly #outstanding = new Set<string>()
  readonly #early = new Set<string>()
  #last: { readonly time: number; readonly published: number; readonly rows: number }

  constructor(now: number) {
    this.#last = { time: now, published: 0, rows: 0 }
  }

  published(messageId: string): void {
    this.#published += 1
    if (!this.#early.delete(messageId)) this.#outstanding.add(messageId)
  }

  durable({ rows = {}, rawFiles = 0, deadLetters = {}, messageIds }: Bundle): void {
    this.#rows += sum(rows)
    this.#files += rawFiles
    this.#deadLetters += sum(deadLetters)
    for (const id of messageIds) if (!this.#outstanding.delete(id)) this.#early.add(id)
    for (const id of this.#early) {
      if (this.#early.size <= MOST_EARLY) break
      this.#early.delete(id)
    }
  }

  /** Rates since the last call, totals since the beginning, and how many messages are not durable yet. */
  line(now: number): string {
    const seconds = Math.max(now - this.#last.time, 1) / 1_000
    const perSecond = (total: number, before: number) => count(Math.round((total - before) / seconds))
    const text = [
      `published ${perSecond(this.#published, this.#last.published)}/s`,
      `rows ${perSecond(this.#rows, this.#last.rows)}/s`,
      `events ${count(this.#published)}`,
      `files ${count(this.#files)}`,
      `dead letters ${count(this.#deadLetters)}`,
      `backlog ${count(this.#outstanding.size)}`,
    ].join(' · ')
    this.#last = { time: now, published: this.#published, rows: this.#rows }
    return text
  }
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0)
