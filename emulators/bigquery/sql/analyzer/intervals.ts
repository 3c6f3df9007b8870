import type { Expression } from '../ast.ts'
import { queryError, unsupported } from '../errors.ts'
import { extractPart } from '../functions/parts.ts'
import { argument } from './conditional.ts'
import type { Context } from './context.ts'
import type { Expr } from './expr.ts'
import { analyze } from './expressions.ts'
import { INT64, scalar } from './types.ts'

const makers: Record<string, string> = {
  YEAR: 'to_years',
  MONTH: 'to_months',
  DAY: 'to_days',
  HOUR: 'to_hours',
  MINUTE: 'to_minutes',
  SECOND: 'to_seconds',
  MILLISECOND: 'to_milliseconds',
  MICROSECOND: 'to_microseconds',
}

/** INTERVAL 5 DAY, and INTERVAL '1-2' YEAR TO MONTH. */
export function analyzeInterval(node: Extract<Expression, { kind: 'interval' }>, context: Context): Expr {
  const { at, from, to } = node
  const type = scalar('INTERVAL')
  if (to) return { type, sql: rangeLiteral(node, from, to), at }
  const value = argument(analyze(node.value, context), INT64, 'Interval value')
  return { type, sql: makeInterval(value.sql, from, at), at }
}

/** A DuckDB INTERVAL of so many parts. */
export function makeInterval(sql: string, part: string, at: Expr['at']): string {
  if (part === 'QUARTER') return `to_months(CAST(3 * ${sql} AS INTEGER))`
  if (part === 'WEEK') return `to_days(CAST(7 * ${sql} AS INTEGER))`
  const maker = makers[part]
  if (!maker) throw queryError(`${part} is not a valid date part for an interval`, at)
  if (['YEAR', 'MONTH', 'DAY'].includes(part)) return `${maker}(CAST(${sql} AS INTEGER))`
  if (part === 'SECOND' || part === 'MILLISECOND')
    return `to_microseconds(${sql} * ${part === 'SECOND' ? 1_000_000 : 1000})`
  return `${maker}(${sql})`
}

const ladder = ['YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND']

/** `'1 6' DAY TO HOUR`: the numbers of the parts from the one to the other, with a sign before dates and before times. */
function rangeLiteral(node: Extract<Expression, { kind: 'interval' }>, from: string, to: string): string {
  const { value, at } = node
  const [start, end] = [ladder.indexOf(from), ladder.indexOf(to)]
  if (value.kind !== 'literal' || value.type !== 'STRING' || start < 0 || end <= start) {
    throw unsupported(`INTERVAL … ${from} TO ${to} of this value`, at)
  }
  const separators = ['-', ' ', ' ', ':', ':']
  const number = (i: number) => (i === 5 ? String.raw`(\d+(?:\.\d{1,6})?)` : String.raw`(\d+)`)
  const signed = (i: number) => (i === start || i === 2 || (i === 3 && start < 3) ? '([+-]?)' : '()')
  const parts = ladder.slice(start, end + 1).map((_, i) => {
    const part = start + i
    return `${i === 0 ? '' : separators[part - 1]}${signed(part)}${number(part)}`
  })
  const match = new RegExp(`^${parts.join('')}$`).exec(value.value)
  if (!match) throw queryError(`Invalid INTERVAL value '${value.value}'`, at)
  let sign = ''
  const terms = ladder.slice(start, end + 1).map((part, i) => {
    const own = start + i === 2 || start + i === 3 || i === 0
    sign = own ? match[1 + 2 * i]! : sign
    const text = match[2 + 2 * i]!
    if (part === 'SECOND') return `to_microseconds(${sign}${BigInt(Math.round(Number(text) * 1e6))})`
    return makeInterval(`(${sign}${BigInt(text)})`, part, at)
  })
  return `(${terms.join(' + ')})`
}

export function extract(node: Extract<Expression, { kind: 'extract' }>, context: Context): Expr {
  const zone = node.zone && argument(analyze(node.zone, context), scalar('STRING'), 'Time zone')
  return extractPart(node.part, analyze(node.arg, context), zone, node.at)
}
