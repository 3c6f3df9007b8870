import type { Clock } from '../../clock/index.ts'
import type { Services } from '../bundle.ts'
import type { Load } from '../metrics/metrics.ts'
import { type BundleReport, type Failure, type Left, Outcome } from '../outcome.ts'
import { permanentFault } from '../sinks/fault.ts'
import type { Delivery, OpenSource, Source } from '../sources/delivery.ts'
import type { TimeBounds } from '../transforms/time-bounds.ts'
import { backoffMs, SLOWEST_MS } from './backoff.ts'
import { Batcher, type BatchLimits } from './batcher.ts'
import { graphRunner } from './bundles.ts'
import { Lanes, within } from './lanes.ts'
import { type Amount, Waiting } from './waiting.ts'

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
  /** What may wait outside of bundles: for another attempt, or for a sink that is slow. Beyond, it is given back. */
  readonly mostWaiting: Amount
  readonly timeBounds?: TimeBounds
  readonly clock: Clock
  /** Whose time rows say they were written at, where that is not the clock that the run waits by. */
  readonly times?: Pick<Clock, 'now'>
  /** In [0, 1). */
  readonly random: () => number
  readonly log: Log
  /** Called before the settled messages are acknowledged. If it fails they are tried again. */
  readonly onBundle: (report: BundleReport) => void | Promise<void>
  readonly roundTrip?: boolean
}

/** From this attempt on, about 15 seconds after the first, a failure hardly mends itself: somebody should look. */
const LOUD_ATTEMPT = 6

/** How long stopping waits for bundles, and then for the source: under the 10 s that Docker and Cloud Run grant. */
const FINISH_MS = 7_000
export const CLOSE_MS = 9_000

interface Item {
  readonly delivery: Delivery
  readonly attempt: number
  /** It is one of those among which one may break the graph itself. */
  readonly suspected?: boolean
}

/**
 * Runs the pipeline in this process: pulls, runs the graph over one bundle after the other, some at once, and
 * acknowledges what is durable. What failed stays here, its lease extended, and is tried again after a while. What goes
 * to a slow sink is waited for outside of bundles.
 */
export class LocalRun implements AsyncDisposable {
  /** Resolves once all is closed; rejects if the source fails for good. */
  readonly stopped: Promise<void>
  readonly #options: LocalRunOptions
  readonly #runGraph: ReturnType<typeof graphRunner>
  readonly #lanes: Lanes
  readonly #batcher: Batcher<Item>
  readonly #source: Source
  readonly #waiting: Waiting
  /** Those that wait for another attempt, and how it is called off. */
  readonly #retrying = new Map<Item, () => void>()
  /** Those that are in a bundle, or that a bundle has left to a slow sink. */
  readonly #working = new Set<Item>()
  readonly #slow = new Set<Promise<void>>()
  readonly #stopped = Promise.withResolvers<void>()
  #stopping: Promise<void> | undefined
  /** Those whose raw line an earlier attempt has found or written. */
  readonly #written = new WeakSet<Delivery>()
  /** Names this process in the ids of its bundles. */
  readonly #name: string
  #bundles = 0

