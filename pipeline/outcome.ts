import { deadLetters } from '../src/catalogue/index.ts'
import { type FailureReport, failureReport } from './failure-report.ts'
import type { RawFile } from './sinks/raw-bucket.ts'
import type { Written } from './sinks/raw-files.ts'
import type { Added } from './sinks/rows.ts'
import { eventIdOf, type Message } from './transforms/message.ts'

/**
 * What became of one bundle, as plain JSON, so that any runner can hand it on. Counts may be added up over bundles. Where
 * a runner takes a bundle apart, what one report tells as received another may tell as settled.
 */
export interface BundleReport {
  /** Names the bundle among those of all processes; `NAME.1` is a part of NAME that a slow sink held up. */
  readonly bundle: string
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
  /** Messages whose event another message had brought before, each when it is first found to be so. */
  readonly duplicates: number
  /** Fields that no definition names, in the settled messages. */
  readonly unknownFields: number
  /** Messages that will be tried again. */
  readonly retried: number
  /** Why. */
  readonly failures: readonly FailureReport[]
  /** From the start of the bundle to this report. */
  readonly seconds: number
  /** Of these, how many went by while raw files were written, and rows. */
  readonly stages: Readonly<Record<Stage, number>>
  /** The raw files that hold the lines of its messages, those of failed appends included. */
  readonly files: readonly FileReport[]
  /** Seconds from publish to durable row, or dead letter, of each of `messageIds`; 0 where the clocks disagree. */
  readonly latencies: readonly number[]
  /** Event ids whose row and raw line, or dead letter, are durable. */
  readonly settled: readonly string[]
  /** The messages of those events, each as often as it was delivered. */
  readonly messageIds: readonly string[]
  /** Event ids of the messages that will be tried again. */
  readonly unsettled: readonly string[]
}

/** Where a bundle spends its time, but for the graph itself. */
export type Stage = 'rawFiles' | 'rows'

export interface FileReport {
  readonly name: string
  /** The write stream that was named in the file for its rows when it was written. */
  readonly stream: string
  /** Lines that this bundle wrote: all of the file, or 0 where it had been written before. */
  readonly lines: number
  /** Rows that this bundle added to the table for it: 0 where they were there, or the append failed. */
  readonly rows: number
}

export interface OutcomeOptions {
  readonly bundle: string
  /** Ids of messages whose lines an earlier attempt of this process has written, or found. */
  readonly writtenBefore?: ReadonlySet<string>
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

const LOST = new Error('It did not come to the end of the graph in this bundle.')

/** What a bundle of the stages that write has made durable, where a runner cuts bundles of its own. */
export type WrittenReport = Pick<
  BundleReport,
  | 'bundle'
  | 'rows'
  | 'rawLines'
  | 'rawFiles'
  | 'deadLetters'
  | 'duplicates'
  | 'seconds'
  | 'stages'
  | 'files'
  | 'messageIds'
>

/** Gathers, while a bundle runs, what becomes of each message. */
export class Outcome {
  readonly left: Left[] = []
  #messages: readonly Message[]
  readonly #options: OutcomeOptions
  /** Message ids, and when they were settled. */
  readonly #settled = new Map<string, number>()
  readonly #failed = new Map<string, Failure>()
  #broken: unknown = LOST
  #parts = 0
  readonly #written = new Set<string>()
  readonly #unknownFields = new Map<string, number>()
  readonly #rows: Record<string, number> = {}
  readonly #deadLetters: Record<string, number> = {}
  readonly #files = new Map<string, FileReport>()
  readonly #stages: Record<Stage, number> = { rawFiles: 0, rows: 0 }
  #rawLines = 0
  #rawFiles = 0
  #duplicates = 0

  /** `messages` are those of the bundle, where the runner's bundle is one of whole messages. */
  constructor(messages: readonly Message[], options: OutcomeOptions) {
    this.#messages = messages
    this.#options = options
  }

  foundUnknownFields(messageId: string, count: number): void {
    this.#unknownFields.set(messageId, count)
  }

