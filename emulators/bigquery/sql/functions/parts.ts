import type { SqlType } from '../../model/schema.ts'
import { bind, castTo, type Expr } from '../analyzer/expr.ts'
import { checkedDate, checkedDatetime } from '../analyzer/ranges.ts'
import { INT64, scalar, typeName } from '../analyzer/types.ts'
import type { Expression } from '../ast.ts'
import { type Position, queryError } from '../errors.ts'
import { localTime } from './zones.ts'

/** A date part as written: `WEEK(MONDAY)` keeps its day as a number from Sunday, 0. */
export interface Part {
  readonly name: string
  readonly startsOn: number
  readonly at: Position
}

const weekdays = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY']

export function partOf(node: Expression | undefined, at: Position): Part {
  if (node?.kind === 'identifier') return { name: node.name.toUpperCase(), startsOn: 0, at: node.at }
  const [day] = node?.kind === 'call' ? node.args : []
  if (node?.kind === 'call' && node.name.join('').toUpperCase() === 'WEEK' && day?.kind === 'identifier') {
    const startsOn = weekdays.indexOf(day.name.toUpperCase())
    if (startsOn >= 0) return { name: 'WEEK', startsOn, at: node.at }
  }
  throw queryError('A valid date part name is required', node?.at ?? at)
}

const dateParts = ['YEAR', 'ISOYEAR', 'QUARTER', 'MONTH', 'WEEK', 'ISOWEEK', 'DAY']
const timeParts = ['HOUR', 'MINUTE', 'SECOND', 'MILLISECOND', 'MICROSECOND']

export function checkPart(part: Part, allowed: readonly string[], what: string): void {
  if (allowed.includes(part.name)) return
  if ([...dateParts, ...timeParts, 'DAYOFWEEK', 'DAYOFYEAR', 'DATE', 'TIME', 'DATETIME'].includes(part.name)) {
    throw queryError(`${what} does not support the ${part.name} date part`, part.at)
  }
  throw queryError(`A valid date part name is required but found ${part.name}`, part.at)
}

/** The parts by which values of a type can be cut and compared. */
export const partsOf: Record<string, readonly string[]> = {
  DATE: dateParts,
  DATETIME: [...dateParts, ...timeParts],
  TIMESTAMP: [...dateParts, ...timeParts],
  TIME: timeParts,
}

const extractable: Record<string, readonly string[]> = {
  DATE: [...dateParts, 'DAYOFWEEK', 'DAYOFYEAR'],
  DATETIME: [...dateParts, ...timeParts, 'DAYOFWEEK', 'DAYOFYEAR', 'DATE', 'TIME'],
  TIMESTAMP: [...dateParts, ...timeParts, 'DAYOFWEEK', 'DAYOFYEAR', 'DATE', 'TIME', 'DATETIME'],
  TIME: timeParts,
  INTERVAL: ['YEAR', 'MONTH', 'DAY', ...timeParts],
}

/** EXTRACT(part FROM value [AT TIME ZONE zone]). */
export function extractPart(node: Expression, value: Expr, zone: Expr | undefined, at: Position): Expr {
  const part = partOf(node, at)
  const allowed = extractable[value.type.kind]
  if (!allowed) throw queryError(`EXTRACT does not support arguments of type ${typeName(value.type)}`, value.at)
  checkPart(part, allowed, `EXTRACT from ${value.type.kind}`)
  if (zone && value.type.kind !== 'TIMESTAMP')
    throw queryError(`EXTRACT from ${value.type.kind} does not support AT TIME ZONE`, at)
  const local = value.type.kind === 'TIMESTAMP' ? localTime(value.sql, zone) : value.sql
  if (['DATE', 'TIME', 'DATETIME'].includes(part.name)) {
    const type = scalar(part.name as 'DATE')
    return { type, sql: castTo(local, type), at }
  }
  return { type: INT64, sql: castTo(partSql(part, local, value.type), INT64), at }
}

