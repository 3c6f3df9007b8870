import { dateText, isDate, timeText, toMicros } from './civil.ts'
import { timestampText } from './dates.ts'
import { define } from './function.ts'
import { months, weekdays } from './strftime.ts'
import { fixedOffset, toInstant } from './zones.ts'

interface Parsed {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  micros: number
  afternoon?: boolean
  hour12?: number
  /** Seconds east of UTC, when the text says so. */
  offset?: number
  /** Microseconds since 1970, when the text says so. */
  instant?: bigint
}

interface Element {
  readonly pattern: string
  readonly apply: (parsed: Parsed, text: string) => void
}

const number = (digits: number, key: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'): Element => ({
  pattern: `\\s*(\\d{1,${digits}})`,
  apply: (parsed, text) => {
    parsed[key] = Number(text)
  },
})

const oneOf = (words: readonly string[], apply: Element['apply']): Element => ({
  pattern: `(${words.flatMap((w) => [w, w.slice(0, 3)]).join('|')})`,
  apply,
})

const indexOf = (words: readonly string[], text: string) =>
  words.findIndex((w) => w.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase())

const monthName = oneOf(months, (parsed, text) => {
  parsed.month = indexOf(months, text) + 1
})

const elements: Record<string, Element> = {
  Y: number(4, 'year'),
  E4Y: { ...number(4, 'year'), pattern: '(\\d{4})' },
  y: {
    pattern: '(\\d{1,2})',
    apply: (parsed, text) => {
      parsed.year = Number(text) + (Number(text) < 69 ? 2000 : 1900)
    },
  },
  m: number(2, 'month'),
  d: number(2, 'day'),
  e: number(2, 'day'),
  H: number(2, 'hour'),
  k: number(2, 'hour'),
  M: number(2, 'minute'),
  S: number(2, 'second'),
  I: hour12(),
  l: hour12(),
  p: { pattern: '(AM|PM)', apply: meridiem },
  P: { pattern: '(AM|PM)', apply: meridiem },
  B: monthName,
  b: monthName,
  h: monthName,
  A: oneOf(weekdays, () => undefined),
  a: oneOf(weekdays, () => undefined),
  z: { pattern: '(Z|[+-]\\d{2}:?\\d{2}|[+-]\\d{2})', apply: zone },
  Ez: { pattern: '(Z|[+-]\\d{2}:?\\d{2}|[+-]\\d{2})', apply: zone },
  s: {
    pattern: '\\s*(-?\\d{1,12})',
    apply: (parsed, text) => {
      parsed.instant = BigInt(text) * 1_000_000n
    },
  },
}

function hour12(): Element {
  return {
    pattern: '\\s*(\\d{1,2})',
    apply: (parsed, text) => {
      parsed.hour12 = Number(text)
    },
  }
}

function meridiem(parsed: Parsed, text: string): void {
  parsed.afternoon = text.toUpperCase() === 'PM'
}

function zone(parsed: Parsed, text: string): void {
  parsed.offset = text.toUpperCase() === 'Z' ? 0 : fixedOffset(text.length === 3 ? `${text}:00` : text)!
}

const fraction: Element = {
  pattern: '\\s*(\\d{1,2}(?:\\.\\d{1,6})?)',
  apply: (parsed, text) => {
    const [whole, rest = ''] = text.split('.')
    parsed.second = Number(whole)
    parsed.micros = Number(rest.padEnd(6, '0'))
  },
}

const composite: Record<string, string> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
}
const expand = (format: string) => format.replaceAll(/%([FTRDxX])/g, (_, e: string) => composite[e]!)

const piece = /%(E\d*\*?[A-Za-z]|[\s\S])|(\s+)|([\s\S])/g

interface Reader {
  readonly pattern: RegExp
  readonly elements: readonly Element[]
}

const partsOf: Record<string, readonly string[]> = {
  DATE: ['Y', 'E4Y', 'y', 'm', 'd', 'e', 'B', 'b', 'h', 'A', 'a'],
  TIME: ['H', 'k', 'M', 'S', 'I', 'l', 'p', 'P'],
}

/** What keeps this front end from parsing by a format, or undefined. */
export function unparsable(format: string, type: string): string | undefined {
  for (const [whole, element] of expand(format).matchAll(piece)) {
    if (!element || 'nt%'.includes(element)) continue
    const key = /^E(\d|\*)S$/.test(element) ? 'S' : element
    if (!elements[key]) return whole
    const own = partsOf[type]
    if (own && !own.includes(key)) return whole
    if (type === 'DATETIME' && ['z', 'Ez', 's'].includes(key)) return whole
  }
  return undefined
}

const readers = new Map<string, Reader>()

function readerOf(format: string): Reader {
  const known = readers.get(format)
  if (known) return known
  const used: Element[] = []
  const patterns = [...expand(format).matchAll(piece)].map(([, element, blank, other]) => {
    if (blank || element === 'n' || element === 't') return '\\s*'
    if (element === '%') return '%'
    if (!element) return other!.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')
    const one = /^E(\d|\*)S$/.test(element) ? fraction : elements[element]!
    used.push(one)
    return one.pattern
  })
  const made = { pattern: new RegExp(`^\\s*${patterns.join('')}\\s*$`, 'i'), elements: used }
  if (readers.size > 500) readers.clear()
  readers.set(format, made)
  return made
}

function parse(format: string, text: string): Parsed {
  const reader = readerOf(format)
  const match = reader.pattern.exec(text)
  if (!match) throw new Error(`Failed to parse input string ${JSON.stringify(text)}`)
  const parsed: Parsed = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, micros: 0 }
  reader.elements.forEach((element, i) => {
    element.apply(parsed, match[i + 1]!)
  })
  if (parsed.hour12 !== undefined) {
    if (parsed.hour12 < 1 || parsed.hour12 > 12) throw new Error(`Failed to parse input string ${JSON.stringify(text)}`)
    parsed.hour = (parsed.hour12 % 12) + (parsed.afternoon ? 12 : 0)
  }
  const valid =
    isDate(parsed.year, parsed.month, parsed.day) && parsed.hour < 24 && parsed.minute < 60 && parsed.second < 60
  if (!valid) throw new Error(`Failed to parse input string ${JSON.stringify(text)}`)
  return parsed
}

export const parseFunctions = [
  define('parse_date', ['STRING', 'STRING'], 'STRING', (format, text) => dateText(parse(format, text))),
  define('parse_time', ['STRING', 'STRING'], 'STRING', (format, text) => timeText(parse(format, text))),
  define('parse_datetime', ['STRING', 'STRING'], 'STRING', (format, text) => {
    const parsed = parse(format, text)
    return `${dateText(parsed)} ${timeText(parsed)}`
  }),
  define('parse_timestamp', ['STRING', 'STRING', 'STRING'], 'STRING', (format, text, defaultZone) => {
    const parsed = parse(format, text)
    if (parsed.instant !== undefined) return timestampText(parsed.instant)
    const local = toMicros(parsed)
    const { offset } = parsed
    return timestampText(offset === undefined ? toInstant(local, defaultZone) : local - BigInt(offset) * 1_000_000n)
  }),
]