  wrote({ lines, duplicates, held }: Written): void {
    this.#rawLines += lines
    this.#duplicates += duplicates
    for (const { file, content, messageIds } of held) {
      const written = content === undefined ? 0 : content.split('\n').length - 1
      if (written > 0) this.#rawFiles += 1
      this.#files.set(file.name, { name: file.name, stream: file.stream, lines: written, rows: 0 })
      for (const id of messageIds) {
        this.#written.add(id)
        if (this.#options.writtenBefore?.has(id)) this.#duplicates -= 1
      }
    }
  }

  added({ name, stream }: RawFile, { table, rows }: Added): void {
    this.#files.set(name, { name, stream, lines: this.#files.get(name)?.lines ?? 0, rows: rows.length })
    if (rows.length === 0) return
    if (table !== deadLetters) this.#rows[table.table] = (this.#rows[table.table] ?? 0) + rows.length
    else for (const { reason } of rows) this.#deadLetters[String(reason)] = (this.#deadLetters[String(reason)] ?? 0) + 1
  }

  /** `now` in milliseconds since the epoch. */
  settle(messageIds: readonly string[], now: number): void {
    for (const id of messageIds) this.#settled.set(id, now)
  }

  fail(messageIds: readonly string[], error: unknown, lane = ''): void {
    const failure = { error, lane }
    for (const id of messageIds) this.#failed.set(id, failure)
  }

  /** The graph itself broke: what else there is of it may be lost. */
  breakOff(error: unknown): void {
    this.#broken = error
  }

  leave(left: Left): void {
    this.left.push(left)
  }

  /** Takes these messages out of this outcome, into one of their own. */
  split(messageIds: readonly string[]): Outcome {
    const ids = new Set(messageIds)
    const { true: ours = [], false: rest = [] } = Object.groupBy(this.#messages, ({ id }) => `${ids.has(id)}`)
    this.#messages = rest
    const { bundle } = this.#options
    const writtenBefore = new Set(messageIds.filter((id) => this.isWritten(id)))
    const part = new Outcome(ours, { bundle: `${bundle}.${++this.#parts}`, writtenBefore })
    for (const id of ids) part.foundUnknownFields(id, this.#unknownFields.get(id) ?? 0)
    return part
  }

  spent(stage: Stage, milliseconds: number): void {
    this.#stages[stage] += milliseconds / 1_000
  }

  /** Neither failed nor lost on the way: only these may be acknowledged. */
  isSettled(messageId: string): boolean {
    return this.#settled.has(messageId) && !this.#failed.has(messageId)
  }

  /** A raw file holds its line, or that of another message of the same event. */
  isWritten(messageId: string): boolean {
    return this.#written.has(messageId) || this.#options.writtenBefore?.has(messageId) === true
  }

  /** One for each group that failed. */
  failureOf(messageId: string): Failure | undefined {
    return this.#failed.get(messageId)
  }

  /** What went wrong, each cause once. */
  get errors(): readonly unknown[] {
    return [...new Set(this.#failed.values().map(({ error }) => error))]
  }

  /** Of the messages that the sinks were given. */
  written(seconds: number): WrittenReport {
    return {
      bundle: this.#options.bundle,
      rows: this.#rows,
      rawLines: this.#rawLines,
      rawFiles: this.#rawFiles,
      deadLetters: this.#deadLetters,
      duplicates: this.#duplicates,
      seconds,
      stages: this.#stages,
      files: [...this.#files.values()],
      messageIds: this.#settled
        .keys()
        .filter((id) => this.isSettled(id))
        .toArray(),
    }
  }

  report(seconds: number): BundleReport {
    const settled: Message[] = []
    const unsettled: Message[] = []
    for (const message of this.#messages) (this.isSettled(message.id) ? settled : unsettled).push(message)
    return {
      ...this.written(seconds),
      received: this.#messages.length,
      unknownFields: sum(new Set(settled.map(({ id }) => id)).values().map((id) => this.#unknownFields.get(id) ?? 0)),
      retried: unsettled.length,
      failures: this.#failures(unsettled),
      latencies: settled.map(({ id, publishTime }) => secondsBetween(publishTime, this.#settled.get(id)!)),
      settled: [...new Set(settled.map(eventIdOf))],
      messageIds: settled.map(({ id }) => id),
      unsettled: [...new Set(unsettled.map(eventIdOf))],
    }
  }

  #failures(unsettled: readonly Message[]): FailureReport[] {
    const byError = Map.groupBy(unsettled, ({ id }) => this.#failed.get(id)?.error ?? this.#broken)
    const failures = new Map<string, FailureReport>()
    for (const [error, messages] of byError) {
      const failure = failureReport(error, messages.length)
      const kind = `${failure.cause} ${failure.call} ${failure.code}`
      const known = failures.get(kind)
      failures.set(kind, known ? { ...known, messages: known.messages + failure.messages } : failure)
    }
    return [...failures.values()]
  }
}

const secondsBetween = (publishTime: string, settled: number): number =>
  Math.max(0, settled - Date.parse(publishTime) || 0) / 1_000

const sum = (values: Iterable<number>): number => Array.from(values).reduce((total, value) => total + value, 0)
