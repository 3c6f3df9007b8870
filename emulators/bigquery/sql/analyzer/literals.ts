import type { SqlType } from '../../model/schema.ts'
import type { Expression } from '../ast.ts'
import { queryError } from '../errors.ts'
import { parseDate, parseDatetime, parseTime, parseTimestamp } from '../runtime/dates.ts'
import { normalizeJson } from '../runtime/json.ts'
import { parseBignumeric, parseNumeric } from '../runtime/numerics.ts'
import { attempt } from './coercion.ts'
import { castTo, type Expr, textLiteral } from './expr.ts'
import { scalar } from './types.ts'

type Literal = Extract<Expression, { kind: 'literal' }>

export function literal({ type, value, at }: Literal): Expr {
  const expr = (sql: string, constant = value): Expr => ({ type: { kind: type }, sql, at, origin: 'LITERAL', constant })
  switch (type) {
    case 'BOOL':
      return expr(value)
    case 'STRING':
      return expr(textLiteral(value))
    case 'INT64': {
      const number = integerValue(value)
      if (number < -(2n ** 63n) || number >= 2n ** 63n) throw queryError(`Invalid integer literal: ${value}`, at)
      return expr(`CAST(${number} AS BIGINT)`, String(number))
    }
    default: {
      if (!Number.isFinite(Number(value))) throw queryError(`Invalid floating point literal: ${value}`, at)
      return expr(`CAST('${value}' AS DOUBLE)`)
    }
  }
}

function integerValue(text: string): bigint {
  const negative = text.startsWith('-')
  const digits = BigInt(negative ? text.slice(1) : text)
  return negative ? -digits : digits
}

export const bytesLiteral = (bytes: Uint8Array, at: Expr['at']): Expr => ({
  type: { kind: 'BYTES' },
  sql: `from_hex('${Buffer.from(bytes).toString('hex')}')`,
  at,
  origin: 'LITERAL',
  constant: Buffer.from(bytes).toString('latin1'),
})

const parsers: Record<string, (text: string) => string> = {
  DATE: parseDate,
  DATETIME: parseDatetime,
  TIME: parseTime,
  TIMESTAMP: (text) => parseTimestamp(text, 'UTC'),
  NUMERIC: parseNumeric,
  BIGNUMERIC: parseBignumeric,
  JSON: normalizeJson,
}

/** DATE '2024-01-01' and its like. */
export function typedLiteral({ type, value, at }: Extract<Expression, { kind: 'typed' }>): Expr {
  const text = attempt(() => parsers[type]!(value))
  if (text === undefined) throw queryError(`Invalid ${type} literal`, at)
  const kind = scalar(type as Extract<SqlType, { kind: 'JSON' }>['kind'])
  return { type: kind, sql: castTo(`'${text.replaceAll("'", "''")}'`, kind), at, origin: 'LITERAL', constant: text }
}