function partSql({ name, startsOn }: Part, v: string, type: SqlType): string {
  const part = (duck: string) => `date_part('${duck}', ${v})`
  switch (name) {
    case 'ISOWEEK':
      return part('week')
    case 'DAYOFWEEK':
      return `(${part('dow')} + 1)`
    case 'DAYOFYEAR':
      return part('doy')
    case 'WEEK':
      return bind([v], (d) => `((date_part('doy', ${d}) + 6 - ${weekdayFrom(d, startsOn)}) // 7)`)
    case 'MILLISECOND':
      return type.kind === 'INTERVAL' ? `(${part('millisecond')} % 1000)` : `(${part('millisecond')} % 1000)`
    case 'MICROSECOND':
      return `(${part('microsecond')} % 1000000)`
    default:
      return part(name.toLowerCase())
  }
}

/** How many days a date is past the first day of its week. */
const weekdayFrom = (d: string, startsOn: number): string => `((date_part('dow', ${d}) + ${7 - startsOn}) % 7)`

/** A DATE or DATETIME cut to the beginning of a part. */
export function truncated(sql: string, part: Part, type: 'DATE' | 'DATETIME'): string {
  const as = scalar(type)
  if (part.name !== 'WEEK') {
    const duck = part.name === 'ISOWEEK' ? 'week' : part.name.toLowerCase()
    const cut = castTo(`date_trunc('${duck}', ${sql})`, as)
    return part.name.startsWith('ISO') ? checked(cut, type) : cut
  }
  const cut = bind([sql], (d) =>
    castTo(`date_trunc('day', ${d}) - to_days(CAST(${weekdayFrom(d, part.startsOn)} AS INTEGER))`, as),
  )
  return checked(cut, type)
}

const checked = (sql: string, type: 'DATE' | 'DATETIME') => (type === 'DATE' ? checkedDate(sql) : checkedDatetime(sql))

/** Parts of one length, in microseconds. */
export const micros: Record<string, bigint> = {
  MICROSECOND: 1n,
  MILLISECOND: 1000n,
  SECOND: 1_000_000n,
  MINUTE: 60_000_000n,
  HOUR: 3_600_000_000n,
  DAY: 86_400_000_000n,
}

/** Microseconds from the year 1 to 1970, whole days: added, they make every instant positive, and division floors. */
const era = 62_135_596_800_000_000n

export const flooredTo = (microseconds: string, unit: bigint): string =>
  `((${microseconds} + ${era}) // ${unit} - ${era / unit})`

/** How many beginnings of a part lie between two values of one type; for instants, how many whole parts. */
export function difference(a: string, b: string, part: Part, type: 'DATE' | 'DATETIME' | 'TIMESTAMP' | 'TIME'): string {
  const unit = micros[part.name]
  if (type === 'DATE' && part.name === 'DAY') return castTo(`(${a} - ${b})`, INT64)
  if (type === 'TIMESTAMP') return `((epoch_us(${a}) - epoch_us(${b})) // ${unit})`
  if (type === 'TIME') return `(${timeMicros(a)} // ${unit} - ${timeMicros(b)} // ${unit})`
  if (unit) return `(${flooredTo(`epoch_us(${a})`, unit)} - ${flooredTo(`epoch_us(${b})`, unit)})`
  if (part.name === 'WEEK' || part.name === 'ISOWEEK') {
    const startsOn = part.name === 'ISOWEEK' ? 1 : part.startsOn
    const week = (v: string) =>
      bind([castTo(v, scalar('DATE'))], (d) => `((${d} - DATE '0001-01-01') - ${weekdayFrom(d, startsOn)})`)
    return castTo(`((${week(a)} - ${week(b)}) // 7)`, INT64)
  }
  if (part.name === 'ISOYEAR') return `(date_part('isoyear', ${a}) - date_part('isoyear', ${b}))`
  const months = (v: string) => bind([v], (d) => `(date_part('year', ${d}) * 12 + date_part('month', ${d}) - 1)`)
  const per = { YEAR: 12, QUARTER: 3, MONTH: 1 }[part.name]
  return `(${months(a)} // ${per} - ${months(b)} // ${per})`
}

export const timeMicros = (sql: string): string => `epoch_us(${sql})`
