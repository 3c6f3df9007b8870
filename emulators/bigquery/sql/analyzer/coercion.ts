import { quoted } from '../../model/physical.ts'
import type { ScalarType, SqlType } from '../../model/schema.ts'
import { queryError, unsupported } from '../errors.ts'
import { parseDate, parseDatetime, parseTime, parseTimestamp } from '../runtime/dates.ts'
import { parseNumeric } from '../runtime/numerics.ts'
import { bind, castTo, decimalOf, type Expr, nullOf, runtime } from './expr.ts'
import { sameType, typeName } from './types.ts'

/** What coerces without being asked, and at what cost (Conversion rules, "Coercion"). */
const implicit: Partial<Record<ScalarType, readonly ScalarType[]>> = {
  INT64: ['NUMERIC', 'BIGNUMERIC', 'FLOAT64'],
  NUMERIC: ['BIGNUMERIC', 'FLOAT64'],
  BIGNUMERIC: ['FLOAT64'],
  DATE: ['DATETIME'],
}

/** What a literal or a parameter coerces to besides. */
const fromLiteral: Partial<Record<ScalarType, readonly ScalarType[]>> = {
  STRING: ['DATE', 'DATETIME', 'TIME', 'TIMESTAMP'],
  FLOAT64: ['NUMERIC', 'BIGNUMERIC'],
}

/** How far a coercion goes; undefined when there is none. Literals count apart: they move more easily. */
export function coercionCost(from: Expr, to: SqlType): Cost | undefined {
  const free = { column: 0, literal: 0 }
  if (sameType(from.type, to)) return free
  if (from.origin === 'NULL') return { column: 0, literal: 100 }
  const parts = partTypes(from, to)
  if (parts) return total(parts.map(([part, type]) => coercionCost(part, type)))
  if (from.type.kind === 'ARRAY' || to.kind === 'ARRAY') {
    const empty = from.origin === 'EMPTY_ARRAY' && to.kind === 'ARRAY'
    return empty ? { column: 0, literal: 100 } : undefined
  }
  if (from.type.kind === 'STRUCT' || to.kind === 'STRUCT') {
    return structCoercible(from.type, to) ? { column: 100, literal: 0 } : undefined
  }
  const written = from.origin === 'LITERAL' || from.origin === 'PARAMETER'
  const targets = [...(implicit[from.type.kind] ?? []), ...(written ? (fromLiteral[from.type.kind] ?? []) : [])]
  const distance = targets.indexOf(to.kind)
  if (distance < 0) return undefined
  // How many are coerced counts before how far.
  const cost = 100 + distance
  return written ? { column: 0, literal: cost } : { column: cost, literal: 0 }
}

/** What a written array or STRUCT is made of, with the types that its parts would have to take. */
function partTypes({ parts, type }: Expr, to: SqlType): (readonly [Expr, SqlType])[] | undefined {
  if (!parts) return undefined
  if (type.kind === 'ARRAY' && to.kind === 'ARRAY') return parts.map((part) => [part, to.element] as const)
  if (type.kind !== 'STRUCT' || to.kind !== 'STRUCT' || to.fields.length !== parts.length) return undefined
  return parts.map((part, i) => [part, to.fields[i]!.type] as const)
}

interface Cost {
  readonly column: number
  readonly literal: number
}

function total(costs: readonly (Cost | undefined)[]): Cost | undefined {
  if (costs.includes(undefined)) return undefined
  return { column: Math.max(0, ...costs.map((c) => c!.column)), literal: Math.max(0, ...costs.map((c) => c!.literal)) }
}

function structCoercible(from: SqlType, to: SqlType): boolean {
  if (from.kind !== 'STRUCT' || to.kind !== 'STRUCT' || from.fields.length !== to.fields.length) return false
  return from.fields.every((f, i) => {
    const target = to.fields[i]!.type
    return sameType(f.type, target) || structCoercible(f.type, target) || widens(f.type, target)
  })
}

const widens = (from: SqlType, to: SqlType): boolean =>
  from.kind !== 'ARRAY' && from.kind !== 'STRUCT' && (implicit[from.kind] ?? []).includes(to.kind as ScalarType)

/** The expression as a value of the type; the caller has made sure that it coerces. */
export function coerce(expr: Expr, to: SqlType): Expr {
  if (sameType(expr.type, to)) return expr
  if (expr.origin === 'NULL') return { ...expr, type: to, sql: nullOf(to) }
  if (expr.origin === 'EMPTY_ARRAY') return { ...expr, type: to, sql: castTo('[]', to) }
  const parts = partTypes(expr, to)
  if (parts)
    return rebuilt(
      expr,
      to,
      parts.map(([part, type]) => coerce(part, type)),
    )
  const literal = expr.origin === 'LITERAL' && expr.constant !== undefined && literalAs(expr, expr.constant, to)
  if (literal) return { ...expr, type: to, sql: literal }
  return { type: to, sql: convert(expr.sql, expr.type, to), at: expr.at }
}