  constructor(options: LocalRunOptions) {
    this.#options = options
    this.#name = nameAt(options.clock.now(), options.random())
    this.stopped = this.#stopped.promise
    this.#runGraph = graphRunner(options.timeBounds)
    this.#lanes = new Lanes(options.clock)
    this.#waiting = new Waiting(options.mostWaiting)
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
    const { clock, log } = this.#options
    const closed = this.#source.close().catch((error: unknown) => log.warn({ error }, 'The source did not close well.'))
    const allClosed = within(clock, CLOSE_MS, closed)
    for (const cancel of this.#retrying.values()) cancel()
    this.#giveBack([...this.#retrying.keys(), ...this.#batcher.clear()])
    this.#retrying.clear()
    if (!(await within(clock, FINISH_MS, this.#finished()))) {
      const messages = this.#working.size
      log.warn({ messages }, 'A sink did not answer in time, so messages are given back: they will be delivered again.')
      for (const { delivery } of this.#working) delivery.nack()
    }
    await allClosed
    this.#stopped.resolve()
  }

  async #finished(): Promise<void> {
    await this.#batcher.idle()
    await Promise.all(this.#slow)
  }

  #deliver(item: Item): void {
    if (this.#stopping) item.delivery.nack()
    else this.#batcher.add(item)
  }

  async #bundle(items: readonly Item[]): Promise<void> {
    const { sinks, clock, times = clock, roundTrip = false } = this.#options
    const started = clock.now()
    const messages = items.map(({ delivery }) => delivery.message)
    const again = items.filter(({ delivery }) => this.#written.has(delivery))
    const outcome = new Outcome(messages, {
      bundle: `${this.#name}-${++this.#bundles}`,
      writtenBefore: new Set(again.map(({ delivery }) => delivery.message.id)),
    })
    for (const item of items) this.#working.add(item)
    let broken: unknown
    try {
      await this.#runGraph({
        ...sinks,
        clock,
        stamp: () => times.now(),
        outcome,
        messages,
        lanes: this.#lanes,
        roundTrip,
      })
    } catch (error) {
      broken = error ?? new Error('The graph failed.')
      outcome.breakOff(broken)
    }
    const left = new Set(outcome.left.flatMap((part) => this.#leave(part, items, outcome)))
    const rest = items.filter((item) => !left.has(item))
    const unsettled = await this.#conclude(rest, outcome, started)
    if (unsettled.length === 0) return
    if (broken === undefined) this.#retry(unsettled, 'lost')
    else this.#halve(unsettled, broken)
  }

  /** Waits for a group that its bundle does not wait for. Returns its items. */
  #leave({ lane, state, messageIds, ended }: Left, items: readonly Item[], bundle: Outcome): readonly Item[] {
    const ids = new Set(messageIds)
    const own = items.filter(({ delivery }) => ids.has(delivery.message.id))
    const outcome = bundle.split(messageIds)
    const amount = amountOf(own)
    // What is under way is ours until it ends; what has not begun is kept as long as there is room.
    if (state === 'under way') this.#waiting.add(lane, amount)
    else if (this.#stopping || !this.#waiting.take(lane, amount)) {
      this.#giveBack(own)
      return own
    }
    const started = this.#options.clock.now()
    const waited = ended.then(async (note) => {
      this.#waiting.leave(lane, amount)
      note(outcome)
      const unsettled = state === 'under way' ? await this.#conclude(own, outcome, started) : own
      for (const item of unsettled) {
        this.#working.delete(item)
        this.#deliver(item)
      }
    })
    this.#slow.add(waited)
    void waited.finally(() => this.#slow.delete(waited))
    return own
  }

  /** Reports, acknowledges what is settled, and sees to what failed. Returns the rest, of which nothing was heard. */
  async #conclude(items: readonly Item[], outcome: Outcome, started: number): Promise<readonly Item[]> {
    const reported = await this.#report(outcome.report((this.#options.clock.now() - started) / 1000))
    const settled = (item: Item) => reported && outcome.isSettled(item.delivery.message.id)
    for (const item of items) {
      if (!settled(item)) continue
      this.#working.delete(item)
      item.delivery.ack()
    }
    const unsettled = items.filter((item) => !settled(item))
    for (const { delivery } of unsettled) if (outcome.isWritten(delivery.message.id)) this.#written.add(delivery)
    const byFailure = Map.groupBy(unsettled, ({ delivery }) => outcome.failureOf(delivery.message.id))
    for (const [failure, failed] of byFailure) if (failure) this.#failed(failure, failed)
    return byFailure.get(undefined) ?? []
  }

  #failed({ error, lane }: Failure, items: readonly Item[]): void {
    const { log } = this.#options
    const attempt = attemptOf(items)
    const fault = permanentFault(error)
    if (fault) log.error({ error, attempt, mend: fault.mend }, 'A sink refuses a part of a bundle until it is mended.')
    else {
      const level = attempt < LOUD_ATTEMPT ? 'warn' : 'error'
      log[level]({ error, attempt }, 'A part of a bundle failed; it will be tried again.')
    }
    this.#retry(items, lane, fault && SLOWEST_MS)
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

  /** Whatever makes the graph itself fail is found by halving, at once, so that it holds up nothing else. */
  #halve(items: readonly Item[], error: unknown): void {
    const { log } = this.#options
    if (items.length === 1) {
      log.error(
        { error, messageId: items[0]!.delivery.message.id },
        'A message breaks the graph; it will be tried again.',
      )
      this.#retry(items, 'broken')
      return
    }
    if (!items[0]!.suspected) log.error({ error }, 'A bundle failed; it is tried again in ever smaller parts.')
    const half = Math.ceil(items.length / 2)
    for (const part of [items.slice(0, half), items.slice(half)]) {
      for (const item of part) this.#working.delete(item)
      if (this.#stopping) for (const { delivery } of part) delivery.nack()
      else this.#batcher.addBatch(part.map((item) => ({ ...item, suspected: true })))
    }
  }

  #retry(items: readonly Item[], lane: string, waitMs?: number): void {
    const { clock, random } = this.#options
    const amount = amountOf(items)
    if (this.#stopping || !this.#waiting.take(lane, amount)) {
      this.#giveBack(items)
      return
    }
    for (const item of items) this.#working.delete(item)
    const attempt = attemptOf(items)
    const next = items.map(({ delivery }): Item => ({ delivery, attempt: attempt + 1 }))
    const cancel = clock.at(clock.now() + (waitMs ?? backoffMs(attempt, random)), () => {
      this.#waiting.leave(lane, amount)
      for (const item of next) this.#retrying.delete(item)
      for (const item of next) this.#deliver(item)
    })
    for (const item of next) this.#retrying.set(item, cancel)
  }

  #giveBack(items: readonly Item[]): void {
    for (const item of items) {
      this.#working.delete(item)
      item.delivery.nack()
    }
  }
}

const attemptOf = (items: readonly Item[]) => Math.max(...items.map(({ attempt }) => attempt))

const amountOf = (items: readonly Item[]): Amount => ({
  messages: items.length,
  bytes: items.reduce((bytes, { delivery }) => bytes + delivery.message.data.length, 0),
})

/** Different for processes that start in the same millisecond too, as good as always: `chance` lies in [0, 1). */
const nameAt = (time: number, chance: number): string =>
  time.toString(36) +
  Math.floor(chance * 36 ** 4)
    .toString(36)
    .padStart(4, '0')
