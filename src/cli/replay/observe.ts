import { join } from 'node:path'
import { systemClock } from '../../../clock/index.ts'
import { tables } from '../../catalogue/index.ts'
import { batchingTopic } from '../../generator/index.ts'
import { collectOutputs, openOutputs, type Reconciliation, reconcile } from '../../outputs/index.ts'
import {
  canonicalOutputs,
  type Fixture,
  type LinesByFile,
  publishMessages,
  type RecordedMessage,
  type RunFacts,
  shiftFor,
  shiftMessage,
  unshift,
} from '../../recording/index.ts'
import type { Stack } from '../../stack/index.ts'
import { applyTables } from '../../tables/index.ts'

export interface RunOptions {
  /** 1 keeps the recorded timing, N is as many times as fast, 0 does not wait at all. */
  readonly speed: number
  /** The time, in milliseconds since the epoch, that is to be the start of the replay for the events. */
  readonly shiftTo?: number
  /** How long nothing may become durable before what is missing counts as lost. */
  readonly patienceMs: number
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

/** Publish times are cut to the millisecond, or made by another process. */
const CLOCKS_DIFFER_MS = 1_000

/** Publishes a fixture to a fresh stack, and collects in the folder `work` what its pipeline writes. */
export async function observe(fixture: Fixture, stack: Stack, options: RunOptions, work: string): Promise<Observed> {
  const { clients, settings, settlement } = stack
  const { volatile } = fixture.about
  await makeTables(fixture, stack)
  const shift = options.shiftTo === undefined ? 0 : await shiftOf(fixture, options.shiftTo, options.speed)
  const names = new Map<string, string>()
  const from = systemClock.now() - CLOCKS_DIFFER_MS
  await publishMessages(batchingTopic(clients.pubsub, settings.resources.topic), shifted(fixture, shift), {
    speed: options.speed,
    clock: systemClock,
    onPublished(messageId, name) {
      names.set(messageId, name)
      settlement.publish(messageId)
    },
  })
  await stack.complete(options.patienceMs)
  const to = systemClock.now() + CLOCKS_DIFFER_MS
  const folder = join(work, 'collected')
  await collectOutputs({ clients, settings, folder })
  const facts: RunFacts = { volatile, from, to, names, ...(shift !== 0 && { unshift: unshift(shift) }) }
  return {
    outputs: await canonicalOutputs(folder, work, facts),
    unsettled: names.size - settlement.settled,
    ...(options.accounted && { reconciliation: await account(fixture, names, folder) }),
  }
}

/** Tables as they were before a column was added: the table manager is to add it while events come. */
async function makeTables({ about }: Fixture, { clients, settings }: Stack): Promise<void> {
  const older = Object.entries(about.tables_without ?? {}).flatMap(([name, without]) =>
    tables
      .filter(({ table }) => table === name)
      .map((table) => ({ ...table, columns: table.columns.filter((column) => !without.includes(column.name)) })),
  )
  await applyTables(clients, settings, older)
}

async function shiftOf(fixture: Fixture, start: number, speed: number): Promise<number> {
  let first: RecordedMessage | undefined
  let lastOffsetMs = 0
  for await (const message of fixture.messages()) {
    first ??= message
    lastOffsetMs = message.offsetMs
  }
  return first === undefined ? 0 : shiftFor(start, { first: Date.parse(first.publishTime), lastOffsetMs, speed })
}

async function* shifted(fixture: Fixture, byMs: number): AsyncGenerator<RecordedMessage> {
  for await (const message of fixture.messages()) yield byMs === 0 ? message : shiftMessage(message, byMs)
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