/** A written array or STRUCT of parts that have been coerced. */
function rebuilt(expr: Expr, to: SqlType, parts: readonly Expr[]): Expr {
  const values = parts.map((part) => part.sql)
  if (to.kind !== 'STRUCT') return { ...expr, type: to, sql: castTo(`[${values.join(', ')}]`, to), parts }
  const fields = values.map((value, i) => `${fieldName(to.fields[i]!.name, i)} := ${value}`)
  return { ...expr, type: to, sql: `struct_pack(${fields.join(', ')})`, parts }
}

/** A written value in another type, checked when the statement is. */
function literalAs(expr: Expr, text: string, to: SqlType): string | undefined {
  const parsers: Partial<Record<SqlType['kind'], (text: string) => string>> = {
    DATE: parseDate,
    DATETIME: parseDatetime,
    TIME: parseTime,
    TIMESTAMP: (t) => parseTimestamp(t, 'UTC'),
  }
  const parse = parsers[to.kind]
  if (expr.type.kind === 'STRING' && parse) {
    const value = attempt(() => parse(text))
    if (value === undefined)
      throw queryError(`Could not cast literal ${JSON.stringify(text)} to type ${typeName(to)}`, expr.at)
    return castTo(`'${value}'`, to)
  }
  if (to.kind === 'NUMERIC' && (expr.type.kind === 'FLOAT64' || expr.type.kind === 'INT64')) {
    const value = attempt(() => parseNumeric(text))
    return value === undefined ? undefined : castTo(`'${value}'`, to)
  }
  return undefined
}

/** The parsers throw plain errors, since a literal's place is known only here; what they refuse stays refused. */
export function attempt(parse: () => string): string | undefined {
  try {
    return parse()
  } catch (error) {
    const [, refused] = /^unsupported: ([\s\S]*)$/.exec(error instanceof Error ? error.message : '') ?? []
    if (refused !== undefined) throw unsupported(refused)
    return undefined
  }
}

/** An implicit conversion of any value. */
export function convert(sql: string, from: SqlType, to: SqlType): string {
  if (from.kind === 'STRUCT' && to.kind === 'STRUCT') return bind([sql], (s) => convertStruct(s, from, to))
  if (from.kind === 'NUMERIC' || from.kind === 'BIGNUMERIC') {
    // A decimal becomes the nearest double by way of its text; DuckDB's own cast rounds twice.
    if (to.kind === 'FLOAT64') return castTo(castTo(sql, { kind: 'STRING' }), to)
  }
  if (from.kind === 'FLOAT64' && (to.kind === 'NUMERIC' || to.kind === 'BIGNUMERIC')) {
    return castTo(decimalOf(runtime('float_to_numeric', sql), 'NUMERIC'), to)
  }
  if (from.kind === 'STRING') {
    const parser = { DATE: 'date', DATETIME: 'datetime', TIME: 'time', TIMESTAMP: 'timestamp' }[to.kind as string]
    if (parser) return castTo(`gsql_${parser}(${sql}${to.kind === 'TIMESTAMP' ? ", 'UTC'" : ''})`, to)
  }
  return castTo(sql, to)
}

function convertStruct(
  sql: string,
  from: Extract<SqlType, { kind: 'STRUCT' }>,
  to: Extract<SqlType, { kind: 'STRUCT' }>,
): string {
  const fields = from.fields.map((f, i) => {
    const target = to.fields[i]!
    const value = `struct_extract(${sql}, ${fieldText(f.name, i)})`
    return `${fieldName(target.name, i)} := ${sameType(f.type, target.type) ? value : convert(value, f.type, target.type)}`
  })
  return `CASE WHEN ${sql} IS NULL THEN ${nullOf(to)} ELSE struct_pack(${fields.join(', ')}) END`
}

/** A field's name in DuckDB, where each has one (see `physicalType`). */
export const fieldName = (name: string, index: number): string => quoted(name || `_${index}`)
export const fieldText = (name: string, index: number): string => `'${(name || `_${index}`).replaceAll("'", "''")}'`

/** The type that all expressions coerce to, or undefined (Conversion rules, "Supertypes"). */
export function supertype(exprs: readonly Expr[]): SqlType | undefined {
  const typed = exprs.filter((e) => e.origin !== 'NULL' && e.origin !== 'EMPTY_ARRAY')
  const candidates = [...typed.filter((e) => !e.origin), ...typed.filter((e) => e.origin)].map((e) => e.type)
  if (typed.length === 0) return exprs.find((e) => e.origin === 'EMPTY_ARRAY')?.type ?? exprs[0]?.type
  return candidates.find((type) => exprs.every((e) => coercionCost(e, type)))
}
