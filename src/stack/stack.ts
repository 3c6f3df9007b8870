import { pino } from 'pino'
import { startPipeline } from '../../pipeline/index.ts'
import { type Clients, connect } from '../clients.ts'
import type { Scope } from '../outputs/index.ts'
import { provision } from '../resources.ts'
import { parseSettings, type Settings } from '../settings.ts'
import { startTableManager } from '../tables/index.ts'
import { startApart, startHere } from './emulators.ts'
import { PATIENCE_MS, Settlement } from './settlement.ts'

/** A pipeline to send messages through, and what became of them. */
export interface Stack extends AsyncDisposable {
  readonly settings: Settings
  readonly clients: Clients
  /** What was published and not yet seen to be durable, by what `idOf` says. */
  readonly settlement: Settlement
  /** Waits until all of it is; false when nothing at all became durable for PATIENCE_MS. */
  complete(): Promise<boolean>
  readonly idOf: (published: { readonly event_id: string; readonly message_id: string }) => string
  /** What the pipeline counted over all bundles; absent where it runs elsewhere. */
  readonly counts?: { duplicates: number; unknownFields: number }
  /** Whose events are ours; absent where nobody else's are there. */
  readonly scope?: Scope
}

export interface StackOptions {
  /** Called when each part is up, with the time that it took. */
  readonly onPart?: (part: string, milliseconds: number) => void
  /** Emulators in a thread of their own: slower to start, and a second core for the rest. */
  readonly emulators?: 'here' | 'apart'
  /** Who makes the tables: the table manager, told of each event, or whoever starts the stack. */
  readonly tables?: 'managed' | 'yours'
}

/** What the table manager would log, the report of the run says in its own way. */
const silent = pino({ level: 'silent' })

/**
 * A whole pipeline of its own on free ports, which nothing that runs beside it can disturb: starts emulators, resources,
 * table manager and pipeline; ends what did start when a later part does not.
 */
export async function startStack({
  onPart = () => {},
  emulators: place = 'here',
  tables = 'managed',
}: StackOptions = {}): Promise<Stack> {
  await using starting = new AsyncDisposableStack()
  let last = performance.now()
  const up = (part: string) => {
    const now = performance.now()
    onPart(part, now - last)
    last = now
  }
  const emulators = starting.use(await (place === 'apart' ? startApart() : startHere()))
  up('emulators')
  const settings = parseSettings(emulators.variables)
  const clients = starting.use(connect(settings))
  const tableManager =
    tables === 'managed' ? starting.use(await startTableManager({ settings, log: silent })) : undefined
  await provision(clients, settings, { ...(tableManager && { tablesPushEndpoint: tableManager.url }) })
  up('resources')
  const settlement = new Settlement()
  const counts = { duplicates: 0, unknownFields: 0 }
  starting.use(
    await startPipeline({
      clients,
      settings,
      onBundle(bundle) {
        counts.duplicates += bundle.duplicates
        counts.unknownFields += bundle.unknownFields
        settlement.settle(bundle.messageIds)
      },
    }),
  )
  up('pipeline')
  const running = starting.move()
  return {
    settings,
    clients,
    settlement,
    complete: () => settlement.complete(PATIENCE_MS),
    idOf: ({ message_id }) => message_id,
    counts,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
