import { deadLetters, type TableDefinition } from '../catalogue/index.ts'

/** As if dead letters were a type of event: the folder that their files lie in. */
export const DEAD_LETTER = '_dead_letter'

const MINUTE_MS = 60_000

/**
 * Which part of the outputs is meant. Times are in milliseconds since the epoch, whole minutes, as raw files are cut: of
 * the event, and of a dead letter when it was published.
 */
export interface Extent {
  /** The first minute; absent: from the beginning. */
  readonly from?: number
  /** The first minute that is no longer meant; absent: without an end. */
  readonly to?: number
  /** Types of events; dead letters, which have none, come along in any case. Absent: all. */
  readonly types?: readonly string[]
}

/** The same, widened to whole minutes. */
export function wholeMinutes({ from, to, ...others }: Extent): Extent {
  return {
    ...others,
    ...(from !== undefined && { from: Math.floor(from / MINUTE_MS) * MINUTE_MS }),
    ...(to !== undefined && { to: Math.ceil(to / MINUTE_MS) * MINUTE_MS }),
  }
}

export const hasType = ({ types }: Extent, type: string): boolean =>
  types === undefined || type === DEAD_LETTER || types.includes(type)

/** `output/order/2024/01/15/10/30/…`: the type, and the minute in milliseconds since the epoch. */
export function placeOf(path: string): { type: string; minute?: number } {
  const [, type = '', ...parts] = path.split('/')
  const [, year, month, day, hour, minute] = /^(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)\/(\d\d)\//.exec(parts.join('/')) ?? []
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00Z`)
  return { type, ...(Number.isFinite(time) && { minute: time }) }
}

/** Whether a raw file may hold what is meant; one whose name tells no minute may. */
export function holdsFile(extent: Extent, path: string): boolean {
  const { type, minute } = placeOf(path)
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = extent
  return hasType(extent, type) && (minute === undefined || (minute >= from && minute < to))
}

/** The column that says when, of a table's rows. */
const timeColumn = ({ table }: TableDefinition) => (table === deadLetters.table ? 'publish_time' : 'event_time')

/**
 * The condition on a table's rows in GoogleSQL; undefined where all are meant. The days are constants, since only those
 * are sure to leave out the other partitions (cloud.google.com/bigquery/docs/querying-partitioned-tables).
 */
export function googleSqlCondition({ from, to }: Extent, definition: TableDefinition): string | undefined {
  const time = timeColumn(definition)
  const day = definition.partitionBy
  const parts = [
    ...(from === undefined ? [] : [`${day} >= DATE '${dayOf(from)}'`, `${time} >= TIMESTAMP '${instant(from)}'`]),
    ...(to === undefined ? [] : [`${day} <= DATE '${dayOf(to - 1)}'`, `${time} < TIMESTAMP '${instant(to)}'`]),
  ]
  return parts.length === 0 ? undefined : parts.join(' AND ')
}

/** The same of a row in JSON, `line`, in DuckDB's SQL. */
export function duckDbCondition({ from, to }: Extent, definition: TableDefinition): string {
  const time = `(line ->> '$.${timeColumn(definition)}')::TIMESTAMPTZ`
  const parts = [
    ...(from === undefined ? [] : [`${time} >= TIMESTAMPTZ '${instant(from)}'`]),
    ...(to === undefined ? [] : [`${time} < TIMESTAMPTZ '${instant(to)}'`]),
  ]
  return parts.join(' AND ') || 'true'
}

const instant = (time: number) => new Date(time).toISOString().replace('.000Z', '+00:00').replace('T', ' ')
const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)

/** Where a listing of a type's files begins and ends: names sort by minute. */
export function offsets({ from, to }: Extent, type: string): { startOffset?: string; endOffset?: string } {
  const at = (time: number) => `output/${type}/${new Date(time).toISOString().slice(0, 16).replaceAll(/[-T:]/g, '/')}`
  return {
    ...(from !== undefined && { startOffset: at(from) }),
    ...(to !== undefined && { endOffset: at(to) }),
  }
}
