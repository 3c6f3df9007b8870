import { connectBigQueryOnce } from '../clients.ts'
import { createLog } from '../log.ts'
import type { Settings } from '../settings.ts'
import { ensureTable } from './apply.ts'
import { type HandlerOptions, TablesHandler } from './handler.ts'
import { messageOf } from './received.ts'

/** What the Cloud Function is called, and what it is deployed as (its entry point). */
export const FUNCTION_NAME = 'manageTable'

/**
 * The Cloud Function: given a CloudEvent of a Pub/Sub message, it returns when there is nothing more to do for it, and
 * throws when it is to be pushed again.
 */
export interface TableFunction {
  (given: unknown): Promise<void>
  readonly counts: TablesHandler['counts']
}

export interface TableFunctionOptions extends Partial<Pick<HandlerOptions, 'log' | 'clock'>> {
  readonly settings: Settings
}

export function tableFunction({ settings, clock, log = createLog('table-manager') }: TableFunctionOptions) {
  const clients = { bigquery: connectBigQueryOnce(settings) }
  const handler = new TablesHandler({
    log,
    ensure: (definition) => ensureTable({ clients, settings }, definition),
    ...(clock && { clock }),
  })
  const manage = async (given: unknown) => {
    const received = messageOf(given)
    if (!received.ok) return handler.refuse(received.faults)
    await handler.handle(received.message).catch((thrown: unknown) => {
      throw new ToBePushedAgain(thrown)
    })
  }
  return Object.assign(manage, { counts: handler.counts }) satisfies TableFunction
}

/** The framework prints the stack of what a function throws. The fault is in the log by then, with its event_id. */
class ToBePushedAgain extends Error {
  override readonly name = 'ToBePushedAgain'
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.stack = JSON.stringify({ severity: 'DEBUG', message: `answered with an error: ${this.message}` })
  }
}
