import { events } from '../catalogue/index.ts'
import { parseExactly } from './exact-json.ts'
import type { Unshift } from './shift.ts'

/** What is known of a run, to tell what follows its time and chance from what the pipeline made of the messages. */
export interface RunFacts {
  /** Columns and fields that follow the time of the run, as fixture.json lists them. */
  readonly volatile: readonly string[]
  /** When messages were published and rows written, in milliseconds since the epoch. */
  readonly from: number
  readonly to: number
  /** The event of each message, by the message id that it had in this run. */
  readonly names: ReadonlyMap<string, string>
  /** Takes back what `--shift-to` has added; absent: nothing was. */
  readonly unshift?: Unshift
}

type Json = Readonly<Record<string, unknown>>

/** One line of a file in `expected/`: it begins with the event id, by which it is found and sorted. */
export interface CanonicalLine {
  /** `tables/orders`, `raw/order`: the file without its ending. */
  readonly file: string
  readonly text: string
}

/** Gives what the pipeline wrote the form in which it is kept and compared: the same in every run. */
export class Canon {
  readonly #facts: RunFacts
  readonly #volatile: ReadonlySet<string>

  constructor(facts: RunFacts) {
    this.#facts = facts
    this.#volatile = new Set(facts.volatile)
  }

  /** A row as collectOutputs() left it. A column without a value is left out: a table has more of them than a row. */
  row(table: string, line: string): CanonicalLine {
    const read = attempt(line)
    if (read === undefined) return unreadable(`tables/${table}`, line)
    const row = this.#facts.unshift?.row(table, read) ?? read
    const settled = this.#settle(row, (name) => this.#volatile.has(name) || this.#volatile.has(`${table}.${name}`))
    return entry(`tables/${table}`, this.#nameOf(row.event_id), withoutNulls(settled))
  }

  /** A raw line, and the path of the file that it stands in. */
  rawLine(path: string, line: string): CanonicalLine {
    const read = attempt(line)
    const type = typeof read?.event_type === 'string' && events.has(read.event_type) ? read.event_type : '_dead_letter'
    const file = `raw/${type}`
    if (read === undefined) return unreadable(path.startsWith('output/') ? `raw/${path.split('/')[1]}` : file, line)
    const { unshift } = this.#facts
    const { _meta, ...received } = type === '_dead_letter' ? read : (unshift?.line(type, read) ?? read)
    const meta = typeof _meta === 'object' && _meta !== null ? (_meta as Json) : {}
    const settled = this.#settle(meta, (name) => this.#volatile.has(`_meta.${name}`))
    return entry(file, this.#nameOf(meta.event_id), {
      path: type === '_dead_letter' ? deadLetterPath(path, meta) : withoutSequence(unshift?.path(path) ?? path),
      line: { ...received, _meta: settled },
    })
  }

  /** Sets marks in place of what follows the time of the run, and events' names in place of message ids. */
  #settle(fields: Json, isVolatile: (name: string) => boolean): Json {
    return Object.fromEntries(
      Object.entries(fields).map(([name, value]) => {
        if (name === 'message_id' || name === 'event_id') return [name, this.#nameOf(value)]
        return [name, isVolatile(name) ? this.#mark(value) : value]
      }),
    )
  }

  #nameOf = (id: unknown): unknown => (typeof id === 'string' ? (this.#facts.names.get(id) ?? id) : id)

  /** A time that is none of the run's stays as it is, to be found. */
  #mark(value: unknown): unknown {
    if (typeof value !== 'string') return value
    const { from, to } = this.#facts
    if (DAY.test(value)) return value >= dayOf(from) && value <= dayOf(to) ? '(day of the run)' : value
    const time = INSTANT.test(value) ? Date.parse(value) : Number.NaN
    return time >= from && time <= to ? '(time of the run)' : value
  }
}

const DAY = /^\d{4}-\d\d-\d\d$/
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)

/** Undefined: the line is no JSON object. */
function attempt(line: string): Json | undefined {
  try {
    const value = parseExactly(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
  } catch {
    return undefined
  }
}

const entry = (file: string, eventId: unknown, { event_id: _, ...fields }: Json): CanonicalLine => ({
  file,
  text: JSON.stringify({ event_id: String(eventId ?? ''), ...fields }),
})

const unreadable = (file: string, line: string) => entry(file, '', { unreadable: line.slice(0, 1_000) })

/** How lines are spread over the files of one minute is chance. */
const withoutSequence = (path: string) => path.replace(/(_\d{12})\d{3,}\.json$/, '$1*.json')

/** Dead letters lie in the minute in which they were published; one that lies elsewhere keeps its path, to be found. */
function deadLetterPath(path: string, { publish_time }: Json): string {
  const minute = String(publish_time).slice(0, 16)
  const folder = `output/_dead_letter/${minute.replaceAll(/[-T:]/g, '/')}/_dead_letter_${minute.replaceAll(/[-T:]/g, '')}`
  return withoutSequence(path) === `${folder}*.json` ? 'output/_dead_letter/(minute of publish_time)' : path
}

/** Also inside records and lists of records. */
function withoutNulls(value: Json): Json
function withoutNulls(value: unknown): unknown
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item))
  const fields = Object.entries(value).filter(([, field]) => field !== null)
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutNulls(field)]))
}
