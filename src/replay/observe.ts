import { join } from 'node:path'
import { openOutputs, type Reconciliation, reconcile } from '../outputs/index.ts'
import type { Fixture, LinesByFile } from '../recording/index.ts'
import type { OwnStack } from '../stack/index.ts'
import { endsApart, endsHere } from './ends.ts'
import { outputsOf, publishFixture, type ReplayOptions } from './publish.ts'

export interface ObserveOptions extends ReplayOptions {
  /** How long nothing may become durable before what is missing counts as lost. */
  readonly patienceMs: number
  /** Whether publishing and gathering have a thread of their own. */
  readonly threads: boolean
  /** Also find out whether every event is accounted for, once. */
  readonly accounted: boolean
}

/** What a pipeline made of a fixture. */
export interface Observed {
  readonly outputs: LinesByFile
  /** Messages that the pipeline never said to be durable. */
  readonly unsettled: number
  readonly reconciliation?: Reconciliation
}

/** Publishes a fixture to a fresh stack, and collects in the folder `work` what its pipeline writes. */
export async function observe(
  fixture: Fixture,
  stack: OwnStack,
  options: ObserveOptions,
  work: string,
): Promise<Observed> {
  const { clients, settings } = stack
  await using ends = options.threads ? endsApart(settings, clients) : endsHere(clients)
  const replayed = await publishFixture(fixture, stack, options, ends)
  await stack.complete(options.patienceMs)
  return {
    outputs: await outputsOf(replayed, stack, work, ends),
    unsettled: stack.settlement.outstanding.length,
    ...(options.accounted && { reconciliation: await account(fixture, replayed.names, join(work, 'collected')) }),
  }
}

/** Outputs speak of an event without an id of its own by the message id that it has in this run. */
async function account(fixture: Fixture, names: ReadonlyMap<string, string>, folder: string): Promise<Reconciliation> {
  const ids = new Map([...names].map(([now, name]) => [name, now]))
  const published = await Array.fromAsync(fixture.messages(), ({ attributes, messageId }) => ({
    event_id: attributes.event_id || ids.get(messageId)!,
  }))
  using outputs = await openOutputs(folder)
  return await reconcile(outputs, published)
}
