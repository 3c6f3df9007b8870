import type { ScalarType, SqlType, StructField } from '../../model/schema.ts'
import type { TypeNode } from '../ast.ts'
import { queryError, unsupported } from '../errors.ts'

export const BOOL: SqlType = { kind: 'BOOL' }
export const INT64: SqlType = { kind: 'INT64' }
export const FLOAT64: SqlType = { kind: 'FLOAT64' }
export const STRING: SqlType = { kind: 'STRING' }
export const arrayOf = (element: SqlType): SqlType => ({ kind: 'ARRAY', element })
export const structOf = (fields: readonly StructField[]): SqlType => ({ kind: 'STRUCT', fields })
export const scalar = (kind: ScalarType): SqlType => ({ kind })

const names: Record<string, ScalarType> = {
  BOOL: 'BOOL',
  BOOLEAN: 'BOOL',
  INT64: 'INT64',
  INT: 'INT64',
  SMALLINT: 'INT64',
  INTEGER: 'INT64',
  BIGINT: 'INT64',
  TINYINT: 'INT64',
  BYTEINT: 'INT64',
  FLOAT64: 'FLOAT64',
  NUMERIC: 'NUMERIC',
  DECIMAL: 'NUMERIC',
  BIGNUMERIC: 'BIGNUMERIC',
  BIGDECIMAL: 'BIGNUMERIC',
  STRING: 'STRING',
  BYTES: 'BYTES',
  DATE: 'DATE',
  TIME: 'TIME',
  DATETIME: 'DATETIME',
  TIMESTAMP: 'TIMESTAMP',
  JSON: 'JSON',
  INTERVAL: 'INTERVAL',
}

/** The scalar type of this name, as written in DDL or in CAST. */
export function scalarNamed({ name, parameters, at }: Extract<TypeNode, { kind: 'NAMED' }>): ScalarType {
  const type = names[name]
  if (name === 'GEOGRAPHY' || name === 'RANGE') throw unsupported(`the type ${name}`, at)
  if (!type) throw queryError(`Type not found: ${name}`, at)
  if (parameters.length > 0) throw unsupported(`the parameterized type ${name}(${parameters.join(', ')})`, at)
  return type
}

export function toType(node: TypeNode): SqlType {
  if (node.kind === 'ARRAY') {
    if (node.element.kind === 'ARRAY') throw queryError('Arrays of arrays are not supported', node.at)
    return arrayOf(toType(node.element))
  }
  if (node.kind === 'STRUCT') return structOf(node.fields.map((f) => ({ name: f.name, type: toType(f.type) })))
  return { kind: scalarNamed(node) }
}

/** A type in the words of BigQuery's messages. */
export function typeName(type: SqlType): string {
  if (type.kind === 'ARRAY') return `ARRAY<${typeName(type.element)}>`
  if (type.kind !== 'STRUCT') return type.kind
  return `STRUCT<${type.fields.map((f) => (f.name ? `${f.name} ` : '') + typeName(f.type)).join(', ')}>`
}

/** Whether two types have the same values and the same physical form: field names matter for the latter. */
export function sameType(a: SqlType, b: SqlType): boolean {
  if (a.kind === 'ARRAY') return b.kind === 'ARRAY' && sameType(a.element, b.element)
  if (a.kind !== 'STRUCT') return a.kind === b.kind
  if (b.kind !== 'STRUCT' || a.fields.length !== b.fields.length) return false
  return a.fields.every((f, i) => {
    const other = b.fields[i]!
    return f.name.toLowerCase() === other.name.toLowerCase() && sameType(f.type, other.type)
  })
}

/** Whether GROUP BY, DISTINCT and set operations may tell the values apart, and we know how. */
export const isGroupable = (type: SqlType): boolean => !['ARRAY', 'STRUCT', 'JSON', 'INTERVAL'].includes(type.kind)

/** Whether values have an order. */
export const isOrderable = (type: SqlType): boolean => !['ARRAY', 'STRUCT', 'JSON'].includes(type.kind)
