import { physicalType } from '../../model/physical.ts'
import type { SqlType } from '../../model/schema.ts'
import type { Position } from '../errors.ts'
import { scalarFunctions } from '../runtime/index.ts'

/** An expression understood: its type is known, and how DuckDB says it. */
export interface Expr {
  readonly type: SqlType
  readonly sql: string
  readonly at: Position
  /** What was written in the statement itself coerces more freely than what is read from a table. */
  readonly origin?: 'NULL' | 'LITERAL' | 'PARAMETER' | 'EMPTY_ARRAY'
  /** The value of a literal or a parameter, where it is plain text, a number in text, or bytes in text. */
  readonly constant?: string
  /** The elements of an array, or the fields of a STRUCT, that is written out: they coerce one by one. */
  readonly parts?: readonly Expr[]
}

export const textLiteral = (text: string): string => {
  const plain = `'${text.replaceAll("'", "''")}'`
  return text.includes('\0') ? `(${plain.replaceAll('\0', "' || chr(0) || '")})` : `${plain}::VARCHAR`
}

export const nullOf = (type: SqlType): string => `CAST(NULL AS ${physicalType(type)})`

export const castTo = (sql: string, type: SqlType): string => `CAST(${sql} AS ${physicalType(type)})`

/** A call of one of this front end's own functions (see `runtime/`). */
export const runtime = (name: string, ...args: readonly string[]): string => `gsql_${name}(${args.join(', ')})`

/** A decimal from its value in units of the last decimal, which is what our own functions of decimals give. */
export function decimalOf(units: string, kind: 'NUMERIC' | 'BIGNUMERIC'): string {
  const unit =
    kind === 'NUMERIC' ? `CAST('0.000000001' AS DECIMAL(9,9))` : `CAST('0.000000000000000001' AS DECIMAL(18,18))`
  return `(CAST(CAST(${units} AS HUGEINT) AS DECIMAL(38,0)) * ${unit})`
}

/** An error at run time, of any type: DuckDB raises it only where it evaluates it. */
export const failure = (message: string, type: SqlType): string => castTo(runtime('error', message), type)

/** A column, a literal, a parameter, or one of these cast: nothing to compute twice. */
const atom = String.raw`(?:[\w$]+(?:\.(?:\w+|"(?:[^"]|"")*"))*|'[^']*')(?:::\w+)?`
const simple = new RegExp(String.raw`^(?:${atom}|CAST\(${atom} AS \w+(?:\(38,\d+\))?\))$`)

/**
 * Gives names to operands that an expression mentions more than once, so that each is written, and evaluated, once.
 * DuckDB has no LET; a list of one element, transformed, is one.
 */
export function bind(operands: readonly string[], body: (...names: string[]) => string): string {
  if (operands.every((sql) => simple.test(sql))) return body(...operands)
  const name = `x${depthOf(operands)}`
  const fields = operands.map((sql, i) => `a${i} := ${sql}`).join(', ')
  const names = operands.map((_, i) => `${name}.a${i}`)
  return `list_transform([struct_pack(${fields})], lambda ${name}: ${body(...names)})[1]`
}

/** A lambda's parameter must not have the name of one in its operands: DuckDB would look no further. */
const depthOf = (operands: readonly string[]): number =>
  Math.max(0, ...operands.flatMap((sql) => [...sql.matchAll(/\bx(\d+)[:.]/g)].map((m) => Number(m[1]) + 1)))

const failing = new Set(scalarFunctions.filter((f) => f.volatile).map((f) => f.name))

/**
 * The value, or NULL where computing it fails (SAFE_CAST, SAFE.). Only for text whose operands are simple: what they
 * report themselves must not be caught.
 */
export const orNull = (sql: string): string =>
  `TRY(${sql.replaceAll(/\bgsql_\w+/g, (name) => (failing.has(name) ? name.replace('gsql_', 'gsql_try_') : name))})`
