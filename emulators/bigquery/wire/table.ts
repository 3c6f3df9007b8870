import { invalidArgument, unimplemented } from '../../shared/index.ts'
import type { DatasetReference } from '../model/dataset.ts'
import type { TableDefinition, TableReference } from '../model/schema.ts'
import { type Table, tableName } from '../model/table.ts'
import type { TableChange } from '../model/table-change.ts'
import { Fields } from './fields.ts'
import { readLabels } from './labels.ts'
import { readSchema, renderSchema } from './schema.ts'

/** What the service fills in, and a client may send back unchanged. */
const OUTPUT_ONLY = [
  ...['kind', 'id', 'etag', 'selfLink', 'creationTime', 'lastModifiedTime', 'location', 'numRows', 'numBytes'],
  ...['numLongTermBytes', 'numTotalLogicalBytes', 'numActiveLogicalBytes', 'numLongTermLogicalBytes'],
]
const PARTITION_TYPES = ['DAY', 'HOUR', 'MONTH', 'YEAR'] as const

export function readNewTable(dataset: DatasetReference, body: unknown): TableDefinition {
  const fields = new Fields(body ?? {}, 'tables.insert')
  const given = fields.object('tableReference')
  if (!given) throw invalidArgument('Required parameter is missing: tableReference', { reason: 'required' })
  const reference = { ...dataset, tableId: given.needed('tableId') }
  const { columns = [], ...change } = readTable(fields)
  const kept = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null && value !== undefined))
  return { ...kept, reference, columns }
}

/** A patch leaves what it does not name; an update clears it, but for the schema and what cannot change. */
export function readTableChange(table: Table, body: unknown, method: 'patch' | 'update'): TableChange {
  const fields = new Fields(body ?? {}, `tables.${method}`)
  fields.skip('tableReference')
  const change = readTable(fields, method === 'patch' ? table.definition.labels : {})
  if (method === 'patch') return change
  const { friendlyName = null, description = null, expirationTime = null, clustering = null } = change
  return { ...change, friendlyName, description, expirationTime, clustering }
}

function readTable(fields: Fields, labelsBefore?: TableDefinition['labels']): TableChange {
  fields.skip(...OUTPUT_ONLY)
  const type = fields.text('type') ?? 'TABLE'
  if (type !== 'TABLE') throw unimplemented(`a table of type ${type}`)
  const [schema, partitioning] = [fields.object('schema'), fields.object('timePartitioning')]
  const clustering = fields.object('clustering')
  const expirationTime = fields.integer('expirationTime')
  const change = {
    columns: schema ? readSchema(schema) : undefined,
    friendlyName: fields.text('friendlyName'),
    description: fields.text('description'),
    labels: readLabels(fields, labelsBefore),
    expirationTime: expirationTime === 0 ? null : expirationTime,
    partitioning: partitioning && readPartitioning(partitioning),
    clustering: clustering && readClustering(clustering),
  }
  fields.end()
  return change
}

export function readPartitioning(fields: Fields): NonNullable<TableDefinition['partitioning']> {
  const type = PARTITION_TYPES.find((known) => known === fields.needed('type').toUpperCase())
  if (!type)
    throw invalidArgument(`Invalid value for timePartitioning.type: ${fields.text('type')} is not a valid value`)
  const [field, expirationMs] = [fields.text('field'), fields.integer('expirationMs')]
  fields.end()
  return { type, ...(field && { field }), ...(expirationMs && { expirationMs }) }
}

export function readClustering(fields: Fields): readonly string[] {
  const names = fields.texts('fields') ?? []
  fields.end()
  return names
}

export const renderTable = (table: Table, location: string) => ({
  ...listed(table),
  kind: 'bigquery#table',
  etag: table.etag,
  selfLink: link(table.definition.reference),
  description: table.definition.description,
  schema: renderSchema(table.definition.columns),
  numRows: String(table.rows),
  numBytes: String(table.bytes),
  numLongTermBytes: '0',
  numTotalLogicalBytes: String(table.bytes),
  numActiveLogicalBytes: String(table.bytes),
  numLongTermLogicalBytes: '0',
  lastModifiedTime: String(table.lastModifiedTime),
  location,
})

export const renderListedTable = (table: Table) => ({ ...listed(table), kind: 'bigquery#table' })

function listed({ definition, creationTime }: Table) {
  const { reference, friendlyName, labels, partitioning, clustering, expirationTime } = definition
  return {
    id: tableName(reference),
    tableReference: reference,
    friendlyName,
    type: 'TABLE',
    labels,
    timePartitioning: partitioning && { type: partitioning.type, field: partitioning.field },
    clustering: clustering && { fields: clustering },
    creationTime: String(creationTime),
    ...(expirationTime !== undefined && { expirationTime: String(expirationTime) }),
  }
}

const link = ({ projectId, datasetId, tableId }: TableReference) =>
  `/bigquery/v2/projects/${projectId}/datasets/${datasetId}/tables/${tableId}`
