import { fromMicros, second, toMicros } from './civil.ts'

/** IANA names without a slash; other abbreviations (IST, PST) are no time zones to BigQuery. */
const plain = new Set(
  `UTC GMT UCT Zulu Universal Greenwich EST MST HST CET EET MET WET EST5EDT CST6CDT MST7MDT PST8PDT Cuba Egypt Eire GB
   Hongkong Iceland Iran Israel Jamaica Japan Kwajalein Libya Navajo NZ NZ-CHAT Poland Portugal PRC ROC ROK Singapore
   Turkey W-SU GB-Eire GMT0 GMT+0 GMT-0`.split(/\s+/),
)

const fixed = /^([+-])(\d{1,2})(?::?(\d{2}))?$/

/** Seconds east of UTC for a zone like `+05:30`, or undefined. */
export function fixedOffset(zone: string): number | undefined {
  const match = fixed.exec(zone)
  if (!match) return undefined
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60
  if (seconds > 14 * 3600 || Number(match[3] ?? 0) > 59) return undefined
  return match[1] === '-' ? -seconds : seconds
}

/** Throws BigQuery's error for what is no time zone. */
export function checkZone(zone: string): void {
  if (fixedOffset(zone) === undefined) formatter(zone)
}

/** Formatters are slow to make and never change: one for each zone of the process. */
const formatters = new Map<string, Intl.DateTimeFormat>()

function formatter(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone)
  if (known) return known
  if (!zone.includes('/') && !plain.has(zone)) throw new Error(`Invalid time zone: ${zone}`)
  const made = create(zone)
  formatters.set(zone, made)
  return made
}

function create(zone: string): Intl.DateTimeFormat {
  const parts = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  } as const
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', era: 'short', ...parts })
  } catch (cause) {
    throw new Error(`Invalid time zone: ${zone}`, { cause })
  }
}

/** Seconds east of UTC in a zone at an instant (microseconds since 1970). */
export function offsetAt(zone: string, micros: bigint): number {
  const offset = fixedOffset(zone)
  if (offset !== undefined) return offset
  if (zone === 'UTC') return 0
  const seconds = micros / second - (micros % second < 0n ? 1n : 0n)
  const parts = Object.fromEntries(
    formatter(zone)
      .formatToParts(Number(seconds) * 1000)
      .map((p) => [p.type, p.value]),
  )
  const year = parts.era === 'BC' ? 1 - Number(parts.year) : Number(parts.year)
  const local = toMicros({
    year,
    month: Number(parts.month),
    day: Number(parts.day),
    hour: Number(parts.hour),
    minute: Number(parts.minute),
    second: Number(parts.second),
    micros: 0,
  })
  return Number(local / second - seconds)
}

/** The instant at which clocks of the zone show this; in a gap, as if the clock had not been moved yet. */
export function toInstant(local: bigint, zone: string): bigint {
  const before = offsetAt(zone, local - 86_400n * second)
  const guess = local - BigInt(before) * second
  if (offsetAt(zone, guess) === before) return guess
  const after = local - BigInt(offsetAt(zone, local + 86_400n * second)) * second
  return offsetAt(zone, after) * Number(second) === Number(local - after) ? after : guess
}

export const localCivil = (micros: bigint, zone: string) => fromMicros(micros + BigInt(offsetAt(zone, micros)) * second)
