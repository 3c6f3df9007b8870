import { pino } from 'pino'
import { type Clock, systemClock } from '../../clock/index.ts'
import type { FaultPlan, Message } from '../../emulators/index.ts'
import {
  type BatchLimits,
  type FailureReport,
  type Log,
  startPipeline,
  type WrittenReport,
} from '../../pipeline/index.ts'
import { type Clients, connect } from '../clients.ts'
import type { Scope } from '../outputs/index.ts'
import { provision } from '../resources.ts'
import { parseSettings, type Settings } from '../settings.ts'
import { applyTables, startTableManager } from '../tables/index.ts'
import { startApart, startHere } from './emulators.ts'
import { PATIENCE_MS, Settlement } from './settlement.ts'
import type { Variables } from './variables.ts'

/** A pipeline to send messages through, and what became of them. */
export interface Stack extends AsyncDisposable {
  readonly settings: Settings
  readonly clients: Clients
  /** What was published and not yet seen to be durable, by what `idOf` says. */
  readonly settlement: Settlement
  /**
   * Waits until all of it is; false when nothing at all became durable for so long, PATIENCE_MS unless told otherwise.
   * Rejects when the pipeline has failed for good.
   */
  complete(patienceMs?: number): Promise<boolean>
  readonly idOf: (published: { readonly event_id: string; readonly message_id: string }) => string
  /** What the pipeline counted over all bundles; absent where it runs elsewhere. */
  readonly counts?: { duplicates: number; unknownFields: number }
  /** Whose events are ours; absent where nobody else's are there. */
  readonly scope?: Scope
}

/** A stack of one's own, which knows what its topic takes, by whomever, unless its emulators are apart. */
export interface OwnStack extends Stack {
  /** What the emulators live by, and what the pipeline stamps its rows with. */
  readonly clock: Clock
  /** Where its emulators listen, as `host:port` by variable. */
  readonly variables: Variables
  /** Why messages could not be written the last time that some could not. */
  readonly failures: readonly FailureReport[]
  /** Rejects when the pipeline has ended for good, as when its subscription is gone. */
  readonly stopped: Promise<unknown>
}

export interface StackOptions {
  /** Called when each part is up, with the time that it took. */
  readonly onPart?: (part: string, milliseconds: number) => void
  /** The emulators live by it, and rows are stamped by it; what the pipeline waits for passes in real time. */
  readonly clock?: Clock
  /** Calls to the emulators that are to fail, those of the stack itself included. */
  readonly faults?: FaultPlan
  /** Told of each message that the topic takes, before its publisher hears. */
  readonly onPublished?: (messages: readonly Message[]) => void
  /** Settings besides the emulators' addresses. */
  readonly environment?: Readonly<Record<string, string>>
  /** When a bundle of the pipeline is full. */
  readonly bundle?: Partial<BatchLimits>
  /** What the pipeline logs goes here. */
  readonly log?: Log
  /** `ready`: made before the first event, rather than by it. */
  readonly tables?: 'ready'
  /** For tables that are ready and stay as they are: half of what an event costs is the push to the table manager. */
  readonly tableManager?: 'none'
  /**
   * A thread of their own: slower to start, and a second core for the rest. Clock and faults do not reach there, nor is
   * it heard what is published.
   */
  readonly emulators?: 'apart'
  /** Starts the pipeline, where it is not to run in this process: then it follows the system's clock, and counts nothing. */
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
export async function startStack(options: StackOptions = {}): Promise<OwnStack> {
  const { onPart = () => {}, onPublished = () => {}, clock = systemClock, faults, bundle, log } = options
  if (options.emulators === 'apart' && (options.clock ?? faults ?? options.onPublished)) {
    throw new Error(
      'Emulators that are apart take neither clock nor faults nor onPublished: they are in another thread.',
    )
  }
  await using starting = new AsyncDisposableStack()
  let last = performance.now()
  const up = (part: string) => {
    const now = performance.now()
    onPart(part, now - last)
    last = now
  }
  const settlement = new Settlement()
  let topic: string | undefined
  const emulators = starting.use(
    options.emulators === 'apart'
      ? await startApart()
      : await startHere({
          clock,
          ...(faults && { faults }),
          onPublished(name, messages) {
            if (name !== topic) return
            for (const { id } of messages) settlement.publish(id)
            onPublished(messages)
          },
        }),
  )
  up('emulators')
  const { variables } = emulators
  const settings = parseSettings({ ...options.environment, ...variables })
  topic = `projects/${settings.projectId}/topics/${settings.resources.topic}`
  const clients = starting.use(connect(settings))
  const tableManager =
    options.tableManager === 'none' ? undefined : starting.use(await startTableManager({ settings, log: silent }))
  await provision(clients, settings, { ...(tableManager && { tablesPushEndpoint: tableManager.url }) })
  if (options.tables === 'ready') await applyTables(clients, settings)
  up('resources')
  const counts = { duplicates: 0, unknownFields: 0 }
  let failures: readonly FailureReport[] = []
  const pipeline = starting.use(
    options.startPipeline
      ? await options.startPipeline({
          settings,
          environment: { ...options.environment, ...variables },
          onBundle: ({ messageIds }) => settlement.settle(messageIds),
        })
      : await startPipeline({
          clients,
          settings,
          times: clock,
          ...(bundle && { bundle }),
          ...(log && { log }),
          onBundle(report) {
            counts.duplicates += report.duplicates
            counts.unknownFields += report.unknownFields
            if (report.failures.length > 0) failures = report.failures
            settlement.settle(report.messageIds)
          },
        }),
  )
  up('pipeline')
  const running = starting.move()
  return {
    settings,
    clients,
    clock,
    variables,
    settlement,
    complete: (patienceMs = PATIENCE_MS) =>
      Promise.race([settlement.complete(patienceMs), pipeline.stopped.then(() => settlement.isComplete)]),
    idOf: ({ message_id }) => message_id,
    ...(!options.startPipeline && { counts }),
    get failures() {
      return failures
    },
    stopped: pipeline.stopped,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
