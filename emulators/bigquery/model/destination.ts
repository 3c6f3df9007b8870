import { alreadyExists, invalidArgument, notFound } from '../../shared/index.ts'
import { type Column, columnOf, type StructField, type TableDefinition, type TableReference } from './schema.ts'
import { restType } from './schema-evolution.ts'
import type { Select } from './store.ts'
import { type Table, tableName } from './table.ts'
import type { Tables } from './tables.ts'

/** Where a query's rows go, and what may happen to the table there (JobConfigurationQuery). */
export interface Destination {
  readonly table: TableReference
  readonly create: 'CREATE_IF_NEEDED' | 'CREATE_NEVER'
  readonly write: 'WRITE_EMPTY' | 'WRITE_APPEND' | 'WRITE_TRUNCATE'
  readonly schemaUpdates: readonly ('ALLOW_FIELD_ADDITION' | 'ALLOW_FIELD_RELAXATION')[]
  readonly partitioning?: TableDefinition['partitioning']
  readonly clustering?: readonly string[]
}

type Query = Omit<Select, 'columns'> & { readonly columns: readonly StructField[] }

/** Writes a query's rows to its destination, all or none. */
export async function deliver(tables: Tables, destination: Destination, query: Query): Promise<void> {
  const { table: reference, create, write, schemaUpdates } = destination
  if (schemaUpdates.length > 0 && write !== 'WRITE_APPEND') {
    throw invalidArgument(
      'Schema update options should only be specified with WRITE_APPEND disposition, or with WRITE_TRUNCATE disposition on a table partition.',
    )
  }
  const table = tables.find(reference)
  const columns = query.columns.map(({ name, type }) => columnOf(name, type))
  if (!table) {
    if (create === 'CREATE_NEVER') throw notFound(`Not found: Table ${tableName(reference)}`)
    const { partitioning, clustering } = destination
    await tables.create({ reference, columns, partitioning, clustering }, { query })
    return
  }
  if (write === 'WRITE_EMPTY' && table.rows > 0) {
    throw alreadyExists(`Already Exists: Table ${tableName(reference)}`, { reason: 'duplicate' })
  }
  if (write === 'WRITE_TRUNCATE' && !sameShape(table.definition.columns, columns)) {
    const { partitioning = table.definition.partitioning, clustering = table.definition.clustering } = destination
    await tables.create({ ...table.definition, columns, partitioning, clustering }, { ifExists: 'replace', query })
    return
  }
  await grow(tables, table, { columns, schemaUpdates })
  const into = columns.map(({ name }) => name)
  await tables.insert(reference, { query, into, truncate: write === 'WRITE_TRUNCATE' })
}

/** Brings a table to the columns of a query that is appended to it, so far as the job allows that. */
async function grow(
  tables: Tables,
  { definition: { reference, columns } }: Table,
  { columns: incoming, schemaUpdates }: { columns: readonly Column[]; schemaUpdates: Destination['schemaUpdates'] },
): Promise<void> {
  const known = new Map(columns.map((column) => [column.name.toLowerCase(), column]))
  const added = incoming.filter(({ name }) => !known.has(name.toLowerCase()))
  for (const column of incoming) {
    const before = known.get(column.name.toLowerCase())
    if (before && shape([before]) !== shape([column])) {
      const change = `Field ${column.name} has changed type from ${restType(before.type)} to ${restType(column.type)}`
      throw invalidArgument(`Invalid schema update. ${change}`)
    }
  }
  if (added.length > 0 && !schemaUpdates.includes('ALLOW_FIELD_ADDITION')) {
    throw invalidArgument(`Invalid schema update. Cannot add fields (field: ${added[0]!.name})`)
  }
  const relaxing = schemaUpdates.includes('ALLOW_FIELD_RELAXATION')
  const relaxed = columns.map((c) => (relaxing && c.mode === 'REQUIRED' ? { ...c, mode: 'NULLABLE' as const } : c))
  if (added.length > 0 || relaxing) await tables.update(reference, { columns: [...relaxed, ...added] })
}

const sameShape = (a: readonly Column[], b: readonly Column[]) => shape(a) === shape(b)

/** Names and types at every depth; REQUIRED is no other shape than NULLABLE. */
const shape = (columns: readonly Column[]): string =>
  columns
    .map(
      ({ name, type, mode, fields = [] }) => `${name.toLowerCase()} ${type} ${mode === 'REPEATED'} (${shape(fields)})`,
    )
    .join(', ')
