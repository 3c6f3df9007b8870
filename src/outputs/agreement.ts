import { type Column, type EventDefinition, events } from '../catalogue/index.ts'
import { microsOf } from './cells.ts'
import type { OutputsDatabase, Row } from './database.ts'

/** An event whose row, raw line and places do not say the same. */
export interface Disagreement {
  readonly event_id: string
  /** The first difference, for a person to read. */
  readonly what: string
}

/**
 * Holds each event's row against its raw line: the table must be that of the type, the folder that of the type and of
 * the minute of the event time, and each column must hold what the raw line has. Of a line without a row, the folder.
 */
export async function disagreements(outputs: OutputsDatabase): Promise<Disagreement[]> {
  const pairs = await outputs.sql(`
    SELECT l.event_id, table_name, path, r.line::VARCHAR AS written, l.line::VARCHAR AS received
    FROM raw_lines l LEFT JOIN (FROM table_rows WHERE table_name <> 'dead_letters') r USING (event_id)
    WHERE l.event_type <> '_dead_letter' AND l.event_id IS NOT NULL`)
  return pairs.flatMap(({ event_id, table_name, path, written, received }) => {
    const line: Row = JSON.parse(String(received))
    const row = written === null ? undefined : { table: String(table_name), row: JSON.parse(String(written)) as Row }
    const what = misplaced(String(path), line) ?? (row && difference(row, line))
    return what === undefined ? [] : [{ event_id: String(event_id), what }]
  })
}

function misplaced(path: string, line: Row): string | undefined {
  const definition = events.get(String(line.event_type))
  if (!definition) return `a ${line.event_type}, which the catalogue does not have, lies in ${path}`
  if (Number.isNaN(Date.parse(String(line[definition.eventTime])))) return `its ${definition.eventTime} is no time`
  const folder = folderOf(definition, line)
  return path.startsWith(folder) ? undefined : `it lies in ${path}, but belongs into ${folder}…`
}

function difference({ table, row }: { table: string; row: Row }, line: Row): string | undefined {
  const definition = events.get(String(line.event_type))!
  if (definition.table !== table) return `a ${line.event_type} stands in the table ${table}`
  return columnsDiffer(definition.columns, row, expectedRow(definition, line), table)
}

/** `output/order/2024/01/15/10/30/order_202401151030`: what a raw file's name begins with. */
function folderOf({ type, eventTime }: EventDefinition, line: Row): string {
  const [, year, month, day, hour, minute] = /^(\d{4})-(..)-(..)T(..):(..)/.exec(utc(line[eventTime])) ?? []
  const stamp = [year, month, day, hour, minute]
  return `output/${type}/${stamp.join('/')}/${type}_${stamp.join('')}`
}

const utc = (time: unknown) => new Date(String(time)).toISOString()

function expectedRow({ eventTime }: EventDefinition, line: Row): Row {
  const { event_id, publish_time } = line._meta as Row
  const event_time = line[eventTime]
  return { ...line, event_id, publish_time, event_time, event_date: utc(event_time).slice(0, 10) }
}

function columnsDiffer(columns: readonly Column[], row: Row, line: Row, path: string): string | undefined {
  for (const column of columns) {
    if (column.name === 'processed_at') continue // the pipeline's own
    const found = valueDiffers(column, row[column.name], line[column.name], `${path}.${column.name}`)
    if (found !== undefined) return found
  }
  return undefined
}

function valueDiffers(column: Column, row: unknown, line: unknown, path: string): string | undefined {
  if (column.mode === 'REPEATED') {
    const [left, right] = [(row ?? []) as unknown[], (line ?? []) as unknown[]]
    if (left.length !== right.length) return `${path} has ${left.length} elements, the raw line has ${right.length}`
    const element = { ...column, mode: 'NULLABLE' } as const
    return left.map((value, i) => valueDiffers(element, value, right[i], `${path}[${i}]`)).find((w) => w !== undefined)
  }
  if (column.type === 'RECORD' && isObject(row) && isObject(line)) {
    return columnsDiffer(column.fields ?? [], row, line, path)
  }
  const same = (row ?? null) === null ? (line ?? null) === null : sameScalar(column.type, row, line)
  return same ? undefined : `${path} is ${JSON.stringify(row)}, the raw line has ${JSON.stringify(line)}`
}

function sameScalar(type: Column['type'], row: unknown, line: unknown): boolean {
  if (type === 'TIMESTAMP') return microsOf(row) === microsOf(line)
  if (type === 'NUMERIC' || type === 'INTEGER') return Number(row) === line
  return row === line
}

const isObject = (value: unknown): value is Row => typeof value === 'object' && value !== null
