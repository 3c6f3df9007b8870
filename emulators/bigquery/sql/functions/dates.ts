import { shiftDate } from '../analyzer/arithmetic.ts'
import { attempt, coerce, supertype } from '../analyzer/coercion.ts'
import { argument } from '../analyzer/conditional.ts'
import type { Context } from '../analyzer/context.ts'
import { castTo, type Expr } from '../analyzer/expr.ts'
import { analyze } from '../analyzer/expressions.ts'
import { makeInterval } from '../analyzer/intervals.ts'
import { checkedDate, checkedDatetime, checkedTimestamp } from '../analyzer/ranges.ts'
import { arrayOf, INT64, STRING, scalar, typeName } from '../analyzer/types.ts'
import type { Call, Expression } from '../ast.ts'
import { queryError, unsupported } from '../errors.ts'
import { dateText, timeText } from '../runtime/civil.ts'
import { timestampMicros, timestampText } from '../runtime/dates.ts'
import { checkZone, localCivil } from '../runtime/zones.ts'
import { checkPart, difference, micros, partOf, partsOf, truncated } from './parts.ts'
import type { SpecialForm } from './special.ts'
import { instantOf, localTime } from './zones.ts'

type Kind = 'DATE' | 'DATETIME' | 'TIMESTAMP' | 'TIME'

const kinds: Kind[] = ['DATE', 'DATETIME', 'TIMESTAMP', 'TIME']

function arity(call: Call, least: number, most: number): void {
  const found = call.args.length
  if (found >= least && found <= most) return
  throw queryError(
    `No matching signature for function ${call.name.join('.').toUpperCase()} with ${found} arguments`,
    call.at,
  )
}

/** A date or time, of the type that the function is named for unless it is of another such type. */
function subject(node: Expression, context: Context, named: Kind): Expr & { kind: Kind } {
  const value = analyze(node, context)
  const own = kinds.find((kind) => kind === value.type.kind && value.origin !== 'NULL')
  const kind = own ?? named
  return { ...argument(value, scalar(kind), `Argument of ${named} function`), kind }
}

/** DATE_ADD and its siblings. */
const add =
  (named: Kind, sign: '+' | '-'): SpecialForm =>
  (call, context) => {
    arity(call, 2, 2)
    const value = subject(call.args[0]!, context, named)
    const interval = call.args[1]!
    if (interval.kind !== 'interval' || interval.to)
      throw unsupported(`${call.name.join('.')} of an INTERVAL of several parts`, call.at)
    const allowed = [...partsOf[value.kind]!.filter((p) => !p.startsWith('ISO'))]
    const supported =
      value.kind === 'TIMESTAMP' ? ['DAY', 'HOUR', 'MINUTE', 'SECOND', 'MILLISECOND', 'MICROSECOND'] : allowed
    checkPart({ name: interval.from, startsOn: 0, at: interval.at }, supported, call.name.join('.').toUpperCase())
    const amount = argument(analyze(interval.value, context), INT64, 'Interval value')
    const days = { DAY: 1n, WEEK: 7n }[interval.from]
    if (value.kind === 'DATE' && days && amount.constant !== undefined) {
      const count = days * BigInt(amount.constant)
      const shift: Expr = { type: INT64, sql: `CAST(${count} AS BIGINT)`, at: call.at, constant: String(count) }
      return shiftDate(sign, value, shift, call.at)
    }
    const folded = value.kind === 'TIMESTAMP' && foldedTimestamp(value, amount, interval.from, sign)
    if (folded) return { type: value.type, sql: castTo(`'${folded}'`, value.type), at: call.at }
    const sum = `(${value.sql} ${sign} ${makeInterval(amount.sql, interval.from, interval.at)})`
    return { type: value.type, sql: inRange(sum, value.kind), at: call.at }
  }

