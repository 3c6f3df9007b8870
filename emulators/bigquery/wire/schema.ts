import { invalidArgument, unimplemented } from '../../shared/index.ts'
import { type Column, columnOf, type StructField } from '../model/schema.ts'
import { restType } from '../model/schema-evolution.ts'
import { Fields } from './fields.ts'

/** The names of the types in the REST API, the older ones with them (tables.insert, TableFieldSchema.type). */
const TYPES: Readonly<Record<string, Column['type']>> = {
  STRING: 'STRING',
  BYTES: 'BYTES',
  INTEGER: 'INT64',
  INT64: 'INT64',
  FLOAT: 'FLOAT64',
  FLOAT64: 'FLOAT64',
  BOOLEAN: 'BOOL',
  BOOL: 'BOOL',
  TIMESTAMP: 'TIMESTAMP',
  DATE: 'DATE',
  TIME: 'TIME',
  DATETIME: 'DATETIME',
  NUMERIC: 'NUMERIC',
  BIGNUMERIC: 'BIGNUMERIC',
  JSON: 'JSON',
  RECORD: 'STRUCT',
  STRUCT: 'STRUCT',
}
const NOT_HERE = ['GEOGRAPHY', 'INTERVAL', 'RANGE', 'FOREIGN']

/** The columns of a TableSchema: `{ fields: [{ name, type, mode, fields, description }] }`. */
export function readSchema(schema: Fields): readonly Column[] {
  const columns = readColumns(schema.list('fields') ?? [])
  schema.end()
  return columns
}

const readColumns = (fields: readonly unknown[]): Column[] => fields.map((field) => readColumn(field))

function readColumn(json: unknown): Column {
  const field = new Fields(json, 'schema.fields')
  const [name, type] = [field.needed('name'), readType(field.needed('type'))]
  const mode = (field.text('mode') ?? 'NULLABLE').toUpperCase()
  if (mode !== 'NULLABLE' && mode !== 'REQUIRED' && mode !== 'REPEATED') {
    throw invalidArgument(`Invalid value for mode: ${mode} is not a valid value`)
  }
  const [fields, description] = [field.list('fields'), field.text('description')]
  field.end()
  return {
    name,
    type,
    mode,
    ...(type === 'STRUCT' && { fields: readColumns(fields ?? []) }),
    ...(description && { description }),
  }
}

export function readType(name: string): Column['type'] {
  const type = TYPES[name.toUpperCase()]
  if (type) return type
  if (NOT_HERE.includes(name.toUpperCase())) throw unimplemented(`the type ${name.toUpperCase()}`)
  throw invalidArgument(`Invalid value for type: ${name} is not a valid value`)
}

export interface FieldSchema {
  name: string
  type: string
  mode: string
  description?: string
  fields?: FieldSchema[]
}

export const renderSchema = (columns: readonly Column[]): { fields: FieldSchema[] } => ({ fields: columns.map(render) })

const render = ({ name, type, mode, description, fields }: Column): FieldSchema => ({
  name,
  type: restType(type),
  mode,
  ...(description && { description }),
  ...(fields && { fields: fields.map(render) }),
})

/** The schema of a result. A column without a name is called by its place: f0_, f1_, … */
export const renderResultSchema = (columns: readonly StructField[]): { fields: FieldSchema[] } =>
  renderSchema(columns.map(({ name, type }, i) => columnOf(name || `f${i}_`, type)))
