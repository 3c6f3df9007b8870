const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/

/** Microseconds since the Unix epoch. */
export type Micros = bigint

const MICROS_PER_MINUTE = 60_000_000n
const MICROS_PER_DAY = 86_400_000_000n

const IN_MILLIS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/

/** An RFC 3339 text in microseconds, as BigQuery keeps it: further digits are cut off. Undefined when it is not one. */
export function microsOf(text: string): Micros | undefined {
  // As most producers write it, and Pub/Sub too: there are several in each event, and this takes half the time.
  if (IN_MILLIS.test(text)) return inMicros(Date.parse(text))
  const [, seconds, fraction = '', zone] = INSTANT.exec(text) ?? []
  return inMicros(Date.parse(`${seconds}${zone}`), fraction.slice(0, 6).padEnd(6, '0'))
}

const inMicros = (millis: number, more: string = '0'): Micros | undefined =>
  Number.isNaN(millis) ? undefined : BigInt(millis) * 1000n + BigInt(more)

/** `2024-01-15T10:30:00.123456Z` */
export function timestampText(micros: Micros): string {
  const millis = floorDivide(micros, 1000n)
  const rest = String(micros - millis * 1000n).padStart(3, '0')
  return new Date(Number(millis)).toISOString().replace('Z', `${rest}Z`)
}

/** Days since the Unix epoch, in UTC. */
export const dayOf = (micros: Micros): number => Number(floorDivide(micros, MICROS_PER_DAY))

/** `2024-01-15T10:30` in UTC. */
export const minuteOf = (micros: Micros): string =>
  new Date(Number(floorDivide(micros, MICROS_PER_MINUTE)) * 60_000).toISOString().slice(0, 16)

const floorDivide = (value: bigint, by: bigint): bigint => (value < 0n ? (value - by + 1n) / by : value / by)
