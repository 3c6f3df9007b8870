import type { Clock } from '../../clock/index.ts'
import type { Services } from '../bundle.ts'
import type { Load } from '../metrics/metrics.ts'
import { type BundleReport, Outcome } from '../outcome.ts'
import type { Delivery, OpenSource, Source } from '../sources/delivery.ts'
import { backoffMs } from './backoff.ts'
import { Batcher, type BatchLimits } from './batcher.ts'
import { graphRunner } from './bundles.ts'

/** As pino's. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface LocalRunOptions {
  readonly openSource: OpenSource
  readonly sinks: Pick<Services, 'rawFiles' | 'rows'>
  readonly limits: BatchLimits
  readonly bundlesAtOnce: number
  /** Messages that may wait for another attempt; beyond, they are given back to the source. */
  readonly maxRetrying: number
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly log: Log
  /** Called before the settled messages are acknowledged. If it fails they are tried again. */
  readonly onBundle: (report: BundleReport) => void | Promise<void>
  readonly roundTrip?: boolean
}

/** From this attempt on, about 15 seconds after the first, a failure hardly mends itself: somebody should look. */
const LOUD_ATTEMPT = 6

interface Item {
  readonly delivery: Delivery
  readonly attempt: number
  /** An earlier attempt has found or written its raw line. */
  readonly written?: boolean
}

/**
 * Runs the pipeline in this process: pulls, runs the graph over one bundle after the other, some at once, and
 * acknowledges what is durable. What failed stays here, its lease extended, and is tried again after a while.
 */
export class LocalRun implements AsyncDisposable {
  /** Resolves once all is closed; rejects if the source fails for good. */
  readonly stopped: Promise<void>
  readonly #options: LocalRunOptions
  readonly #runGraph = graphRunner()
  readonly #batcher: Batcher<Item>
  readonly #source: Source
  readonly #retrying = new Map<Item, () => void>()
  /** Names this process in the ids of its bundles. */
  readonly #name: string
  #bundles = 0
  readonly #stopped = Promise.withResolvers<void>()
  #stopping: Promise<void> | undefined

  constructor(options: LocalRunOptions) {
    this.#options = options
    this.#name = nameAt(options.clock.now(), options.random())
    this.stopped = this.#stopped.promise
    this.#batcher = new Batcher({
      limits: options.limits,
      atOnce: options.bundlesAtOnce,
      clock: options.clock,
      bytesOf: ({ delivery }) => delivery.message.data.length,
      run: (items) => this.#bundle(items),
    })
    this.#source = options.openSource((delivery) => this.#deliver({ delivery, attempt: 1 }))
    this.stopped.catch(() => {}) // Logged below, so whoever does not ask has been told.
    this.#source.failed.catch((error: unknown) => {
      options.log.error({ error }, 'The source failed; the pipeline has stopped.')
      this.#stopped.reject(error)
    })
  }

  get load(): Load {
    const { waiting, running } = this.#batcher.load
    return { waiting, retrying: this.#retrying.size, bundles: running }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    const closed = this.#source.close()
    for (const [{ delivery }, cancel] of this.#retrying) {
      cancel()
      delivery.nack()
    }
    this.#retrying.clear()
    await this.#batcher.idle()
    await closed
    this.#stopped.resolve()
  }

  #deliver(item: Item): void {
    if (this.#stopping) item.delivery.nack()
    else this.#batcher.add(item)
  }

  async #bundle(items: readonly Item[]): Promise<void> {
    const { sinks, clock, log, roundTrip = false } = this.#options
    const started = clock.now()
    const messages = items.map(({ delivery }) => delivery.message)
    const writtenBefore = new Set(items.filter(({ written }) => written).map(({ delivery }) => delivery.message.id))
    const outcome = new Outcome(messages, { bundle: `${this.#name}-${++this.#bundles}`, writtenBefore })
    let complete = true
    let crash: unknown
    try {
      await this.#runGraph({ ...sinks, clock, outcome, messages, roundTrip })
    } catch (error) {
      complete = false
      crash = error
      log.error({ error }, 'A bundle failed; it will be tried again in two parts.')
    }
    const attempt = Math.max(...items.map((item) => item.attempt))
    for (const error of outcome.errors) {
      const level = attempt < LOUD_ATTEMPT ? 'warn' : 'error'
      log[level]({ error, attempt }, 'A part of a bundle failed; it will be tried again.')
    }
    const reported = await this.#report(outcome.report((clock.now() - started) / 1000, crash))
    const settled = (item: Item) => reported && outcome.isSettled(item.delivery.message.id)
    for (const item of items) if (settled(item)) item.delivery.ack()
    const failed = items
      .filter((item) => !settled(item))
      .map((item) => ({ ...item, written: outcome.isWritten(item.delivery.message.id) }))
    if (complete || failed.length < 2) {
      this.#retry(failed, (again) => {
        for (const item of again) this.#deliver(item)
      })
      return
    }
    // Whatever makes the graph itself fail is found by halving, so that it holds up nothing else.
    const half = Math.ceil(failed.length / 2)
    for (const part of [failed.slice(0, half), failed.slice(half)]) {
      this.#retry(part, (again) => this.#batcher.addBatch(again))
    }
  }

  async #report(report: BundleReport): Promise<boolean> {
    try {
      await this.#options.onBundle(report)
      return true
    } catch (error) {
      this.#options.log.error({ error }, 'The report of a bundle was refused; its messages will be tried again.')
      return false
    }
  }

  #retry(items: readonly Item[], again: (items: readonly Item[]) => void): void {
    const { clock, random, maxRetrying } = this.#options
    if (items.length === 0) return
    if (this.#stopping || this.#retrying.size + items.length > maxRetrying) {
      for (const { delivery } of items) delivery.nack()
      return
    }
    const attempt = Math.max(...items.map((item) => item.attempt))
    const next = items.map((item) => ({ ...item, attempt: attempt + 1 }))
    const cancel = clock.at(clock.now() + backoffMs(attempt, random), () => {
      for (const item of next) this.#retrying.delete(item)
      again(next)
    })
    for (const item of next) this.#retrying.set(item, cancel)
  }
}

/** Different for processes that start in the same millisecond too, as good as always: `chance` lies in [0, 1). */
const nameAt = (time: number, chance: number): string =>
  time.toString(36) +
  Math.floor(chance * 36 ** 4)
    .toString(36)
    .padStart(4, '0')
