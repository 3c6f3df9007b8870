import {
  type Civil,
  dateText,
  earliest,
  fromMicros,
  isDate,
  latest,
  shortTimeText,
  timeText,
  toMicros,
} from './civil.ts'
import { define, total } from './function.ts'
import { offsetAt, toInstant } from './zones.ts'

const datePattern = /^(\d{1,4})-(\d{1,2})-(\d{1,2})$/
const timePattern = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{0,6}))?$/
const datetimePattern = /^(\d{1,4}-\d{1,2}-\d{1,2})(?:[ Tt](\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d{0,6})?))?$/
const timestampPattern =
  /^(\d{1,4}-\d{1,2}-\d{1,2})(?:[ Tt](\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d{0,6})?))?(?: ?([Zz])| ?([+-]\d{1,2}(?::\d{2})?)| ([A-Za-z][\w/+-]*))?$/

function civilDate(text: string): Pick<Civil, 'year' | 'month' | 'day'> | undefined {
  const [, year, month, day] = datePattern.exec(text) ?? []
  const parts = { year: Number(year), month: Number(month), day: Number(day) }
  return isDate(parts.year, parts.month, parts.day) ? parts : undefined
}

function civilTime(text: string | undefined): Omit<Civil, 'year' | 'month' | 'day'> | undefined {
  if (text === undefined) return { hour: 0, minute: 0, second: 0, micros: 0 }
  const [, hour, minute, second, fraction = ''] = timePattern.exec(text) ?? []
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  return { hour: Number(hour), minute: Number(minute), second: Number(second), micros: Number(fraction.padEnd(6, '0')) }
}

/** `2024-1-5` as `2024-01-05`. */
export function parseDate(text: string): string {
  const date = civilDate(text)
  if (!date) throw new Error(`Invalid date: '${text}'`)
  return dateText(date)
}

export function parseTime(text: string): string {
  const time = civilTime(text)
  if (!time) throw new Error(`Invalid time string "${text}"`)
  return timeText({ year: 1970, month: 1, day: 1, ...time })
}

export function parseDatetime(text: string): string {
  const [, date, clock] = datetimePattern.exec(text) ?? []
  const day = date === undefined ? undefined : civilDate(date)
  const time = civilTime(clock)
  if (!day || !time) throw new Error(`Invalid datetime string "${text}"`)
  return `${dateText(day)} ${timeText({ ...day, ...time })}`
}

/** Text with or without a zone, as DuckDB reads a TIMESTAMPTZ in UTC. */
export function parseTimestamp(text: string, defaultZone: string): string {
  const [, date, clock, utc, offset, name] = timestampPattern.exec(text) ?? []
  const day = date === undefined ? undefined : civilDate(date)
  const time = civilTime(clock)
  if (!day || !time) throw new Error(`Invalid timestamp: '${text}'`)
  const zone = utc ? 'UTC' : (offset ?? name ?? defaultZone)
  return timestampText(toInstant(toMicros({ ...day, ...time }), zone))
}

/** The instant that `timestampText` shows. */
export function timestampMicros(text: string): bigint | undefined {
  const [, date, clock] = /^(\S+) (\S+)\+00$/.exec(text) ?? []
  const day = date === undefined ? undefined : civilDate(date)
  const time = civilTime(clock)
  return day && time && toMicros({ ...day, ...time })
}

export function timestampText(micros: bigint): string {
  if (micros < earliest || micros > latest) throw new Error('Timestamp out of range')
  const civil = fromMicros(micros)
  return `${dateText(civil)} ${timeText(civil)}+00`
}

/** An instant as CAST to STRING shows it: `2024-01-15 12:00:00.5-08`. */
export function showTimestamp(micros: bigint, zone: string): string {
  const offset = offsetAt(zone, micros)
  const civil = fromMicros(micros + BigInt(offset) * 1_000_000n)
  const minutes = Math.trunc(Math.abs(offset) / 60)
  const rest = minutes % 60 === 0 ? '' : `:${String(minutes % 60).padStart(2, '0')}`
  const shown = `${offset < 0 ? '-' : '+'}${String(Math.floor(minutes / 60)).padStart(2, '0')}${rest}`
  return `${dateText(civil)} ${shortTimeText(civil)}${shown}`
}

export const dateFunctions = [
  define('date', ['STRING'], 'STRING', parseDate),
  define('time', ['STRING'], 'STRING', parseTime),
  define('datetime', ['STRING'], 'STRING', parseDatetime),
  define('timestamp', ['STRING', 'STRING'], 'STRING', parseTimestamp),
  define('timestamp_text', ['INT64', 'STRING'], 'STRING', showTimestamp),
  total('datetime_text', ['INT64'], 'STRING', (micros) => {
    const civil = fromMicros(micros)
    return `${dateText(civil)} ${shortTimeText(civil)}`
  }),
  total('time_text', ['INT64'], 'STRING', (micros) => shortTimeText(fromMicros(micros))),
  define('zone_offset', ['INT64', 'STRING'], 'INT64', (micros, zone) => BigInt(offsetAt(zone, micros))),
  define('to_instant', ['INT64', 'STRING'], 'INT64', (local, zone) => toInstant(local, zone)),
  define('date_of_parts', ['INT64', 'INT64', 'INT64'], 'STRING', (year, month, day) => {
    if (!isDate(Number(year), Number(month), Number(day)))
      throw new Error(`Input calculates to invalid date: ${year}-${month}-${day}`)
    return dateText({ year: Number(year), month: Number(month), day: Number(day) })
  }),
  define('time_of_parts', ['INT64', 'INT64', 'INT64'], 'STRING', (hour, minute, second) => {
    const parts = [hour, minute, second].map(Number)
    const time = civilTime(parts.every((p) => p >= 0 && p < 100) ? parts.join(':') : 'none')
    if (!time) throw new Error(`Input calculates to invalid time: ${hour}:${minute}:${second}`)
    return timeText({ year: 1970, month: 1, day: 1, ...time })
  }),
]
