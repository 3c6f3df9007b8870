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
  /** Messages. */
  received: number
  ready: number
  deadLetters: number
  /** Acknowledged, although their table cannot take them as its definition says. */
  refused: number
  /** To be pushed again. */
  failed: number
  /** Tables. */
  tablesCreated: number
  tablesEvolved: number
}

export interface HandlerOptions {
  /** Makes or evolves one table; throws when it may be tried again. */
  readonly ensure: (definition: TableDefinition) => Promise<Applied>
  readonly log: Logger
  readonly events?: ReadonlyMap<string, EventDefinition>
}

/**
 * Sees to it that the table of each event exists. A message that can never become an event is noted and done with, as
 * is one whose table is refused: pushing it again would change nothing, and the pipeline has its own copy. Throws when
 * BigQuery could not be asked, for the message to be pushed again.
 */
export class TablesHandler {
  readonly counts: Counts = {
    received: 0,
    ready: 0,
    deadLetters: 0,
    refused: 0,
    failed: 0,
    tablesCreated: 0,
    tablesEvolved: 0,
  }
  readonly #options: Required<HandlerOptions>
  /** One look at each table for the life of the process, however many events come while it lasts. */
  readonly #settled = new Map<string, Promise<Applied>>()

  constructor(options: HandlerOptions) {
    this.#options = { events: known, ...options }
  }

  async handle(message: PushedMessage): Promise<Handled> {
    this.counts.received++
    const context = { event_id: message.attributes.event_id ?? message.messageId, message_id: message.messageId }
    try {
      return await this.#route(message, context)
    } catch (thrown) {
      this.counts.failed++
      this.#options.log.warn({ ...context, error: thrown }, 'BigQuery could not be asked: the message is to come again')
      throw thrown
    }
  }

  async #route({ data }: PushedMessage, context: object): Promise<Handled> {
    const { log, events } = this.#options
    const read = eventTypeOf(data)
    const definition = read.ok ? events.get(read.type) : undefined
    // Any event may turn out to be a dead letter, so their table is there from the first one on.
    const [, applied] = await Promise.all([this.#settle(deadLetters), definition && this.#settle(definition)])
    if (!definition || !applied) {
      const reason = read.ok ? 'unknown_event_type' : read.reason
      this.counts.deadLetters++
      log.warn({ ...context, reason, ...(read.ok && { event_type: read.type }) }, 'not an event: no table needed')
      return { outcome: 'dead letter', reason }
    }
    const outcome = applied.outcome === 'refused' ? 'refused' : 'ready'
    this.counts[outcome]++
    log.debug({ ...context, table: applied.table, outcome }, 'table looked after')
    return { outcome, table: applied.table }
  }

  #settle(definition: TableDefinition): Promise<Applied> {
    const settled = this.#settled.get(definition.table)
    if (settled) return settled
    const settling = this.#ensure(definition)
    this.#settled.set(definition.table, settling)
    settling.catch(() => this.#settled.delete(definition.table))
    return settling
  }

  async #ensure(definition: TableDefinition): Promise<Applied> {
    const { ensure, log } = this.#options
    const applied = await ensure(definition)
    if (applied.outcome === 'created') this.counts.tablesCreated++
    if (applied.outcome === 'evolved') this.counts.tablesEvolved++
    if (applied.outcome !== 'refused') log.info(applied, `table ${applied.table} ${applied.outcome}`)
    else log.error(applied, `table ${applied.table} refused: ${applied.differences.map((d) => d.message).join(' ')}`)
    return applied
  }
}
