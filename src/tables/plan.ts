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
  readonly labels?: Readonly<Record<string, string>>
  readonly timePartitioning?: LivePartitioning
  readonly rangePartitioning?: object
  readonly clustering?: { readonly fields?: readonly string[] }
}

export interface LivePartitioning {
  readonly type?: string
  readonly field?: string
  /** Milliseconds from the start of a partition's day, as text. */
  readonly expirationMs?: string
}

/** What is wanted of every table of an environment. */
export interface Environment {
  /** Whatever other labels a table has stay. */
  readonly labels?: Readonly<Record<string, string>>
  /** Absent: nothing is wanted, so what a table has is right. */
  readonly partitionDays?: number
}

export type Plan =
  | { readonly action: 'create' }
  | { readonly action: 'nothing' /** Paths that only the table has. */; readonly extraColumns: readonly string[] }
  | {
      readonly action: 'evolve'
      /** For `tables.patch`, which wants the whole schema. */
      readonly patch: {
        readonly schema?: { readonly fields: readonly LiveField[] }
        readonly description?: string
        readonly labels?: Readonly<Record<string, string>>
        readonly timePartitioning?: LivePartitioning
      }
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
export function planTable(
  live: LiveTable | undefined,
  definition: TableDefinition,
  environment: Environment = {},
): Plan {
  if (!live) return { action: 'create' }
  const { fields, changes, differences, extraColumns } = evolve(live.schema?.fields ?? [], definition.columns)
  const layout = layoutDifferences(live, definition)
  const expiration = expirationDifference(live, definition, environment)
  const [first, ...others] = [...layout, ...expiration, ...differences]
  if (first) return { action: 'refuse', differences: [first, ...others] }
  const describe = definition.description !== (live.description ?? '')
  const label = Object.entries(environment.labels ?? {}).some(([name, value]) => live.labels?.[name] !== value)
  const keepLonger = wantedExpiration(environment) > liveExpiration(live)
  const all: Change[] = [
    ...changes,
    ...(describe ? [{ column: '', kind: 'describe' } as const] : []),
    ...(label ? [{ column: '', kind: 'label' } as const] : []),
    ...(keepLonger ? [{ column: definition.partitionBy, kind: 'keep longer' } as const] : []),
  ]
  if (all.length === 0) return { action: 'nothing', extraColumns }
  return {
    action: 'evolve',
    patch: {
      ...(changes.length > 0 && { schema: { fields } }),
      ...(describe && { description: definition.description }),
      ...(label && { labels: { ...live.labels, ...environment.labels } }),
      ...(keepLonger && { timePartitioning: partitioningOf(definition, environment) }),
    },
    changes: all,
    extraColumns,
  }
}

const DAY_MS = 86_400_000

/** The partitioning of a new table (TimePartitioning). */
export const partitioningOf = ({ partitionBy }: TableDefinition, { partitionDays }: Environment): LivePartitioning => ({
  type: 'DAY',
  field: partitionBy,
  ...(partitionDays !== undefined && { expirationMs: String(partitionDays * DAY_MS) }),
})

const liveExpiration = ({ timePartitioning }: LiveTable) =>
  Number(timePartitioning?.expirationMs || Number.POSITIVE_INFINITY)
const wantedExpiration = ({ partitionDays = 0 }: Environment) => partitionDays * DAY_MS

/** To keep partitions for a shorter time deletes those that are older, at once and for good. */
function expirationDifference(live: LiveTable, { table, partitionBy }: TableDefinition, environment: Environment) {
  const { partitionDays } = environment
  if (partitionDays === undefined || wantedExpiration(environment) >= liveExpiration(live)) return []
  const is = Number.isFinite(liveExpiration(live)) ? `for ${liveExpiration(live) / DAY_MS} days` : 'for ever'
  const message = `${table} keeps its partitions ${is}, and SLUICE_PARTITION_DAYS is ${partitionDays}: that would delete the older ones, so it is yours to do: ALTER TABLE ${table} SET OPTIONS (partition_expiration_days = ${partitionDays}).`
  return [{ column: partitionBy, rule: 'partition expiration', message } as const]
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
