import type { TableDefinition } from '../catalogue/index.ts'
import { type Change, type Difference, evolve, type LiveField, sameName } from './schema.ts'

/**
 * A table as `tables.get` shows it (cloud.google.com/bigquery/docs/reference/rest/v2/tables#Table): the fields that a
 * plan reads. Everything else in it stays as it is.
 */
export interface LiveTable {
  readonly type?: string
  readonly description?: string
  readonly schema?: { readonly fields?: readonly LiveField[] }
  readonly timePartitioning?: { readonly type?: string; readonly field?: string }
  readonly rangePartitioning?: object
  readonly clustering?: { readonly fields?: readonly string[] }
}

export type Plan =
  | { readonly action: 'create' }
  | { readonly action: 'nothing' /** Paths that only the table has. */; readonly extraColumns: readonly string[] }
  | {
      readonly action: 'evolve'
      /** For `tables.patch`, which wants the whole schema. */
      readonly patch: { readonly schema?: { readonly fields: readonly LiveField[] }; readonly description?: string }
      readonly changes: readonly Change[]
      readonly extraColumns: readonly string[]
    }
  | { readonly action: 'refuse'; readonly differences: readonly [Difference, ...Difference[]] }

/**
 * What has to be done so that the live table, if there is one, takes the rows of its definition.
 *
 * The rules are BigQuery's own (cloud.google.com/bigquery/docs/managing-table-schemas): NULLABLE and REPEATED columns
 * may be appended, REQUIRED ones relaxed, descriptions changed. One difference beyond these refuses the whole plan, so
 * that a table is never left half-way. A column that only the table has stays; where it is REQUIRED it is relaxed,
 * since no row would have it.
 */
export function planTable(live: LiveTable | undefined, definition: TableDefinition): Plan {
  if (!live) return { action: 'create' }
  const { fields, changes, differences, extraColumns } = evolve(live.schema?.fields ?? [], definition.columns)
  const [first, ...others] = [...layoutDifferences(live, definition), ...differences]
  if (first) return { action: 'refuse', differences: [first, ...others] }
  const describe = definition.description !== (live.description ?? '')
  if (changes.length === 0 && !describe) return { action: 'nothing', extraColumns }
  return {
    action: 'evolve',
    patch: {
      ...(changes.length > 0 && { schema: { fields } }),
      ...(describe && { description: definition.description }),
    },
    changes: describe ? [...changes, { column: '', kind: 'describe' }] : changes,
    extraColumns,
  }
}

function layoutDifferences(live: LiveTable, { table, partitionBy, clusterBy }: TableDefinition): Difference[] {
  if ((live.type ?? 'TABLE') !== 'TABLE') {
    const message = `${table} is a ${live.type}, and only a table can take rows.`
    return [{ column: '', rule: 'table type', message }]
  }
  const differences: Difference[] = []
  const partitioned = partitioning(live)
  if (!sameName(partitioned, `DAY of ${partitionBy}`)) {
    const message = `${table} is partitioned by ${partitioned}, its definition says DAY of ${partitionBy}: BigQuery cannot change the partitioning of a table.`
    differences.push({ column: partitionBy, rule: 'partitioning', message })
  }
  const clustered = live.clustering?.fields ?? []
  if (!sameName(clustered.join(), clusterBy.join())) {
    const message = `${table} is clustered by ${clustered.join(', ') || 'nothing'}, its definition says ${clusterBy.join(', ')}: a changed clustering leaves the old rows as they lie, so it is not changed behind your back.`
    differences.push({ column: clusterBy.join(', '), rule: 'clustering', message })
  }
  return differences
}

function partitioning({ timePartitioning, rangePartitioning }: LiveTable): string {
  if (rangePartitioning) return 'ranges of integers'
  if (!timePartitioning) return 'nothing'
  return `${timePartitioning.type ?? 'DAY'} of ${timePartitioning.field ?? 'the time of arrival'}`
}
