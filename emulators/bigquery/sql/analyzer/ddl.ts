import type { Column, TableDefinition, TableReference } from '../../model/schema.ts'
import type { ColumnNode, ColumnType, Expression, Name, Statement } from '../ast.ts'
import { type Position, queryError, unsupported } from '../errors.ts'
import { tableOptions } from './options.ts'
import { scalarNamed } from './types.ts'

type CreateTable = Extract<Statement, { kind: 'createTable' }>

export const pathOf = (path: readonly Name[]): string[] => path.map((part) => part.text)

/** The table that CREATE TABLE defines; `inferred` are the columns of the query that fills it. */
export function tableDefinition(
  node: CreateTable,
  reference: TableReference,
  inferred?: readonly Column[],
): TableDefinition {
  const columns = node.columns ? declared(node.columns, inferred, node.at) : inferred
  if (!columns) throw queryError('No column definitions in CREATE TABLE', node.at)
  unique(columns, node.at)
  const options = tableOptions(node.options)
  const partitioning = node.partitionBy && partitionOf(node.partitionBy, columns)
  if (!partitioning && (options.expirationMs !== undefined || options.requireFilter !== undefined)) {
    const name = options.requireFilter === undefined ? 'partition_expiration_days' : 'require_partition_filter'
    throw queryError(`Option ${name} is only allowed on partitioned tables`, node.at)
  }
  const clustering = node.clusterBy.map((key) => clusteringColumn(key, columns))
  if (clustering.length > 4) throw queryError('CLUSTER BY supports up to 4 columns', node.at)
  const { expirationMs, requireFilter, ...rest } = options
  return {
    reference,
    columns,
    ...rest,
    ...(partitioning && {
      partitioning: {
        ...partitioning,
        ...(expirationMs !== undefined && { expirationMs }),
        ...(requireFilter !== undefined && { requireFilter }),
      },
    }),
    ...(clustering.length > 0 && { clustering }),
  }
}

function declared(nodes: readonly ColumnNode[], inferred: readonly Column[] | undefined, at: Position): Column[] {
  const columns = nodes.map(toColumn)
  if (!inferred) return columns
  const same = inferred.length === columns.length && inferred.every((c, i) => shape(c) === shape(columns[i]!))
  if (!same) throw unsupported('CREATE TABLE AS SELECT with a column list of other types than the query has', at)
  return columns
}

const shape = (c: Column): string => `${c.type}${c.mode === 'REPEATED'}(${(c.fields ?? []).map(shape).join(',')})`

function toColumn({ name, type, notNull, options }: ColumnNode): Column {
  if (name.text.length > 300) throw queryError(`Invalid field name "${name.text}"`, name.at)
  const { description, ...others } = tableOptions(options)
  if (Object.keys(others).length > 0) throw unsupported('column options other than description', name.at)
  if (type.kind === 'ARRAY') {
    if (notNull) throw queryError('NOT NULL is not allowed on ARRAY columns', name.at)
    if (type.element.kind === 'ARRAY') throw queryError('Arrays of arrays are not supported', type.at)
  }
  const element = type.kind === 'ARRAY' ? type.element : type
  const mode = type.kind === 'ARRAY' ? 'REPEATED' : notNull ? 'REQUIRED' : 'NULLABLE'
  return { name: name.text, ...columnType(element), mode, ...(description !== undefined && { description }) }
}

function columnType(type: ColumnType): Pick<Column, 'type' | 'fields'> {
  if (type.kind === 'NAMED') return { type: scalarNamed(type) }
  if (type.kind === 'ARRAY') throw queryError('Arrays of arrays are not supported', type.at)
  const fields = type.fields.map(toColumn)
  unique(fields, type.at)
  return { type: 'STRUCT', fields }
}

function unique(columns: readonly Column[], at: Position): void {
  const seen = new Set<string>()
  for (const { name } of columns) {
    if (seen.has(name.toLowerCase())) throw queryError(`Duplicate column name ${name} in CREATE TABLE`, at)
    seen.add(name.toLowerCase())
  }
}

type Partitioning = NonNullable<TableDefinition['partitioning']>

/** PARTITION BY: a DATE column, or a date or time cut to a unit (DDL, "partition_expression"). */
function partitionOf(node: Expression, columns: readonly Column[]): Partitioning {
  const { at } = node
  if (node.kind === 'identifier') {
    if (node.name.toUpperCase() === '_PARTITIONDATE') return { type: 'DAY' }
    const column = named(columns, node.name, at)
    if (column.type !== 'DATE' || column.mode === 'REPEATED') {
      throw queryError(
        'PARTITION BY expression must be DATE(<timestamp_column>), DATE(<datetime_column>), DATETIME_TRUNC(<datetime_column>, DAY/HOUR/MONTH/YEAR), a DATE column, TIMESTAMP_TRUNC(<timestamp_column>, DAY/HOUR/MONTH/YEAR), DATE_TRUNC(<date_column>, MONTH/YEAR), or RANGE_BUCKET(<int64_column>, GENERATE_ARRAY(<int64_value>, <int64_value>[, <int64_value>]))',
        at,
      )
    }
    return { type: 'DAY', field: column.name }
  }
  const name = node.kind === 'call' ? node.name.join('.').toUpperCase() : ''
  if (node.kind !== 'call' || name === 'RANGE_BUCKET')
    throw unsupported(`PARTITION BY ${name || 'this expression'}`, at)
  const [subject, unit] = node.args
  const allowed = {
    DATE: ['TIMESTAMP', 'DATETIME'],
    TIMESTAMP_TRUNC: ['TIMESTAMP'],
    DATETIME_TRUNC: ['DATETIME'],
    DATE_TRUNC: ['DATE'],
  }[name]
  if (!allowed || subject?.kind !== 'identifier') throw unsupported(`PARTITION BY ${name}(…) of this form`, at)
  const type = name === 'DATE' ? 'DAY' : unit?.kind === 'identifier' ? unit.name.toUpperCase() : ''
  if (
    !['DAY', 'HOUR', 'MONTH', 'YEAR'].includes(type) ||
    node.args.length > (name === 'DATE' ? 1 : 2) ||
    (name === 'DATE_TRUNC' && type === 'HOUR')
  ) {
    throw queryError(`Invalid PARTITION BY unit in ${name}`, at)
  }
  if (subject.name.toUpperCase() === '_PARTITIONTIME') return { type: type as Partitioning['type'] }
  const column = named(columns, subject.name, subject.at)
  if (!allowed.includes(column.type))
    throw queryError(
      `PARTITION BY ${name} needs a column of type ${allowed.join(' or ')}, but ${column.name} is ${column.type}`,
      at,
    )
  return { type: type as Partitioning['type'], field: column.name }
}

function named(columns: readonly Column[], name: string, at: Position): Column {
  const column = columns.find((c) => c.name.toLowerCase() === name.toLowerCase())
  if (!column) throw queryError(`Unrecognized name: ${name}`, at)
  return column
}

function clusteringColumn(node: Expression, columns: readonly Column[]): string {
  if (node.kind !== 'identifier') throw queryError('CLUSTER BY expressions must be column names', node.at)
  const column = named(columns, node.name, node.at)
  const clusterable = ['BIGNUMERIC', 'BOOL', 'DATE', 'DATETIME', 'INT64', 'NUMERIC', 'STRING', 'TIMESTAMP']
  if (column.mode === 'REPEATED' || !clusterable.includes(column.type)) {
    throw queryError(
      `CLUSTER BY expression references ${column.name}, whose type ${column.type} is not supported for clustering`,
      node.at,
    )
  }
  return column.name
}
