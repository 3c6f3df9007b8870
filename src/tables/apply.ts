import type { Dataset, Table } from '@google-cloud/bigquery'
import { type TableDefinition, tables } from '../catalogue/index.ts'
import type { Clients } from '../clients.ts'
import { codeOf, ensureDataset, labelsOf } from '../resources.ts'
import type { Settings } from '../settings.ts'
import { type Environment, type LiveTable, type Plan, partitioningOf, planTable } from './plan.ts'
import { type Change, type Difference, liveField } from './schema.ts'

/** What became of a table. */
export type Applied =
  | { readonly table: string; readonly outcome: 'created' }
  | { readonly table: string; readonly outcome: 'unchanged'; readonly extraColumns: readonly string[] }
  | {
      readonly table: string
      readonly outcome: 'updated'
      readonly changes: readonly Change[]
      readonly extraColumns: readonly string[]
    }
  | {
      readonly table: string
      readonly outcome: 'refused'
      readonly differences: readonly [Difference, ...Difference[]]
    }

type Where = { readonly clients: Pick<Clients, 'bigquery'>; readonly settings: Settings }

/** Brings every table of the catalogue to its definition, one after the other. Throws what may be tried again. */
export async function applyTables(
  clients: Pick<Clients, 'bigquery'>,
  settings: Settings,
  definitions: readonly TableDefinition[] = tables,
): Promise<Applied[]> {
  const applied: Applied[] = []
  for (const definition of definitions) applied.push(await ensureTable({ clients, settings }, definition))
  return applied
}

/** A table that is there, or would have to be made, and what has to be done to it. */
export interface Planned {
  readonly definition: TableDefinition
  readonly plan: Plan
}

/** What applyTables() would do now. Changes nothing. */
export const planTables = (
  clients: Pick<Clients, 'bigquery'>,
  settings: Settings,
  definitions: readonly TableDefinition[] = tables,
): Promise<Planned[]> => {
  const dataset = clients.bigquery.dataset(settings.resources.dataset)
  const plan = async (definition: TableDefinition) => {
    const live = await read(dataset.table(definition.table))
    return { definition, plan: planTable(live, definition, environmentOf(settings)) }
  }
  return Promise.all(definitions.map(plan))
}

const environmentOf = (settings: Settings): Environment => ({
  labels: labelsOf(settings),
  ...(settings.partitionDays !== undefined && { partitionDays: settings.partitionDays }),
})

/** Every round is lost to another writer: with more than this, something is at war with us. */
const MOST_ROUNDS = 8

/**
 * Makes or evolves one table, and its dataset where that is missing. Safe when several do it at once: whoever comes
 * second reads what the first one did and plans again. What is refused is an outcome; what may be tried again throws.
 */
export async function ensureTable({ clients, settings }: Where, definition: TableDefinition): Promise<Applied> {
  const { bigquery } = clients
  const dataset = bigquery.dataset(settings.resources.dataset)
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const live = await read(dataset.table(definition.table))
    const plan = planTable(live, definition, environmentOf(settings))
    const lost = await run(plan, { dataset, definition, settings, etag: live?.etag })
    if (lost === undefined) return applied(definition.table, plan)
    if (lost === 'dataset missing') await ensureDataset(bigquery, settings)
    if (lost instanceof Refused) return refusedByBigQuery(definition.table, lost.reason)
  }
  throw new Error(`The table ${definition.table} was changed by others ${MOST_ROUNDS} times in a row.`)
}

const HTTP = { BAD_REQUEST: 400, NOT_FOUND: 404, CONFLICT: 409, PRECONDITION_FAILED: 412, NOT_IMPLEMENTED: 501 }

async function read(table: Table): Promise<(LiveTable & { readonly etag?: string }) | undefined> {
  try {
    const [metadata] = await table.getMetadata()
    return metadata
  } catch (thrown) {
    if (codeOf(thrown) === HTTP.NOT_FOUND) return undefined
    throw thrown
  }
}

/** BigQuery knows a rule that the plan does not. Trying again would not help. */
class Refused {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

interface Run {
  readonly dataset: Dataset
  readonly definition: TableDefinition
  readonly settings: Settings
  readonly etag: string | undefined
}

/** Nothing when it went well; else why it has to be planned again. */
async function run(plan: Plan, { dataset, definition, settings, etag }: Run) {
  try {
    if (plan.action === 'create') await dataset.createTable(definition.table, newTable(definition, settings))
    // The client sends the etag as If-Match, so that the patch meets the schema that it was planned for.
    if (plan.action === 'evolve') await dataset.table(definition.table).setMetadata({ ...mutable(plan.patch), etag })
    return undefined
  } catch (thrown) {
    const code = codeOf(thrown)
    if (code === HTTP.CONFLICT || code === HTTP.PRECONDITION_FAILED) return 'overtaken'
    // A patch that finds no table was overtaken by its deletion: the next round makes it.
    if (code === HTTP.NOT_FOUND) return plan.action === 'create' ? 'dataset missing' : 'overtaken'
    if (code === HTTP.BAD_REQUEST || code === HTTP.NOT_IMPLEMENTED)
      return new Refused(thrown instanceof Error ? thrown.message : String(thrown))
    throw thrown
  }
}

const newTable = (definition: TableDefinition, settings: Settings) => ({
  description: definition.description,
  labels: labelsOf(settings),
  schema: definition.columns.map(liveField).map(mutable),
  timePartitioning: partitioningOf(definition, environmentOf(settings)),
  clustering: { fields: [...definition.clusterBy] },
})

type Mutable<T> = { -readonly [K in keyof T]: Mutable<T[K]> }
/** The client's types want arrays that may be written to; it sends copies. */
const mutable = <T>(value: T) => value as Mutable<T>

function applied(table: string, plan: Plan): Applied {
  switch (plan.action) {
    case 'create':
      return { table, outcome: 'created' }
    case 'nothing':
      return { table, outcome: 'unchanged', extraColumns: plan.extraColumns }
    case 'evolve':
      return { table, outcome: 'updated', changes: plan.changes, extraColumns: plan.extraColumns }
    case 'refuse':
      return { table, outcome: 'refused', differences: plan.differences }
  }
}

const refusedByBigQuery = (table: string, message: string): Applied => ({
  table,
  outcome: 'refused',
  differences: [{ column: '', rule: 'refused by BigQuery', message: `${table}: ${message}` }],
})
