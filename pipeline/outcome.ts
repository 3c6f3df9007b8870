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

/** What one bundle of the stages that write has made durable, where a runner cuts bundles of its own. */
export type WrittenReport = Pick<
  BundleReport,
  'rows' | 'rawLines' | 'rawFiles' | 'deadLetters' | 'duplicates' | 'seconds' | 'messageIds'
>

/** Gathers, while a bundle runs, what becomes of each message. */
export class Outcome {
  readonly #messages: readonly Message[]
  readonly #settled = new Set<string>()
  readonly #failed = new Map<string, unknown>()
  readonly #unknownFields = new Map<string, number>()
  readonly #rows: Record<string, number> = {}
  readonly #deadLetters: Record<string, number> = {}
  #rawLines = 0
  #rawFiles = 0
  #duplicates = 0

  /** `messages` are those of the bundle, where the runner's bundle is one of whole messages. */
  constructor(messages: readonly Message[] = []) {
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

  fail(messageIds: readonly string[], error: unknown): void {
    for (const id of messageIds) this.#failed.set(id, error)
  }

  /** Neither failed nor lost on the way: only these may be acknowledged. */
  isSettled(messageId: string): boolean {
    return this.#settled.has(messageId) && !this.#failed.has(messageId)
  }

  /** What went wrong, each cause once. */
  get errors(): readonly unknown[] {
    return [...new Set(this.#failed.values())]
  }

  /** Of the messages that the sinks were given. */
  written(seconds: number): WrittenReport {
    return {
      rows: this.#rows,
      rawLines: this.#rawLines,
      rawFiles: this.#rawFiles,
      deadLetters: this.#deadLetters,
      duplicates: this.#duplicates,
      seconds,
      messageIds: [...this.#settled].filter((id) => this.isSettled(id)),
    }
  }

  report(seconds: number): BundleReport {
    const settled = this.#messages.filter(({ id }) => this.isSettled(id))
    return {
      ...this.written(seconds),
      received: this.#messages.length,
      unknownFields: sum(new Set(settled.map(({ id }) => id)).values().map((id) => this.#unknownFields.get(id) ?? 0)),
      retried: this.#messages.length - settled.length,
      settled: [...new Set(settled.map(eventIdOf))],
      messageIds: settled.map(({ id }) => id),
    }
  }
}

const sum = (values: Iterable<number>): number => Array.from(values).reduce((total, value) => total + value, 0)
