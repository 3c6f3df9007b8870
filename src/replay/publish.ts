import { join } from 'node:path'
import { tables } from '../catalogue/index.ts'
import { type Fixture, FixtureError, type LinesByFile, type RecordedMessage, shiftFor } from '../recording/index.ts'
import type { OwnStack } from '../stack/index.ts'
import { applyTables } from '../tables/index.ts'
import { type Ends, endsHere } from './ends.ts'

export interface ReplayOptions {
  /** 1 keeps the recorded timing, N is as many times as fast, 0 does not wait at all. */
  readonly speed: number
  /** The time, in milliseconds since the epoch, that is to be the start of the replay for the events. */
  readonly shiftTo?: number
}

/** A fixture that a topic has taken. */
export interface Replayed {
  readonly fixture: Fixture
  /** The event of each message, by the message id that it has in this run. */
  readonly names: ReadonlyMap<string, string>
  /** When it began, by the stack's clock. */
  readonly from: number
  /** How far event times were moved. */
  readonly shiftMs: number
}

/** Publish times are cut to the millisecond, or made by another process. */
const CLOCKS_DIFFER_MS = 1_000

/** Publishes a fixture. Resolves when the topic has all of it. */
export async function publishFixture(
  fixture: Fixture,
  stack: OwnStack,
  { speed, shiftTo }: ReplayOptions,
  ends: Ends = endsHere(stack.clients),
): Promise<Replayed> {
  const { settings, clock, settlement } = stack
  await makeTables(fixture, stack)
  const shiftMs = shiftTo === undefined ? 0 : await shiftOf(fixture, shiftTo, speed)
  const names = new Map<string, string>()
  const from = clock.now()
  await ends.publish({ folder: fixture.folder, settings, speed, shiftMs }, (messageId, name) => {
    names.set(messageId, name)
    settlement.publish(messageId)
  })
  return { fixture, names, from, shiftMs }
}

/** Collects in the folder `work` what the stack has written so far, in the form of `expected/`. */
export async function outputsOf(
  { fixture, names, from, shiftMs }: Replayed,
  { clients, settings, clock }: OwnStack,
  work: string,
  ends: Ends = endsHere(clients),
): Promise<LinesByFile> {
  const to = clock.now()
  const { volatile } = fixture.about
  const facts = { volatile, from: from - CLOCKS_DIFFER_MS, to: to + CLOCKS_DIFFER_MS, names }
  return await ends.gather({ settings, facts, shiftMs, folder: join(work, 'collected'), temporary: work })
}

/** Tables as they were before a column was added: the table manager is to add it while events come. */
async function makeTables({ about, folder }: Fixture, { clients, settings, settlement }: OwnStack): Promise<void> {
  const older = Object.entries(about.tables_without ?? {}).flatMap(([name, without]) =>
    tables
      .filter(({ table }) => table === name)
      .map((table) => ({ ...table, columns: table.columns.filter((column) => !without.includes(column.name)) })),
  )
  if (older.length > 0 && settlement.published > 0) {
    throw new FixtureError(
      `${folder} begins with tables that lack a column (tables_without), so it has to be the first that a stack is given.`,
    )
  }
  const dataset = clients.bigquery.dataset(settings.resources.dataset)
  for (const { table } of older) await dataset.table(table).delete({ ignoreNotFound: true })
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
