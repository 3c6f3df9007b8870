import { type EventDefinition, events, validate } from '../catalogue/index.ts'
import { FixtureError, type RecordedMessage } from './format.ts'
import { editJson } from './json-text.ts'

type Json = Readonly<Record<string, unknown>>

const MINUTE_MS = 60_000

/** Takes a shift back from what the pipeline wrote, so that it can be held against what was expected without one. */
export interface Unshift {
  row(table: string, row: Json): Json
  /** A raw line of an event. */
  line(type: string, line: Json): Json
  /** Of a raw file of events. */
  path(path: string): string
}

/**
 * How far event times are to be moved, in milliseconds: as far as lets the last message of the fixture be published at
 * its recorded time. Whole minutes, so that events which shared a minute still do.
 */
export function shiftFor(start: number, { first, lastOffsetMs, speed }: ShiftOptions): number {
  const lastIsPublished = start + (speed === 0 ? 0 : lastOffsetMs / speed)
  return Math.floor((lastIsPublished - (first + lastOffsetMs)) / MINUTE_MS) * MINUTE_MS
}

export interface ShiftOptions {
  /** When the first message was published, in milliseconds since the epoch. */
  readonly first: number
  readonly lastOffsetMs: number
  readonly speed: number
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Moves the event time of an event; every other byte stays. A message that is no event stays as it is. Throws a
 * FixtureError when the time would leave the years that a table has.
 */
export function shiftMessage(message: RecordedMessage, byMs: number): RecordedMessage {
  const found = eventIn(message)
  if (!found) return message
  const { text, definition } = found
  const data = Buffer.from(
    editJson(text, (path, value) => {
      if (path.length !== 1 || path[0] !== definition.eventTime) return undefined
      const shifted = shiftInstant(JSON.parse(value), byMs)
      if (shifted !== undefined) return JSON.stringify(shifted)
      throw new FixtureError(`${message.messageId} cannot be shifted: ${value} would leave the years 1 to 9999.`)
    }),
  )
  return { ...message, data }
}

function eventIn({ data }: RecordedMessage): { text: string; definition: EventDefinition } | undefined {
  try {
    const text = utf8.decode(data)
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''))
    const definition = events.get(String((value as Json | null)?.event_type))
    return definition && validate(definition, value).ok ? { text, definition } : undefined
  } catch {
    return undefined
  }
}

const PARTS = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/** An RFC 3339 time moved by whole minutes, in the form that it had; undefined when it is none or its year is none. */
export function shiftInstant(text: unknown, byMs: number): string | undefined {
  const [, minute, seconds = '', zone] = PARTS.exec(String(text)) ?? []
  const local = Date.parse(`${minute}:00Z`) + byMs
  const utc = local - offsetOf(zone)
  const inRange = utc >= Date.parse('0001-01-01T00:00:00Z') && utc <= Date.parse('9999-12-31T23:59:59Z')
  if (!inRange || !/^\d{4}-/.test(new Date(local).toISOString())) return undefined
  return `${new Date(local).toISOString().slice(0, 16)}${seconds}${zone}`
}

function offsetOf(zone: string | undefined): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone ?? '') ?? []
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS
}

/** Takes a shift of `byMs` back. What does not look as a shift leaves it stays as it is, to be found. */
export function unshift(byMs: number): Unshift {
  const back = (value: unknown) => shiftInstant(value, -byMs) ?? value
  const definitionOf = (table: string) => events.values().find((definition) => definition.table === table)
  return {
    row(table, row) {
      const definition = definitionOf(table)
      if (!definition) return row
      const { eventTime } = definition
      const event_time = back(row.event_time)
      const isDayOfTime = row.event_date === String(row.event_time).slice(0, 10)
      const event_date = isDayOfTime ? String(event_time).slice(0, 10) : row.event_date
      return { ...row, event_time, event_date, [eventTime]: back(row[eventTime]) }
    },
    line(type, line) {
      const { eventTime } = events.get(type)!
      return { ...line, [eventTime]: back(line[eventTime]) }
    },
    path: (path) =>
      path.replace(
        /\/(\d{4}\/\d\d\/\d\d\/\d\d\/\d\d)\/(\w+?)_(\d{12})(?=\d{3,}\.json$)/,
        (all, folder, type, stamp) => {
          const time = folder.replace(/^(\d+)\/(\d+)\/(\d+)\/(\d+)\/(\d+)$/, '$1-$2-$3T$4:$5Z')
          const moved = shiftInstant(time, -byMs)?.slice(0, 16)
          if (moved === undefined || folder.replaceAll('/', '') !== stamp) return all
          return `/${moved.replaceAll(/[-T:]/g, '/')}/${type}_${moved.replaceAll(/[-T:]/g, '')}`
        },
      ),
  }
}
