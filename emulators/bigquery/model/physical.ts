import type { SqlType, TableReference } from './schema.ts'

/** How a value of each type lies in DuckDB. TIMESTAMP is an instant, DATETIME is not; sessions run in UTC. */
const scalars = {
  BOOL: 'BOOLEAN',
  INT64: 'BIGINT',
  FLOAT64: 'DOUBLE',
  NUMERIC: 'DECIMAL(38,9)',
  BIGNUMERIC: 'DECIMAL(38,18)',
  STRING: 'VARCHAR',
  BYTES: 'BLOB',
  DATE: 'DATE',
  TIME: 'TIME',
  DATETIME: 'TIMESTAMP',
  TIMESTAMP: 'TIMESTAMPTZ',
  JSON: 'JSON',
  INTERVAL: 'INTERVAL',
} as const

/** The DuckDB type of a column or an expression. */
export function physicalType(type: SqlType): string {
  if (type.kind === 'ARRAY') return `${physicalType(type.element)}[]`
  if (type.kind !== 'STRUCT') return scalars[type.kind]
  return `STRUCT(${type.fields.map((f, i) => `${quoted(f.name || `_${i}`)} ${physicalType(f.type)}`).join(', ')})`
}

/** The DuckDB table that holds a BigQuery table's rows: one schema for each dataset of each project. */
export function physicalName(reference: TableReference): string {
  const { schema, table } = physicalIdentifiers(reference)
  return `${quoted(schema)}.${quoted(table)}`
}

/** The parts of physicalName, not quoted. */
export const physicalIdentifiers = ({ projectId, datasetId, tableId }: TableReference) => ({
  schema: caseless(`${projectId}:${datasetId}`),
  table: caseless(tableId),
})

/** BigQuery tells `Orders` from `orders`, DuckDB does not. No name may hold the mark that tells them apart here. */
const caseless = (name: string): string => name.replace(/[A-Z]/g, (letter) => `^${letter.toLowerCase()}`)

/** A DuckDB identifier. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
