import type { ScalarType, SqlType } from '../../model/schema.ts'
import { type Position, queryError, unsupported } from '../errors.ts'
import { dateText, fromDays, toDays } from '../runtime/civil.ts'
import { parseDate, parseDatetime, parseTimestamp } from '../runtime/dates.ts'
import { attempt, coerce, coercionCost } from './coercion.ts'
import { bind, castTo, decimalOf, type Expr, failure, runtime } from './expr.ts'
import { checkedDate, checkedDatetime, checkedTimestamp } from './ranges.ts'
import { INT64, scalar, typeName } from './types.ts'

const text = (sql: string) => castTo(sql, { kind: 'STRING' })
const words: Record<string, string> = { '+': 'add', '-': 'subtract', '*': 'multiply', '/': 'divide' }

/** The numeric type in which both operands are computed: the cheapest signature, as overload resolution has it. */
function numericType(l: Expr, r: Expr, candidates: readonly ScalarType[]): ScalarType | undefined {
  const costs = candidates.flatMap((kind) => {
    const [a, b] = [coercionCost(l, { kind }), coercionCost(r, { kind })]
    return a && b ? [{ kind, column: a.column + b.column, literal: a.literal + b.literal }] : []
  })
  return costs.sort((a, b) => a.column - b.column || a.literal - b.literal)[0]?.kind
}

export function arithmetic(op: string, l: Expr, r: Expr, at: Position): Expr {
  if (l.origin !== 'NULL' && r.origin !== 'NULL') {
    const dated = dateArithmetic(op, l, r, at)
    if (dated) return dated
  }
  const candidates: ScalarType[] =
    op === '/' ? ['FLOAT64', 'NUMERIC', 'BIGNUMERIC'] : ['INT64', 'NUMERIC', 'BIGNUMERIC', 'FLOAT64']
  const both = l.origin === 'NULL' && r.origin === 'NULL'
  const kind = both && op !== '/' ? 'INT64' : numericType(l, r, op === '/' ? divisionTypes(l, r) : candidates)
  if (!kind) {
    misread(op, l, r)
    throw noOperator(
      op,
      [l, r],
      candidates.map((k) => `${k} ${op} ${k}`),
      at,
    )
  }
  const type: SqlType = { kind }
  return { type, sql: compute(op, kind, coerce(l, type).sql, coerce(r, type).sql, at), at }
}

/** `INT64 / INT64` is a FLOAT64, but beside a NUMERIC an INT64 is one, too. */
const divisionTypes = (l: Expr, r: Expr): ScalarType[] => {
  const kinds = [l.type.kind, r.type.kind]
  if (kinds.includes('BIGNUMERIC')) return ['BIGNUMERIC', 'FLOAT64']
  return kinds.includes('NUMERIC') ? ['NUMERIC', 'FLOAT64'] : ['FLOAT64']
}

function compute(op: string, kind: ScalarType, a: string, b: string, at: Position): string {
  if (kind === 'FLOAT64') return runtime(`float_${words[op]}`, a, b)
  if (kind === 'INT64' || op === '+' || op === '-') return `(${a} ${op} ${b})`
  if (kind === 'BIGNUMERIC') throw unsupported(`operator ${op} on BIGNUMERIC`, at)
  return decimalOf(runtime(`numeric_${words[op]}`, text(a), text(b)), 'NUMERIC')
}

/** DATE ± INT64, and dates and times ± INTERVAL; undefined for other operands. */
function dateArithmetic(op: string, l: Expr, r: Expr, at: Position): Expr | undefined {
  if (op !== '+' && op !== '-') return undefined
  if (op === '+' && r.type.kind === 'DATE' && l.type.kind === 'INT64') return dateArithmetic(op, r, l, at)
  if (l.type.kind === 'INTERVAL' && r.type.kind !== 'INTERVAL') {
    return op === '+' ? dateArithmetic(op, r, l, at) : undefined
  }
  if (l.type.kind === 'DATE' && r.type.kind === 'INT64') {
    return shiftDate(op, l, r, at)
  }
  if (r.type.kind === 'INTERVAL') {
    if (l.type.kind === 'INTERVAL') return { type: l.type, sql: `(${l.sql} ${op} ${r.sql})`, at }
    return addInterval(op, l, r.sql, at)
  }
  if (op === '-' && l.type.kind === r.type.kind && ['DATE', 'TIMESTAMP', 'DATETIME', 'TIME'].includes(l.type.kind)) {
    return difference(l, r, at)
  }
  return undefined
}

