import { pino } from 'pino'
import { type Emulators, startEmulators } from '../../emulators/index.ts'
import { startPipeline as startHere, type WrittenReport } from '../../pipeline/index.ts'
import { type Clients, connect } from '../clients.ts'
import type { Scope } from '../outputs/index.ts'
import { provision } from '../resources.ts'
import { parseSettings, type Settings } from '../settings.ts'
import { startTableManager } from '../tables/index.ts'
import { PATIENCE_MS, Settlement } from './settlement.ts'

/** A pipeline to send messages through, and what became of them. */
export interface Stack extends AsyncDisposable {
  readonly settings: Settings
  readonly clients: Clients
  /** What was published and not yet seen to be durable, by what `idOf` says. */
  readonly settlement: Settlement
  /**
   * Waits until all of it is; false when nothing at all became durable for `patienceMs`, or else PATIENCE_MS. Rejects when
   * the pipeline has failed for good.
   */
  complete(patienceMs?: number): Promise<boolean>
  readonly idOf: (published: { readonly event_id: string; readonly message_id: string }) => string
  /** What the pipeline counted over all bundles; absent where it runs elsewhere. */
  readonly counts?: { duplicates: number; unknownFields: number }
  /** Whose events are ours; absent where nobody else's are there. */
  readonly scope?: Scope
}

export interface StackOptions {
  /** Called when each part is up, with the time that it took. */
  readonly onPart?: (part: string, milliseconds: number) => void
  /** Starts the pipeline, where it is not to run in this process. */
  readonly startPipeline?: StartPipeline
}

/** `stopped` rejects when the pipeline has failed for good, and is nobody's duty to watch. */
export type StartPipeline = (options: {
  readonly settings: Settings
  /** What a process needs in its environment to reach the emulators. */
  readonly environment: Readonly<Record<string, string>>
  /** Told of messages once they are durable. */
  readonly onBundle: (bundle: Pick<WrittenReport, 'messageIds'>) => void
}) => Promise<AsyncDisposable & { readonly stopped: Promise<unknown> }>

/** What the table manager would log, the report of the run says in its own way. */
const silent = pino({ level: 'silent' })

/**
 * A whole pipeline of its own on free ports, which nothing that runs beside it can disturb: starts emulators, resources,
 * table manager and pipeline; ends what did start when a later part does not.
 */
export async function startStack({ onPart = () => {}, startPipeline }: StackOptions = {}): Promise<Stack> {
  await using starting = new AsyncDisposableStack()
  let last = performance.now()
  const up = (part: string) => {
    const now = performance.now()
    onPart(part, now - last)
    last = now
  }
  const emulators = starting.use(await startEmulators())
  up('emulators')
  const environment = variablesOf(emulators)
  const settings = parseSettings(environment)
  const clients = starting.use(connect(settings))
  const tableManager = starting.use(await startTableManager({ settings, log: silent }))
  await provision(clients, settings, { tablesPushEndpoint: tableManager.url })
  up('resources')
  const settlement = new Settlement()
  const counts = { duplicates: 0, unknownFields: 0 }
  const settle = ({ messageIds }: Pick<WrittenReport, 'messageIds'>) => settlement.settle(messageIds)
  const pipeline = starting.use(
    startPipeline
      ? await startPipeline({ settings, environment, onBundle: settle })
      : await startHere({
          clients,
          settings,
          onBundle(bundle) {
            counts.duplicates += bundle.duplicates
            counts.unknownFields += bundle.unknownFields
            settle(bundle)
          },
        }),
  )
  up('pipeline')
  const running = starting.move()
  return {
    settings,
    clients,
    settlement,
    complete: (patienceMs = PATIENCE_MS) =>
      Promise.race([settlement.complete(patienceMs), pipeline.stopped.then(() => settlement.isComplete)]),
    idOf: ({ message_id }) => message_id,
    ...(!startPipeline && { counts }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

const address = ({ host, port }: { readonly host: string; readonly port: number }) => `${host}:${port}`

/** The environment of whoever is to use these emulators. */
export const variablesOf = ({ pubsub, storage, bigquery }: Emulators) => ({
  PUBSUB_EMULATOR_HOST: address(pubsub),
  STORAGE_EMULATOR_HOST: address(storage),
  BIGQUERY_EMULATOR_HOST: address(bigquery),
})
