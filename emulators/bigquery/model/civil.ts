/** Dates and times as text, in the forms of cloud.google.com/bigquery/docs/reference/standard-sql/data-types. */

const DAY_US = 86_400_000_000n
const DATE = String.raw`(\d{4})-(\d{1,2})-(\d{1,2})`
const TIME = String.raw`(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6})0*)?)?`
const ONLY_DATE = new RegExp(`^${DATE}$`)
const ONLY_TIME = new RegExp(`^${TIME}$`)
const CIVIL = new RegExp(`^${DATE}(?:(?:[Tt]| +)${TIME})?`)
const ZONE = /^ ?(?:([+-])(\d{1,2})(?::?(\d{2}))?|z|utc|gmt)?$/i

/** Days since 1970-01-01, or undefined. */
export function parseDate(text: string): number | undefined {
  const match = ONLY_DATE.exec(text)
  return match ? days(match.slice(1)) : undefined
}

/** Microseconds since midnight, or undefined. */
export function parseTime(text: string): bigint | undefined {
  const match = ONLY_TIME.exec(text)
  return match ? microseconds(match.slice(1)) : undefined
}

/** Microseconds since 1970-01-01T00:00:00 of the same clock, or undefined. */
export function parseDatetime(text: string): bigint | undefined {
  const match = CIVIL.exec(text)
  return match && match[0].length === text.length ? civil(match) : undefined
}

/** Microseconds since the epoch, or undefined. Without a zone it is UTC; zones by name are not known but for UTC. */
export function parseTimestamp(text: string): bigint | undefined {
  const match = CIVIL.exec(text)
  const zone = match && ZONE.exec(text.slice(match[0].length))
  const local = match && civil(match)
  if (!zone || local === undefined || local === null) return undefined
  const [, sign, hours = '0', minutes = '0'] = zone
  const offset = (BigInt(hours) * 60n + BigInt(minutes)) * 60_000_000n
  return sign === '-' ? local + offset : local - offset
}

function civil(match: RegExpExecArray): bigint | undefined {
  const day = days(match.slice(1, 4))
  const time = match[4] === undefined ? 0n : microseconds(match.slice(4))
  return day === undefined || time === undefined ? undefined : BigInt(day) * DAY_US + time
}

function days([year, month, day]: (string | undefined)[]): number | undefined {
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  const real = Number(year) > 0 && date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
  return real ? date.getTime() / 86_400_000 : undefined
}

function microseconds([hour, minute, second = '0', fraction = '']: (string | undefined)[]): bigint | undefined {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second)
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
}

/** `2024-01-15` */
export const renderDate = (day: number): string => iso(day).slice(0, 10)

/** `10:30:00`, `10:30:00.123` */
export function renderTime(micros: bigint): string {
  const [second, fraction] = [micros / 1_000_000n, micros % 1_000_000n]
  const clock = new Date(Number(second) * 1000).toISOString().slice(11, 19)
  return clock + (fraction === 0n ? '' : `.${fraction.toString().padStart(6, '0').replace(/0+$/, '')}`)
}

/** `2024-01-15T10:30:00`, `2024-01-15T10:30:00.123` */
export function renderDatetime(micros: bigint): string {
  const day = floorDivide(micros, DAY_US)
  return `${renderDate(Number(day))}T${renderTime(micros - day * DAY_US)}`
}

const iso = (day: number) => new Date(day * 86_400_000).toISOString()

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  return dividend % divisor < 0n ? quotient - 1n : quotient
}
