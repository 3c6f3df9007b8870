import { type Clock, systemClock } from '../../clock/index.ts'
import { deadLetters, type EventDefinition, events as known, type TableDefinition } from '../catalogue/index.ts'
import type { Logger } from '../log.ts'
import type { Applied } from './apply.ts'
import { eventTypeOf, type NoEventType } from './event-type.ts'

/** What the table manager needs of a Pub/Sub message. */
export interface PushedMessage {
  readonly messageId: string
  readonly data: Uint8Array
  readonly attributes: Readonly<Record<string, string>>
}

export type Handled =
  | { readonly outcome: 'ready' | 'refused'; readonly table: string }
  | { readonly outcome: 'dead letter'; readonly reason: NoEventType | 'unknown_event_type' }

/** Since the start. */
export interface Counts {
  readonly messages: {
    ready: number
    /** No event, or of an unknown type: nothing to do for it. */
    dead_letter: number
    /** Acknowledged, although their table cannot take them as its definition says. */
    refused: number
    /** To be pushed again. */
    failed: number
  }
  /** What came of each look at a table that changed something, or could not. */
  readonly tables: { created: number; updated: number; refused: number; failed: number }
}

export interface HandlerOptions {
  /** Makes or evolves one table; throws when it may be tried again. */
  readonly ensure: (definition: TableDefinition) => Promise<Applied>
  readonly log: Logger
  readonly clock?: Clock
  readonly events?: ReadonlyMap<string, EventDefinition>
}

/**
 * For how long a table counts as looked after. A table that somebody deletes is back with the first event after that,
 * and a look is one `tables.get`, which BigQuery does not charge for.
 */
const KNOWN_FOR_MS = 60_000

/** BigQuery answers in less than 1 s; Pub/Sub pushes a message again by itself after 60 s. */
const PATIENCE_MS = 10_000

/**
 * Sees to it that the table of each event exists. A message that can never become an event is noted and done with, as
 * is one whose table is refused: pushing it again would change nothing, and the pipeline has its own copy. Throws when
 * BigQuery could not be asked, for the message to be pushed again.
 */
export class TablesHandler {
  readonly counts: Counts = {
    messages: { ready: 0, dead_letter: 0, refused: 0, failed: 0 },
    tables: { created: 0, updated: 0, refused: 0, failed: 0 },
  }
  readonly #options: Required<HandlerOptions>
  /** One look at each table, however many events come while it lasts. */
  readonly #known = new Map<string, { readonly look: Promise<Applied>; readonly until: number }>()

  constructor(options: HandlerOptions) {
    this.#options = { events: known, clock: systemClock, ...options }
  }

  async handle(message: PushedMessage): Promise<Handled> {
    const context = { event_id: message.attributes.event_id ?? message.messageId, message_id: message.messageId }
    try {
      return await this.#route(message, context)
    } catch (thrown) {
      this.counts.messages.failed++
      this.#note('warn', { ...context, error: thrown }, 'BigQuery could not be asked: the message is to come again')
      throw thrown
    }
  }

  /** What was pushed and is no Pub/Sub message: noted, and done with. */
  refuse(faults: string): void {
    this.counts.messages.dead_letter++
    this.#note('warn', { reason: 'not_a_message', detail: faults }, 'not a Pub/Sub message: nothing to do for it')
  }

  async #route({ data }: PushedMessage, context: object): Promise<Handled> {
    const { log, events } = this.#options
    const read = eventTypeOf(data)
    const definition = read.ok ? events.get(read.type) : undefined
    // Any event may turn out to be a dead letter, so their table is there from the first one on.
    const [, applied] = await Promise.all([this.#settle(deadLetters), definition && this.#settle(definition)])
    if (!definition || !applied) {
      const reason = read.ok ? 'unknown_event_type' : read.reason
      this.counts.messages.dead_letter++
      this.#note('warn', { ...context, reason, ...(read.ok && { event_type: read.type }) }, 'no event: no table needed')
      return { outcome: 'dead letter', reason }
    }
    const outcome = applied.outcome === 'refused' ? 'refused' : 'ready'
    this.counts.messages[outcome]++
    log.debug({ ...context, table: applied.table, outcome }, 'table looked after')
    return { outcome, table: applied.table }
  }

  #settle(definition: TableDefinition): Promise<Applied> {
    const { clock } = this.#options
    const { table } = definition
    const entry = this.#known.get(table)
    if (entry && clock.now() < entry.until) return entry.look
    const look = this.#look(definition)
    this.#known.set(table, { look, until: clock.now() + KNOWN_FOR_MS })
    look.catch(() => {
      if (this.#known.get(table)?.look === look) this.#known.delete(table)
    })
    return look
  }

  async #look(definition: TableDefinition): Promise<Applied> {
    const { tables } = this.counts
    const applied = await this.#inTime(this.#options.ensure(definition)).catch((thrown: unknown) => {
      tables.failed++
      throw thrown
    })
    if (applied.outcome === 'refused') {
      tables.refused++
      this.#note('error', applied, `table refused: ${applied.differences.map((d) => d.message).join(' ')}`)
    } else if (applied.outcome !== 'unchanged') {
      tables[applied.outcome]++
      this.#note('info', applied, `table ${applied.table} ${applied.outcome}`)
    }
    return applied
  }

  /** Whoever was given up may still finish: looks at a table do not disturb each other. */
  #inTime(look: Promise<Applied>): Promise<Applied> {
    const { clock } = this.#options
    const { promise: late, reject } = Promise.withResolvers<never>()
    const cancel = clock.at(clock.now() + PATIENCE_MS, () =>
      reject(new Error(`BigQuery has not answered for ${PATIENCE_MS / 1_000} s.`)),
    )
    return Promise.race([look, late]).finally(cancel)
  }

  /** In the cloud nobody scrapes an instance that may be gone a minute later: each line says how far the counts are. */
  #note(level: 'info' | 'warn' | 'error', what: object, message: string): void {
    this.#options.log[level]({ ...what, counts: structuredClone(this.counts) }, message)
  }
}
