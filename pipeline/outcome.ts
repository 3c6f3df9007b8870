import { deadLetters } from '../src/catalogue/index.ts'
import type { Written } from './sinks/raw-files.ts'
import type { Added } from './sinks/rows.ts'
import { eventIdOf, type Message } from './transforms/message.ts'

/** What became of one bundle. */
export interface BundleReport {
  /** Messages, repeated deliveries included. */
  readonly received: number
  /** Rows that this bundle added, by table; those of dead_letters apart. */
  readonly rows: Readonly<Record<string, number>>
  /** Raw lines that this bundle added, dead letters included. */
  readonly rawLines: number
  /** Raw files that this bundle wrote. */
  readonly rawFiles: number
  /** Dead letters that this bundle added, by reason. */
  readonly deadLetters: Readonly<Record<string, number>>
  /** Messages whose event had been written before. */
  readonly duplicates: number
  /** Fields that no definition names, in the settled messages. */
  readonly unknownFields: number
  /** Messages that will be tried again. */
  readonly retried: number
  readonly seconds: number
  /** Event ids whose row and raw line, or dead letter, are durable. Their messages have not been acknowledged yet. */
  readonly settled: readonly string[]
  /** The messages of those events, each as often as it was delivered. */
  readonly messageIds: readonly string[]
}

/** Messages that a bundle goes on without, since where they go is slow. */
export interface Left {
  readonly lane: string
  readonly state: 'under way' | 'not begun'
  readonly messageIds: readonly string[]
  /** Resolves once they need not wait any longer, with what then notes what became of them, if anything did. */
  readonly ended: Promise<(outcome: Outcome) => void>
}

/** Messages that could not be written this time, all for one reason. */
export interface Failure {
  readonly error: unknown
  /** Where they were to go. Empty: who failed did not say. */
  readonly lane: string
}

/** Gathers, while a bundle runs, what becomes of each message. */
export class Outcome {
  readonly left: Left[] = []
  #messages: readonly Message[]
  readonly #settled = new Set<string>()
  readonly #failed = new Map<string, Failure>()
  readonly #unknownFields = new Map<string, number>()
  readonly #rows: Record<string, number> = {}
  readonly #deadLetters: Record<string, number> = {}
  #rawLines = 0
  #rawFiles = 0
  #duplicates = 0

  constructor(messages: readonly Message[]) {
    this.#messages = messages
  }

  foundUnknownFields(messageId: string, count: number): void {
    this.#unknownFields.set(messageId, count)
  }

  wrote({ lines, duplicates, held }: Written): void {
    this.#rawLines += lines
    this.#rawFiles += held.filter(({ content }) => content !== undefined).length
    this.#duplicates += duplicates
  }

  added({ table, rows }: Added): void {
    if (rows.length === 0) return
    if (table !== deadLetters) this.#rows[table.table] = (this.#rows[table.table] ?? 0) + rows.length
    else for (const { reason } of rows) this.#deadLetters[String(reason)] = (this.#deadLetters[String(reason)] ?? 0) + 1
  }

  settle(messageIds: readonly string[]): void {
    for (const id of messageIds) this.#settled.add(id)
  }

  fail(messageIds: readonly string[], error: unknown, lane = ''): void {
    const failure = { error, lane }
    for (const id of messageIds) this.#failed.set(id, failure)
  }

  leave(left: Left): void {
    this.left.push(left)
  }

  /** Takes these messages out of this outcome, into one of their own. */
  split(messageIds: readonly string[]): Outcome {
    const ids = new Set(messageIds)
    const { true: ours = [], false: rest = [] } = Object.groupBy(this.#messages, ({ id }) => `${ids.has(id)}`)
    this.#messages = rest
    const part = new Outcome(ours)
    for (const id of ids) part.foundUnknownFields(id, this.#unknownFields.get(id) ?? 0)
    return part
  }

  /** Neither failed nor lost on the way: only these may be acknowledged. */
  isSettled(messageId: string): boolean {
    return this.#settled.has(messageId) && !this.#failed.has(messageId)
  }

  /** One for each group that failed. */
  failureOf(messageId: string): Failure | undefined {
    return this.#failed.get(messageId)
  }

  report(seconds: number): BundleReport {
    const settled = this.#messages.filter(({ id }) => this.isSettled(id))
    return {
      received: this.#messages.length,
      rows: this.#rows,
      rawLines: this.#rawLines,
      rawFiles: this.#rawFiles,
      deadLetters: this.#deadLetters,
      duplicates: this.#duplicates,
      unknownFields: sum(new Set(settled.map(({ id }) => id)).values().map((id) => this.#unknownFields.get(id) ?? 0)),
      retried: this.#messages.length - settled.length,
      seconds,
      settled: [...new Set(settled.map(eventIdOf))],
      messageIds: settled.map(({ id }) => id),
    }
  }
}

const sum = (values: Iterable<number>): number => Array.from(values).reduce((total, value) => total + value, 0)
