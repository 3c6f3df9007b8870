import { invalidArgument, unimplemented } from '../../shared/index.ts'
import type { Column, TableDefinition } from './schema.ts'
import { evolve } from './schema-evolution.ts'
import { tableName } from './table.ts'
import { checkTable } from './validation.ts'

/** What tables.patch and tables.update can change; an absent member stays as it is, null takes it away. */
export interface TableChange {
  readonly columns?: readonly Column[]
  readonly friendlyName?: string | null
  readonly description?: string | null
  readonly labels?: Readonly<Record<string, string>>
  readonly expirationTime?: number | null
  readonly partitioning?: TableDefinition['partitioning'] | null
  readonly clustering?: readonly string[] | null
}

/** The definition after a change. Throws INVALID_ARGUMENT for one that BigQuery would refuse (see evolve). */
export function changed(before: TableDefinition, change: TableChange): TableDefinition {
  const name = tableName(before.reference)
  if (change.partitioning !== undefined && !samePartitioning(before.partitioning, change.partitioning)) {
    throw invalidArgument(`Cannot change the partitioning of table ${name}.`)
  }
  if (change.partitioning?.expirationMs !== undefined) throw unimplemented('timePartitioning.expirationMs')
  const columns = change.columns ? evolve(before.columns, change.columns, name) : before.columns
  const definition = {
    ...before,
    columns,
    friendlyName: settled(change.friendlyName, before.friendlyName),
    description: settled(change.description, before.description),
    labels: change.labels ?? before.labels,
    expirationTime: settled(change.expirationTime, before.expirationTime),
    clustering: settled(change.clustering, before.clustering),
  }
  checkTable(definition)
  return definition
}

const settled = <T>(change: T | null | undefined, before: T | undefined): T | undefined =>
  change === undefined ? before : (change ?? undefined)

const samePartitioning = (a: TableDefinition['partitioning'], b: TableDefinition['partitioning'] | null) =>
  a?.type === b?.type && a?.field?.toLowerCase() === b?.field?.toLowerCase()
