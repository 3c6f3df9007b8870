import { parseDate, parseDatetime, parseTime, parseTimestamp } from './civil.ts'
import { parseBigNumeric, parseDecimal, parseNumeric } from './decimal.ts'
import { normaliseJson } from './json.ts'
import type { Column } from './schema.ts'
import type { Row, Value } from './value.ts'

/** What is wrong with one field of a row; `location` is its path. */
export interface FieldError {
  readonly location: string
  readonly message: string
}

export interface CoerceOptions {
  readonly ignoreUnknown: boolean
}

/** A JSON object of tabledata.insertAll as a row, with every fault that BigQuery would find in it. */
export function coerceRow(
  columns: readonly Column[],
  json: unknown,
  options: CoerceOptions,
): { row: Row; errors: readonly FieldError[] } {
  const errors: FieldError[] = []
  const row = record(columns, isRecord(json) ? json : {}, { path: '', options, errors })
  return { row, errors }
}

interface Context {
  /** The record that holds the field, with a point at its end. */
  readonly path: string
  readonly options: CoerceOptions
  readonly errors: FieldError[]
}

const isRecord = (json: unknown): json is Record<string, unknown> =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

function record(columns: readonly Column[], json: Record<string, unknown>, context: Context): Row {
  const given = new Map(Object.entries(json).map(([name, value]) => [name.toLowerCase(), value]))
  const known = new Set(columns.map((column) => column.name.toLowerCase()))
  if (!context.options.ignoreUnknown) {
    for (const name of Object.keys(json)) {
      if (!known.has(name.toLowerCase())) fault(context, name, `no such field: ${context.path}${name}.`)
    }
  }
  return columns.map((column) => field(column, given.get(column.name.toLowerCase()), context))
}

function fault({ path, errors }: Context, name: string, message: string): null {
  errors.push({ location: `${path}${name}`, message })
  return null
}

function field(column: Column, json: unknown, context: Context): Value {
  const name = `${context.path}${column.name}`
  if (column.mode === 'REPEATED') return repeated(column, json, context)
  if (json === null || json === undefined) {
    return column.mode === 'REQUIRED' ? fault(context, column.name, `Missing required field: ${name}.`) : null
  }
  if (Array.isArray(json)) return fault(context, column.name, `Array specified for non-repeated field: ${name}.`)
  return single(column, json, context)
}

function repeated(column: Column, json: unknown, context: Context): Value {
  if (json === null || json === undefined) return []
  const name = `${context.path}${column.name}`
  if (!Array.isArray(json)) return fault(context, column.name, `Field ${name} is repeated: an array is expected.`)
  return json.map((item: unknown) =>
    item === null
      ? fault(context, column.name, `Only optional fields can be set to NULL. Field: ${name}; Value: NULL`)
      : single(column, item, context),
  )
}

function single(column: Column, json: unknown, context: Context): Value {
  const name = `${context.path}${column.name}`
  if (column.type === 'STRUCT') {
    if (!isRecord(json)) return fault(context, column.name, `This field: ${name} is not a record.`)
    return record(column.fields ?? [], json, { ...context, path: `${name}.` })
  }
  if (typeof json === 'object') return fault(context, column.name, `This field: ${name} is not a record.`)
  const value = coerceScalar(column.type, json as Scalar)
  return value === undefined ? fault(context, column.name, refusal(column.type, name, String(json))) : value
}

type Scalar = string | number | boolean

/** A JSON scalar as a value of the type; undefined when BigQuery would not convert it. */
export function coerceScalar(type: Exclude<Column['type'], 'STRUCT'>, json: Scalar): Value | undefined {
  const text = String(json)
  switch (type) {
    case 'STRING':
      return text
    case 'BOOL':
      return /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined
    case 'INT64':
      return integer(text)
    case 'FLOAT64':
      return typeof json === 'boolean' ? undefined : float(text)
    case 'NUMERIC':
      return parseNumeric(text)
    case 'BIGNUMERIC':
      return parseBigNumeric(text)
    case 'BYTES':
      return /^[A-Za-z0-9+/_-]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined
    case 'DATE':
      return parseDate(text)
    case 'TIME':
      return parseTime(text)
    case 'DATETIME':
      return parseDatetime(text.replace(/Z$/, ''))
    case 'TIMESTAMP':
      return inRange(parseTimestamp(text) ?? epochSeconds(text))
    case 'JSON':
      return normaliseJson(text)
    case 'INTERVAL':
      return undefined
  }
}

function integer(text: string): bigint | undefined {
  if (!/^[+-]?\d+(\.0*)?$/.test(text.trim())) return undefined
  const value = BigInt(text.trim().replace(/^\+|\..*$/g, ''))
  return BigInt.asIntN(64, value) === value ? value : undefined
}

function float(text: string): number | undefined {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text)
  if (special) return special[2]!.toLowerCase() === 'nan' ? Number.NaN : Number(`${special[1]}Infinity`)
  return text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text)
}

/** The years 1 to 9999. */
export const inRange = (micros: bigint | undefined): bigint | undefined =>
  micros !== undefined && micros >= -62_135_596_800_000_000n && micros < 253_402_300_800_000_000n ? micros : undefined

/** A number is seconds since the epoch, with a fraction. */
const epochSeconds = (text: string): bigint | undefined => parseDecimal(text, 6)

function refusal(type: Exclude<Column['type'], 'STRUCT'>, field: string, value: string): string {
  const where = `Field: ${field}; Value: ${value}`
  switch (type) {
    case 'INT64':
      return `Cannot convert value to integer (bad value): ${value}`
    case 'FLOAT64':
      return `Cannot convert value to floating point (bad value): ${value}`
    case 'BOOL':
      return `Cannot convert value to boolean (bad value): ${value}`
    case 'BYTES':
      return `Could not decode base64 string to bytes. ${where}`
    case 'TIMESTAMP':
      return `Could not parse '${value}' as a timestamp. Required format is YYYY-MM-DD HH:MM[:SS[.SSSSSS]] or YYYY/MM/DD HH:MM[:SS[.SSSSSS]] ${where}`
    case 'DATE':
      return `Invalid date: '${value}' ${where}`
    case 'TIME':
      return `Invalid time string "${value}" ${where}`
    case 'DATETIME':
      return `Invalid datetime string "${value}" ${where}`
    default:
      return `Invalid ${type} value: ${value} ${where}`
  }
}
