import { type Civil, dateText, floorDiv, fromMicros, pad, second, toDays } from './civil.ts'
import { define, total } from './function.ts'
import { offsetAt } from './zones.ts'

export const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
export const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
]

/** A local time with what else a format may show of it. */
interface Moment extends Civil {
  readonly weekday: number
  /** From 1. */
  readonly yearDay: number
  readonly offset: number
  readonly zone: string
  /** Microseconds since 1970, in UTC. */
  readonly instant: bigint
}

function momentOf(local: bigint, offset: number, zone: string): Moment {
  const civil = fromMicros(local)
  const days = toDays(civil.year, civil.month, civil.day)
  return {
    ...civil,
    weekday: (((days + 4) % 7) + 7) % 7,
    yearDay: days - toDays(civil.year, 1, 1) + 1,
    offset,
    zone,
    instant: local - BigInt(offset) * second,
  }
}

/** ISO 8601's week and the year that it belongs to. */
function isoWeek(m: Moment): { year: number; week: number } {
  const days = toDays(m.year, m.month, m.day)
  const thursday = days + 4 - (m.weekday || 7)
  const year = fromMicros(BigInt(thursday) * 86_400n * second).year
  return { year, week: Math.floor((thursday - toDays(year, 1, 1)) / 7) + 1 }
}

const offsetText = (seconds: number, colon: string) => {
  const minutes = Math.floor(Math.abs(seconds) / 60)
  return `${seconds < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}${colon}${pad(minutes % 60, 2)}`
}

const space = (value: number) => String(value).padStart(2, ' ')
const hour12 = (m: Moment) => m.hour % 12 || 12

const elements: Record<string, (m: Moment) => string> = {
  A: (m) => weekdays[m.weekday]!,
  a: (m) => weekdays[m.weekday]!.slice(0, 3),
  B: (m) => months[m.month - 1]!,
  b: (m) => months[m.month - 1]!.slice(0, 3),
  h: (m) => months[m.month - 1]!.slice(0, 3),
  C: (m) => pad(Math.floor(m.year / 100), 2),
  c: (m) => strftime('%a %b %e %H:%M:%S %Y', m),
  D: (m) => strftime('%m/%d/%y', m),
  d: (m) => pad(m.day, 2),
  e: (m) => space(m.day),
  F: dateText,
  G: (m) => String(isoWeek(m).year),
  g: (m) => pad(isoWeek(m).year % 100, 2),
  H: (m) => pad(m.hour, 2),
  I: (m) => pad(hour12(m), 2),
  j: (m) => pad(m.yearDay, 3),
  k: (m) => space(m.hour),
  l: (m) => space(hour12(m)),
  M: (m) => pad(m.minute, 2),
  m: (m) => pad(m.month, 2),
  n: () => '\n',
  P: (m) => (m.hour < 12 ? 'am' : 'pm'),
  p: (m) => (m.hour < 12 ? 'AM' : 'PM'),
  Q: (m) => String(Math.ceil(m.month / 3)),
  R: (m) => strftime('%H:%M', m),
  S: (m) => pad(m.second, 2),
  s: (m) => String(floorDiv(m.instant, second)),
  T: (m) => strftime('%H:%M:%S', m),
  t: () => '\t',
  U: (m) => pad(Math.floor((m.yearDay + 6 - m.weekday) / 7), 2),
  u: (m) => String(m.weekday || 7),
  V: (m) => pad(isoWeek(m).week, 2),
  W: (m) => pad(Math.floor((m.yearDay + 6 - ((m.weekday + 6) % 7)) / 7), 2),
  w: (m) => String(m.weekday),
  X: (m) => strftime('%H:%M:%S', m),
  x: (m) => strftime('%m/%d/%y', m),
  Y: (m) => String(m.year),
  y: (m) => pad(m.year % 100, 2),
  Z: (m) => (m.zone === 'UTC' ? 'UTC' : `UTC${offsetText(m.offset, ':').replace(/^([+-])0?(\d+):00$/, '$1$2')}`),
  z: (m) => offsetText(m.offset, ''),
  '%': () => '%',
}

/** Elements that need a date, and those that need a time: FORMAT_TIME and FORMAT_DATE refuse them. */
const dateOnly = 'AaBbhCcDdeFGgjmQUuVWwxYys'
const timeOnly = 'HIklMPpRSTXcs'

const pattern = /%(E\d*\*?[A-Za-z]|O[A-Za-z]|[^EO]|$)/g

function strftime(format: string, m: Moment): string {
  return format.replaceAll(pattern, (_, element: string) => {
    const fraction = /^E(\d|\*)S$/.exec(element)
    if (fraction) return fractionalSeconds(m, fraction[1]!)
    if (element === 'E4Y') return pad(m.year, 4)
    if (element === 'Ez') return offsetText(m.offset, ':')
    return elements[element]!(m)
  })
}

function fractionalSeconds(m: Moment, digits: string): string {
  const micros = pad(m.micros, 6)
  const shown = digits === '*' ? micros.replace(/0+$/, '') : micros.padEnd(Number(digits), '0').slice(0, Number(digits))
  return `${pad(m.second, 2)}${shown && `.${shown}`}`
}

/** The element of a format that this front end does not know, or that the type does not have; else undefined. */
export function unknownElement(format: string, type: string): string | undefined {
  for (const [whole, element] of format.matchAll(pattern)) {
    const known =
      /^E(\d|\*)S$/.test(element!) || element === 'E4Y' || element === 'Ez' || elements[element!] !== undefined
    if (!known) return whole
    const key = element!.startsWith('E') ? (element === 'E4Y' ? 'Y' : element === 'Ez' ? 'z' : 'S') : element!
    if (type === 'DATE' && (timeOnly.includes(key) || 'zZ'.includes(key))) return whole
    if (type === 'TIME' && (dateOnly.includes(key) || 'zZ'.includes(key))) return whole
    if (type === 'DATETIME' && 'zZs'.includes(key)) return whole
  }
  return undefined
}

export const formatFunctions = [
  total('format_local', ['STRING', 'INT64'], 'STRING', (format, local) => strftime(format, momentOf(local, 0, 'UTC'))),
  define('format_timestamp', ['STRING', 'INT64', 'STRING'], 'STRING', (format, instant, zone) => {
    const offset = offsetAt(zone, instant)
    return strftime(format, momentOf(instant + BigInt(offset) * second, offset, zone))
  }),
]
