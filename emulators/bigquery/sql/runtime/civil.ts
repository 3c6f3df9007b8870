/** Calendar arithmetic of the proleptic Gregorian calendar, on microseconds since 1970-01-01. */

export const second = 1_000_000n
const day = 86_400n * second

export interface Civil {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly micros: number
}

/** Days since 1970-01-01 (Howard Hinnant's days_from_civil). */
export function toDays(year: number, month: number, dayOfMonth: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + dayOfMonth - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

export function fromDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  }
}

export function toMicros(c: Civil): bigint {
  const days = BigInt(toDays(c.year, c.month, c.day))
  const seconds = BigInt(c.hour * 3600 + c.minute * 60 + c.second)
  return days * day + seconds * second + BigInt(c.micros)
}

export function fromMicros(micros: bigint): Civil {
  const days = floorDiv(micros, day)
  const rest = micros - days * day
  const seconds = Number(rest / second)
  return {
    ...fromDays(Number(days)),
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    micros: Number(rest % second),
  }
}

export const floorDiv = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b

export const isDate = (year: number, month: number, dayOfMonth: number): boolean => {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || dayOfMonth < 1) return false
  const next = month === 12 ? toDays(year + 1, 1, 1) : toDays(year, month + 1, 1)
  return dayOfMonth <= next - toDays(year, month, 1)
}

/** GoogleSQL's years: 1 to 9999. */
export const earliest = toMicros({ year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0, micros: 0 })
export const latest = toMicros({ year: 10_000, month: 1, day: 1, hour: 0, minute: 0, second: 0, micros: 0 }) - 1n

export const pad = (value: number | bigint, width: number): string => String(value).padStart(width, '0')
export const dateText = (c: Pick<Civil, 'year' | 'month' | 'day'>): string =>
  `${pad(c.year, 4)}-${pad(c.month, 2)}-${pad(c.day, 2)}`
export const timeText = (c: Civil): string =>
  `${pad(c.hour, 2)}:${pad(c.minute, 2)}:${pad(c.second, 2)}${c.micros ? `.${pad(c.micros, 6)}` : ''}`

/** As CAST to STRING shows it: a fraction of three or six digits. */
export const shortTimeText = (c: Civil): string => timeText(c).replace(/(\.\d{3})000$/, '$1')