/** A written time moved by a written amount is one itself, by which DuckDB can skip what a filter does not need. */
function foldedTimestamp(value: Expr, amount: Expr, part: string, sign: string): string | undefined {
  const unit = micros[part]
  if (!unit || value.constant === undefined || value.type.kind !== 'TIMESTAMP' || amount.constant === undefined)
    return undefined
  const start = timestampMicros(value.constant)
  if (start === undefined) return undefined
  return attempt(() => timestampText(start + (sign === '+' ? unit : -unit) * BigInt(amount.constant!)))
}

function inRange(sql: string, kind: Kind): string {
  if (kind === 'DATE') return checkedDate(sql)
  if (kind === 'DATETIME') return checkedDatetime(sql)
  return kind === 'TIMESTAMP' ? checkedTimestamp(sql) : sql
}

const diff =
  (named: Kind): SpecialForm =>
  (call, context) => {
    arity(call, 3, 3)
    const [a, b] = [subject(call.args[0]!, context, named), subject(call.args[1]!, context, named)]
    const type = supertype([a, b])
    const kind = kinds.find((k) => k === type?.kind)
    if (!type || !kind)
      throw queryError(
        `No matching signature for function ${call.name.join('.').toUpperCase()} for argument types: ${typeName(a.type)}, ${typeName(b.type)}`,
        call.at,
      )
    const part = partOf(call.args[2], call.at)
    const allowed =
      kind === 'TIMESTAMP' ? ['DAY', 'HOUR', 'MINUTE', 'SECOND', 'MILLISECOND', 'MICROSECOND'] : partsOf[kind]!
    checkPart(part, allowed, call.name.join('.').toUpperCase())
    return {
      type: INT64,
      sql: castTo(difference(coerce(a, type).sql, coerce(b, type).sql, part, kind), INT64),
      at: call.at,
    }
  }

const trunc =
  (named: Kind): SpecialForm =>
  (call, context) => {
    arity(call, 2, 3)
    const value = subject(call.args[0]!, context, named)
    const part = partOf(call.args[1], call.at)
    checkPart(part, partsOf[value.kind]!, call.name.join('.').toUpperCase())
    const zone = call.args[2] && argument(analyze(call.args[2], context), STRING, 'Time zone')
    if (zone && value.kind !== 'TIMESTAMP')
      throw queryError(`${call.name.join('.')} of a ${value.kind} does not support a time zone`, call.at)
    return { type: value.type, sql: cut(value, part, zone), at: call.at }
  }

function cut(value: Expr & { kind: Kind }, part: ReturnType<typeof partOf>, zone: Expr | undefined): string {
  if (value.kind === 'DATE' || value.kind === 'DATETIME') return truncated(value.sql, part, value.kind)
  if (value.kind === 'TIME') {
    const moment = `TIMESTAMP '1970-01-01 00:00:00' + to_microseconds(epoch_us(${value.sql}))`
    return castTo(`date_trunc('${part.name.toLowerCase()}', ${moment})`, value.type)
  }
  const local = localTime(value.sql, zone)
  const whole = truncated(local, part, 'DATETIME')
  // Within a day the clock may show a time twice: what is cut off is taken from the instant itself.
  if (['HOUR', 'MINUTE', 'SECOND', 'MILLISECOND', 'MICROSECOND'].includes(part.name))
    return `(${value.sql} - (${local} - ${whole}))`
  return checkedTimestamp(instantOf(whole, zone))
}

