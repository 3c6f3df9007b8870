import { type Clock, systemClock } from '../clock/index.ts'
import { startBigQuery } from './bigquery/index.ts'
import { type OnPublished, startPubSub } from './pubsub/index.ts'
import { type FaultPlan, forward, type Listening } from './shared/index.ts'

export type { Message } from './pubsub/index.ts'
export type { Fault, FaultPlan } from './shared/index.ts'

import { startStorage } from './storage/index.ts'

export interface EmulatorOptions {
  /** 127.0.0.1 unless told otherwise. */
  readonly host?: string
  /** 0, the default, takes a free port. */
  readonly ports?: {
    readonly pubsub?: number
    readonly storage?: number
    readonly bigquery?: number
    /** One more for BigQuery's gRPC, for clients that look for it on a port of its own. None unless given. */
    readonly bigqueryStorage?: number
  }
  readonly clock?: Clock
  /** For tests: calls that are to fail. */
  readonly faults?: FaultPlan
  /** Told of each message that a topic takes, by whomever, before the publisher hears of it. */
  readonly onPublished?: OnPublished
}

export interface Emulators extends AsyncDisposable {
  /** gRPC. */
  readonly pubsub: Listening
  /** The JSON API. */
  readonly storage: Listening
  /** REST, and the gRPC of the Storage Write API, on one port. */
  readonly bigquery: Listening
}

/** Starts all three. When one fails to start, those that did are closed again. */
export async function startEmulators({
  host,
  ports = {},
  clock = systemClock,
  faults,
  onPublished,
}: EmulatorOptions = {}): Promise<Emulators> {
  await using starting = new AsyncDisposableStack()
  const pubsub = starting.use(await startPubSub({ host, port: ports.pubsub, clock, faults, onPublished }))
  const storage = starting.use(await startStorage({ host, port: ports.storage, clock, faults }))
  const bigquery = starting.use(await startBigQuery({ host, port: ports.bigquery, clock, faults }))
  if (ports.bigqueryStorage !== undefined) starting.use(await forward(bigquery, ports.bigqueryStorage))
  const running = starting.move()
  return { pubsub, storage, bigquery, [Symbol.asyncDispose]: () => running.disposeAsync() }
}
