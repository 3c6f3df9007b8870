import { invalidArgument, unimplemented } from '../../shared/index.ts'
import type { Column, TableDefinition } from './schema.ts'
import { restType } from './schema-evolution.ts'

const CLUSTERABLE = ['BIGNUMERIC', 'BOOL', 'DATE', 'DATETIME', 'INT64', 'NUMERIC', 'STRING', 'TIMESTAMP']
const RESERVED = /^(_table_|_file_|_partition|_row_timestamp|__root__|_colidentifier)/i
const COLUMN_NAME = /^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd}&%=+:'<>#| ]{1,300}$/u

/** Throws INVALID_ARGUMENT for a table that BigQuery would not make, UNIMPLEMENTED for one that this emulator cannot. */
export function checkTable(definition: TableDefinition): void {
  const { reference, columns, partitioning, clustering } = definition
  if (!/^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd} ]{1,1024}$/u.test(reference.tableId)) {
    throw invalidArgument(
      `Invalid table ID "${reference.tableId}". Table IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long. Also, Table decorators cannot be used.`,
    )
  }
  checkColumns(columns)
  checkPartitioning(columns, partitioning)
  checkClustering(columns, clustering)
}

/** At every depth: names that BigQuery takes, none twice. */
function checkColumns(columns: readonly Column[], path = ''): void {
  const seen = new Set<string>()
  for (const { name, type, fields = [] } of columns) {
    if (!COLUMN_NAME.test(name)) {
      throw invalidArgument(
        `Invalid field name "${name}". Fields must contain the allowed characters, and be at most 300 characters long. For allowed characters, please refer to https://cloud.google.com/bigquery/docs/schemas#column_names`,
      )
    }
    if (RESERVED.test(name)) throw invalidArgument(`Field name ${name} is not allowed: its prefix is reserved.`)
    if (seen.has(name.toLowerCase())) throw invalidArgument(`Field ${path}${name} already exists in schema`)
    seen.add(name.toLowerCase())
    if (type === 'INTERVAL') throw unimplemented('a column of type INTERVAL')
    if (type !== 'STRUCT') continue
    if (fields.length === 0) throw invalidArgument(`Field ${path}${name} is type RECORD but has no schema`)
    checkColumns(fields, `${path}${name}.`)
  }
}

function checkPartitioning(columns: readonly Column[], partitioning: TableDefinition['partitioning']): void {
  if (!partitioning) return
  if (partitioning.field === undefined) throw unimplemented('partitioning by ingestion time (timePartitioning.field)')
  if (partitioning.expirationMs !== undefined) throw unimplemented('timePartitioning.expirationMs')
  if (partitioning.requireFilter) throw unimplemented('requirePartitionFilter')
  const column = find(columns, partitioning.field)
  if (!column) throw invalidArgument('The field specified for partitioning cannot be found in the schema.')
  if (column.mode === 'REPEATED' || !['DATE', 'TIMESTAMP', 'DATETIME'].includes(column.type)) {
    throw invalidArgument(
      `The field specified for time partitioning can only be of type TIMESTAMP, DATE or DATETIME. The type found is: ${restType(column.type)}.`,
    )
  }
  if (column.type === 'DATE' && partitioning.type === 'HOUR') {
    throw invalidArgument('HOUR partitioning is not supported on a field of type DATE.')
  }
}

function checkClustering(columns: readonly Column[], clustering: readonly string[] | undefined): void {
  if (!clustering) return
  if (clustering.length === 0 || clustering.length > 4) {
    throw invalidArgument(`Clustering needs 1 to 4 fields, but ${clustering.length} were given.`)
  }
  for (const name of clustering) {
    const column = find(columns, name)
    if (!column) {
      throw invalidArgument(`The field specified for clustering cannot be found in the schema. Invalid field: ${name}.`)
    }
    if (column.mode === 'REPEATED' || !CLUSTERABLE.includes(column.type)) {
      const type = column.mode === 'REPEATED' ? `ARRAY of ${column.type}` : column.type
      throw invalidArgument(`Clustering is not supported on column ${name} of type ${type}.`)
    }
  }
}

const find = (columns: readonly Column[], name: string) =>
  columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