const lastDay: SpecialForm = (call, context) => {
  arity(call, 1, 2)
  const value = subject(call.args[0]!, context, 'DATE')
  if (value.kind !== 'DATE' && value.kind !== 'DATETIME')
    throw queryError(`No matching signature for function LAST_DAY for argument types: ${value.kind}`, call.at)
  const part = call.args[1] ? partOf(call.args[1], call.at) : { name: 'MONTH', startsOn: 0, at: call.at }
  checkPart(part, ['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'ISOWEEK', 'ISOYEAR'], 'LAST_DAY')
  const date = coerceDate(value)
  if (part.name === 'ISOYEAR') throw unsupported('LAST_DAY of an ISOYEAR', call.at)
  const step = { YEAR: '1 YEAR', QUARTER: '3 MONTHS', MONTH: '1 MONTH', WEEK: '7 DAYS', ISOWEEK: '7 DAYS' }[part.name]!
  const first = castTo(truncated(date, part, 'DATE'), scalar('DATETIME'))
  return { type: scalar('DATE'), sql: checkedDate(`(${first} + INTERVAL '${step}' - INTERVAL '1 DAY')`), at: call.at }
}

const coerceDate = (value: Expr) => castTo(value.sql, scalar('DATE'))

/** CURRENT_DATE and its siblings: the time that the statement was given, whatever DuckDB's clock says. */
const current =
  (kind: Kind): SpecialForm =>
  (call, context) => {
    arity(call, 0, kind === 'TIMESTAMP' ? 0 : 1)
    const zone = call.args[0] ? argument(analyze(call.args[0], context), STRING, 'Time zone').constant : 'UTC'
    if (zone === undefined) throw unsupported('a computed time zone of the current time', call.at)
    const now = BigInt(Math.round(context.statement.options.now * 1000))
    const type = scalar(kind)
    if (kind === 'TIMESTAMP') {
      const text = timestampText(now)
      return { type, sql: castTo(`'${text}'`, type), at: call.at, constant: text }
    }
    checkZone(zone)
    const civil = localCivil(now, zone)
    const texts = { DATE: dateText(civil), TIME: timeText(civil), DATETIME: `${dateText(civil)} ${timeText(civil)}` }
    const constant = texts[kind]
    return { type, sql: castTo(`'${constant}'`, type), at: call.at, ...(kind === 'DATE' && { constant }) }
  }

/** GENERATE_DATE_ARRAY and GENERATE_TIMESTAMP_ARRAY, for steps of one length. */
const series =
  (kind: 'DATE' | 'TIMESTAMP'): SpecialForm =>
  (call, context) => {
    arity(call, kind === 'DATE' ? 2 : 3, 3)
    const type = scalar(kind)
    const [start, end] = [call.args[0]!, call.args[1]!].map((node) =>
      argument(analyze(node, context), type, 'Range bound'),
    )
    const step = call.args[2]
    if (step && step.kind !== 'interval') throw queryError('The step must be an INTERVAL', step.at)
    const part = step?.from ?? 'DAY'
    const fixed = kind === 'DATE' ? ['DAY', 'WEEK'] : ['DAY', 'HOUR', 'MINUTE', 'SECOND', 'MILLISECOND', 'MICROSECOND']
    if (!fixed.includes(part) || step?.to) throw unsupported(`${call.name.join('.')} in steps of ${part}`, call.at)
    const amount = step ? argument(analyze(step.value, context), INT64, 'Step') : undefined
    if (amount && (amount.constant === undefined || BigInt(amount.constant) === 0n))
      throw unsupported(`${call.name.join('.')} with a computed step, or none`, call.at)
    const interval = makeInterval(amount?.sql ?? 'CAST(1 AS BIGINT)', part, call.at)
    const bounds = [start!, end!].map((e) => (kind === 'DATE' ? castTo(e.sql, scalar('DATETIME')) : e.sql))
    const list = `generate_series(${bounds.join(', ')}, ${interval})`
    return { type: arrayOf(type), sql: castTo(list, arrayOf(type)), at: call.at }
  }

export const dateForms: readonly (readonly [string, SpecialForm])[] = [
  ...kinds.flatMap((kind): [string, SpecialForm][] => [
    [`${kind}_ADD`, add(kind, '+')],
    [`${kind}_SUB`, add(kind, '-')],
    [`${kind}_DIFF`, diff(kind)],
    [`${kind}_TRUNC`, trunc(kind)],
    [`CURRENT_${kind}`, current(kind)],
  ]),
  ['LAST_DAY', lastDay],
  ['GENERATE_DATE_ARRAY', series('DATE')],
  ['GENERATE_TIMESTAMP_ARRAY', series('TIMESTAMP')],
]
