import { setImmediate as turn } from 'node:timers/promises'
import { type ManualClock, manualClock } from '../../clock/index.ts'
import type { BundleReport } from '../outcome.ts'
import { LocalRun, type LocalRunOptions } from '../runners/local.ts'
import { InMemoryBucket, InMemoryTables, type Step } from '../sinks/in-memory.ts'
import { RawFiles } from '../sinks/raw-files.ts'
import { Rows } from '../sinks/rows.ts'
import type { Delivery, OpenSource } from '../sources/delivery.ts'
import type { Message } from '../transforms/message.ts'
import { message, order } from './sample-message.ts'

/** A subscription in memory: what is given back is delivered again, a second later. */
export class Subscription {
  readonly #clock: ManualClock
  readonly acked: string[] = []
  readonly nacked: string[] = []
  readonly failure = Promise.withResolvers<never>()
  /** Messages that are delivered, and neither acknowledged nor given back. */
  out = 0
  /** Messages that may be out at once. */
  most = Number.POSITIVE_INFINITY
  #deliver: ((delivery: Delivery) => void) | undefined
  #isOpen = true
  #queue: Message[] = []

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  readonly open: OpenSource = (deliver) => {
    this.#deliver = deliver
    return {
      failed: this.failure.promise,
      close: async () => {
        this.#isOpen = false
        while (this.out > 0) await turn()
      },
    }
  }

  publish(messages: readonly Message[]): void {
    this.#queue.push(...messages)
    this.#pump()
  }

  deliver(message: Message): void {
    this.out++
    let isOut = true
    /** As with Google's client, what comes second does nothing. */
    const settle = (note: () => void) => () => {
      if (!isOut) return
      isOut = false
      this.out--
      note()
      queueMicrotask(() => this.#pump())
    }
    this.#deliver!({
      message,
      ack: settle(() => this.acked.push(message.id)),
      nack: settle(() => {
        this.nacked.push(message.id)
        this.#clock.at(this.#clock.now() + 1_000, () => this.publish([message]))
      }),
    })
  }

  #pump(): void {
    while (this.#isOpen && this.out < this.most) {
      const next = this.#queue.shift()
      if (!next) return
      this.deliver(next)
    }
  }
}

interface StartOptions extends Partial<Omit<LocalRunOptions, 'clock'>> {
  readonly clock?: ManualClock
  readonly step?: Step
}

/** A pipeline in this process, whose sinks are in memory and whose clock the test moves. */
export function start({ step, clock = manualClock(), ...options }: StartOptions = {}) {
  const bucket = new InMemoryBucket()
  const tables = new InMemoryTables()
  const subscription = new Subscription(clock)
  const reports: BundleReport[] = []
  const files = bucket.client(step)
  const streams = tables.client(step)
  const run = new LocalRun({
    openSource: subscription.open,
    sinks: { rawFiles: new RawFiles(files, streams), rows: new Rows(files, streams) },
    limits: { maxMessages: 100, maxBytes: 1024 * 1024, maxWaitMs: 100 },
    bundlesAtOnce: 2,
    mostWaiting: { messages: 1000, bytes: 1024 * 1024 },
    clock,
    random: () => 0.5,
    log: { info() {}, warn() {}, error() {} },
    onBundle: (report) => void reports.push(report),
    // Whatever a runner with several workers does to elements, the graph must stand.
    roundTrip: true,
    ...options,
  })
  const ids = (table: string) => (tables.rows.get(table) ?? []).map(({ event_id }) => event_id as string)
  return { run, clock, bucket, tables, subscription, reports, ids }
}

/** Moves the clock on, by so many milliseconds at a time, until it is so. */
export async function until(clock: ManualClock, condition: () => boolean, stepMs = 20): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    if (turns > 2000) throw new Error('It never happened.')
    clock.advance(stepMs)
    await turn()
  }
}

export const orderMessage = (id: string, overrides: object = {}) => message({ ...order, ...overrides }, { id })

const activity = {
  event_type: 'user_activity',
  user_id: 'u1',
  activity_type: 'login',
  ip_address: null,
  timestamp: '2024-01-15T10:30:00Z',
  metadata: { session_id: 's', platform: 'web' },
}

export const activityMessage = (id: string, overrides: object = {}) => message({ ...activity, ...overrides }, { id })
