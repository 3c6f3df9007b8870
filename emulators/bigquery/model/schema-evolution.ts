import { invalidArgument } from '../../shared/index.ts'
import { type Column, columnType } from './schema.ts'

/**
 * The columns after a change that BigQuery allows: NULLABLE or REPEATED fields are appended, REQUIRED ones relaxed,
 * descriptions replaced, at every depth. Anything else throws INVALID_ARGUMENT in the service's words
 * (cloud.google.com/bigquery/docs/managing-table-schemas). `table` is `project:dataset.table`.
 */
export function evolve(current: readonly Column[], proposed: readonly Column[], table: string): readonly Column[] {
  return evolved(current, proposed, { table, path: '' })
}

interface Place {
  readonly table: string
  /** The record that holds the fields, with a point at its end. */
  readonly path: string
}

function evolved(current: readonly Column[], proposed: readonly Column[], place: Place): readonly Column[] {
  const wanted = new Map(proposed.map((column) => [column.name.toLowerCase(), column]))
  const kept = current.map((column) => {
    const next = wanted.get(column.name.toLowerCase())
    if (!next) throw mismatch(place, `Field ${place.path}${column.name} is missing in new schema`)
    return changed(column, next, place)
  })
  const known = new Set(current.map((column) => column.name.toLowerCase()))
  const added = proposed.filter((column) => !known.has(column.name.toLowerCase()))
  const required = added.find((column) => column.mode === 'REQUIRED')
  if (required) {
    const field = `(field: ${place.path}${required.name})`
    throw mismatch(place, `Cannot add required fields to an existing schema. ${field}`)
  }
  return [...kept, ...added]
}

function changed(column: Column, next: Column, place: Place): Column {
  const name = `${place.path}${column.name}`
  if (column.type !== next.type) {
    const [from, to] = [restType(column.type), restType(next.type)]
    throw mismatch(place, `Field ${name} has changed type from ${from} to ${to}`)
  }
  const relaxed = column.mode === 'REQUIRED' && next.mode === 'NULLABLE'
  if (column.mode !== next.mode && !relaxed) {
    throw mismatch(place, `Field ${name} has changed mode from ${column.mode} to ${next.mode}`)
  }
  if (column.type !== 'STRUCT') return { ...next, name: column.name }
  const fields = evolved(column.fields ?? [], next.fields ?? [], { ...place, path: `${name}.` })
  return { ...next, name: column.name, fields }
}

const mismatch = ({ table }: Place, what: string) =>
  invalidArgument(`Provided Schema does not match Table ${table}. ${what}`)

/** The names that the REST API gives the types. */
export const restType = (type: Column['type']): string => REST_NAMES[type] ?? type
const REST_NAMES: Partial<Record<Column['type'], string>> = {
  INT64: 'INTEGER',
  FLOAT64: 'FLOAT',
  BOOL: 'BOOLEAN',
  STRUCT: 'RECORD',
}

/** Whether the rows lie differently after the change, beyond columns that were appended at the top. */
export const reshaped = (before: readonly Column[], after: readonly Column[]): boolean =>
  before.some((column, i) => JSON.stringify(columnType(column)) !== JSON.stringify(columnType(after[i]!)))