export function shiftDate(op: string, l: Expr, r: Expr, at: Position): Expr {
  const { type } = l
  if (l.constant !== undefined && r.constant !== undefined) {
    // `CURRENT_DATE() - 30` stays a literal, by which DuckDB can skip what a filter does not need.
    const [year, month, day] = l.constant.split('-').map(Number)
    const days = toDays(year!, month!, day!) + Number(op === '-' ? -BigInt(r.constant) : BigInt(r.constant))
    if (days >= toDays(1, 1, 1) && days < toDays(10_000, 1, 1)) {
      const constant = dateText(fromDays(days))
      return { type, sql: castTo(`'${constant}'`, type), at, constant }
    }
  }
  return { type, sql: checkedDate(`(${l.sql} ${op} CAST(${r.sql} AS INTEGER))`), at }
}

/** DATE and DATETIME become a DATETIME; months clamp to the month's end in DuckDB as in BigQuery. */
function addInterval(op: string, l: Expr, interval: string, at: Position): Expr {
  const datetime = scalar('DATETIME')
  if (l.type.kind === 'TIMESTAMP')
    return { type: l.type, sql: checkedTimestamp(`(${l.sql} ${op} ${withoutMonths(interval)})`), at }
  if (l.type.kind === 'DATE' || l.type.kind === 'DATETIME') {
    return { type: datetime, sql: checkedDatetime(`(${coerce(l, datetime).sql} ${op} ${interval})`), at }
  }
  throw noOperator(
    op,
    [l, { type: scalar('INTERVAL'), sql: interval, at }],
    ['DATE', 'DATETIME', 'TIMESTAMP'].map((t) => `${t} ${op} INTERVAL`),
    at,
  )
}

/** How long a month is depends on the zone, so a TIMESTAMP takes none. */
const withoutMonths = (interval: string): string =>
  bind([interval], (i) => {
    const message = "'TIMESTAMP +/- INTERVAL is not supported for intervals with non-zero MONTH or YEAR part.'"
    return `CASE WHEN date_part('year', ${i}) <> 0 OR date_part('month', ${i}) <> 0 THEN ${failure(message, scalar('INTERVAL'))} ELSE ${i} END`
  })

/** DATE - DATE counts days, the others microseconds; all answer an INTERVAL. */
function difference(l: Expr, r: Expr, at: Position): Expr {
  const type = scalar('INTERVAL')
  if (l.type.kind === 'DATE') return { type, sql: `to_days(CAST(${l.sql} - ${r.sql} AS INTEGER))`, at }
  if (l.type.kind === 'TIME') throw unsupported('TIME - TIME', at)
  return { type, sql: `to_microseconds(epoch_us(${l.sql}) - epoch_us(${r.sql}))`, at }
}

/** `'a' + 1` is tried as DATE + INT64 first, and fails as that. */
function misread(op: string, l: Expr, r: Expr): void {
  if (op !== '+' && op !== '-') return
  const parse = {
    INT64: parseDate,
    INTERVAL: (t: string) => attempt(() => parseTimestamp(t, 'UTC')) ?? parseDatetime(t),
  }[r.type.kind as string]
  const literal = l.origin === 'LITERAL' && l.type.kind === 'STRING' ? l.constant : undefined
  if (!parse || literal === undefined || r.origin === 'NULL') return
  if (attempt(() => parse(literal)) === undefined) {
    const type = coercionCost(r, INT64) ? 'DATE' : 'TIMESTAMP'
    throw queryError(`Could not cast literal ${JSON.stringify(literal)} to type ${type}`, l.at)
  }
  throw unsupported(`operator ${op} on a STRING that stands for a date`, l.at)
}

export function noOperator(op: string, args: readonly Expr[], signatures: readonly string[], at: Position) {
  const types = args.map((a) => typeName(a.type)).join(', ')
  const listed = signatures.map((s) => `\n  Signature: ${s}`).join('')
  return queryError(`No matching signature for operator ${op} for argument types: ${types}${listed}`, at)
}
