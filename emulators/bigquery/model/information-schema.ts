import { notFound, unimplemented } from '../../shared/index.ts'
import type { Relation } from '../sql/index.ts'
import { datasetName } from './catalog.ts'
import type { Dataset } from './dataset.ts'
import { physicalType, quoted } from './physical.ts'
import { columnType, type ScalarType, type SqlType } from './schema.ts'
import type { Table } from './table.ts'

type Cell = string | number | null
interface View {
  readonly columns: Readonly<Record<string, ScalarType>>
  readonly rows: (table: Table) => Readonly<Record<string, Cell>>[]
}

const NOT_KEPT_HERE =
  'COLUMN_FIELD_PATHS CONSTRAINT_COLUMN_USAGE KEY_COLUMN_USAGE MATERIALIZED_VIEWS PARAMETERS PARTITIONS ROUTINES ROUTINE_OPTIONS SCHEMATA SCHEMATA_OPTIONS SEARCH_INDEXES TABLE_CONSTRAINTS TABLE_OPTIONS TABLE_SNAPSHOTS TABLE_STORAGE VIEWS'

/** cloud.google.com/bigquery/docs/information-schema-tables, without ddl and what belongs to clones and replicas. */
const TABLES: View = {
  columns: {
    table_catalog: 'STRING',
    table_schema: 'STRING',
    table_name: 'STRING',
    table_type: 'STRING',
    is_insertable_into: 'STRING',
    is_typed: 'STRING',
    creation_time: 'TIMESTAMP',
    default_collation_name: 'STRING',
  },
  rows: (table) => [
    {
      ...named(table),
      table_type: 'BASE TABLE',
      is_insertable_into: 'YES',
      is_typed: 'NO',
      creation_time: table.creationTime,
      default_collation_name: 'NULL',
    },
  ],
}

/** cloud.google.com/bigquery/docs/information-schema-columns, without data policies. */
const COLUMNS: View = {
  columns: {
    table_catalog: 'STRING',
    table_schema: 'STRING',
    table_name: 'STRING',
    column_name: 'STRING',
    ordinal_position: 'INT64',
    is_nullable: 'STRING',
    data_type: 'STRING',
    is_generated: 'STRING',
    generation_expression: 'STRING',
    is_stored: 'STRING',
    is_hidden: 'STRING',
    is_updatable: 'STRING',
    is_system_defined: 'STRING',
    is_partitioning_column: 'STRING',
    clustering_ordinal_position: 'INT64',
    collation_name: 'STRING',
    column_default: 'STRING',
    rounding_mode: 'STRING',
  },
  rows: (table) => {
    const { columns, partitioning, clustering = [] } = table.definition
    return columns.map((column, i) => ({
      ...named(table),
      column_name: column.name,
      ordinal_position: i + 1,
      is_nullable: column.mode === 'REQUIRED' ? 'NO' : 'YES',
      data_type: sqlName(columnType(column)),
      is_generated: 'NEVER',
      is_hidden: 'NO',
      is_system_defined: 'NO',
      is_partitioning_column: same(partitioning?.field, column.name) ? 'YES' : 'NO',
      clustering_ordinal_position: clustering.findIndex((name) => same(name, column.name)) + 1 || null,
      collation_name: 'NULL',
      column_default: 'NULL',
    }))
  },
}

const VIEWS: Readonly<Record<string, View>> = { TABLES, COLUMNS }

/** A view of a dataset's INFORMATION_SCHEMA, as it is now. */
export function informationSchema(dataset: Dataset, name: string): Relation {
  const view = VIEWS[name.toUpperCase()]
  if (!view) {
    if (NOT_KEPT_HERE.split(' ').includes(name.toUpperCase())) throw unimplemented(`INFORMATION_SCHEMA.${name}`)
    throw notFound(`Not found: Table ${datasetName(dataset.reference)}.INFORMATION_SCHEMA.${name}`)
  }
  const columns = Object.entries(view.columns).map(([column, kind]) => ({ name: column, type: { kind } }))
  const rows = [...dataset.tables.values()].flatMap(view.rows)
  const select = columns.map(
    ({ name: column, type }) => `CAST(${quoted(column)} AS ${physicalType(type)}) AS ${quoted(column)}`,
  )
  const values = rows.map(
    (row) => `(${columns.map(({ name: column, type }) => literal(type.kind, row[column] ?? null))})`,
  )
  const names = columns.map((column) => quoted(column.name)).join(', ')
  const none = `(${columns.map(() => 'NULL').join(', ')})`
  const source = `(VALUES ${values.join(', ') || none}) AS t(${names})`
  return { columns, sql: `(SELECT ${select.join(', ')} FROM ${source}${values.length === 0 ? ' WHERE false' : ''})` }
}

const same = (a: string | undefined, b: string) => a?.toLowerCase() === b.toLowerCase()

const named = ({ definition: { reference } }: Table) => ({
  table_catalog: reference.projectId,
  table_schema: reference.datasetId,
  table_name: reference.tableId,
})

function literal(kind: ScalarType, cell: Cell): string {
  if (cell === null) return 'NULL'
  if (kind === 'TIMESTAMP') return `make_timestamptz(${cell}000)`
  return typeof cell === 'number' ? String(cell) : `'${cell.replaceAll("'", "''")}'`
}

/** A type as GoogleSQL writes it. */
function sqlName(type: SqlType): string {
  if (type.kind === 'ARRAY') return `ARRAY<${sqlName(type.element)}>`
  if (type.kind !== 'STRUCT') return type.kind
  return `STRUCT<${type.fields.map(({ name, type: field }) => `${name} ${sqlName(field)}`.trim()).join(', ')}>`
}
