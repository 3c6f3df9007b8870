import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../clock/index.ts'
import { tables } from '../catalogue/index.ts'
import { type Clients, connect } from '../clients.ts'
import type { Scope } from '../outputs/index.ts'
import type { Settings } from '../settings.ts'
import { PATIENCE_MS, Settlement, type Stack } from '../stack/index.ts'
import { chosenBackend } from './chosen-backend.ts'
import { subscriptionIsThere } from './reachable.ts'
import { UserError } from './user-error.ts'

/** Between two looks at the tables, or twice as long as the look took: a service that is slow, or far, is asked less. */
const PAUSE_MS = 1_000
/** So many looks may fail in a row: goccy's emulator answers no question about a table while rows are written to it. */
const FAILED_LOOKS = 10
/** Raw files are stamped by another machine's clock. */
const CLOCKS_DIFFER_MS = 10 * 60_000

/**
 * The pipeline that runs elsewhere, in containers or on Google Cloud, where the settings say. Nobody there tells what
 * became of a message, so the tables are looked at: a row is the last thing that the pipeline writes. Rows are looked for
 * on `days` (`2024-01-15`) alone.
 *
 * Throws a UserError when there is no such pipeline, or where test events must not go.
 */
export async function joinElsewhere(days: readonly string[]): Promise<Stack> {
  const settings = await chosenBackend()
  if (settings.environment === 'prod') {
    throw new UserError('this command leaves events of its own in the tables, so it refuses SLUICE_ENV=prod.')
  }
  await using starting = new AsyncDisposableStack()
  const clients = starting.use(connect(settings))
  await subscriptionIsThere(clients, settings)
  const now = systemClock.now()
  const scope = { prefix: `e2e-${now.toString(36)}-`, since: now - CLOCKS_DIFFER_MS }
  const settlement = new Settlement()
  const looking = new AbortController()
  starting.defer(() => looking.abort())
  const failed = keepLooking({ clients, settings, scope, days, settlement, signal: looking.signal })
  failed.catch(() => {}) // Told to whoever waits for completion.
  const running = starting.move()
  return {
    settings,
    clients,
    settlement,
    complete: (patienceMs = PATIENCE_MS) => Promise.race([settlement.complete(patienceMs), failed]),
    idOf: ({ event_id }) => event_id,
    scope,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

interface Look {
  readonly clients: Pick<Clients, 'bigquery'>
  readonly settings: Settings
  readonly scope: Scope
  readonly days: readonly string[]
  readonly settlement: Settlement
  readonly signal: AbortSignal
}

/** Settles every event whose row is there, until the signal; rejects when the tables cannot be read for long. */
async function keepLooking(look: Look): Promise<never> {
  const seen = new Set<string>()
  for (let failed = 0; ; ) {
    const started = performance.now()
    try {
      const fresh = (await eventIds(look)).filter((id) => !seen.has(id))
      failed = 0
      for (const id of fresh) seen.add(id)
      // Whoever waits loses patience unless something is settled, so nothing is not told.
      if (fresh.length > 0) look.settlement.settle(fresh)
    } catch (thrown) {
      if (++failed === FAILED_LOOKS) throw thrown
    }
    await pause(Math.max(PAUSE_MS, 2 * (performance.now() - started)), undefined, { signal: look.signal })
  }
}

/**
 * One question about all tables: third-party emulators answer one at a time, and Google Cloud bills each, for the
 * partitions that it names. The days are constants, since only those are sure to leave out the others
 * (cloud.google.com/bigquery/docs/querying-partitioned-tables).
 */
async function eventIds({ clients, settings, scope, days }: Look): Promise<string[]> {
  const { dataset } = settings.resources
  // The table manager makes a table at the first event of its type.
  const [present] = await clients.bigquery.dataset(dataset).getTables()
  const ours = tables.filter(({ table }) => present.some(({ id }) => id === table))
  if (ours.length === 0) return []
  const partitions = days.map((day) => `DATE '${day}'`).join(', ')
  const queries = ours.map(
    ({ table, partitionBy }) => `SELECT event_id FROM \`${settings.projectId}.${dataset}.${table}\`
      WHERE ${partitionBy} IN (${partitions}) AND STARTS_WITH(event_id, @prefix)`,
  )
  const query = queries.join(' UNION ALL ')
  const [rows] = await clients.bigquery.query({ query, params: { prefix: scope.prefix }, useLegacySql: false })
  return rows.map(({ event_id }: { event_id: string }) => event_id)
}
