import { type Column, deadLetters, type TableDefinition } from '../../src/catalogue/index.ts'
import { decimalText } from './decimal.ts'
import { dayOf, type Micros, microsOf } from './instant.ts'
import type { Meta } from './meta.ts'
import type { DeadLetter } from './to-dead-letter.ts'

/**
 * A row by column: STRING and NUMERIC as text, INTEGER as number, TIMESTAMP in microseconds, DATE in days since the Unix
 * epoch, RECORD as a row, REPEATED as an array. A column without a value is left out.
 */
export interface Row {
  readonly [column: string]: Cell | readonly Cell[]
}
export type Cell = string | number | bigint | Row

type Json = Readonly<Record<string, unknown>>

/** BigQuery takes no append of more than 10 MB, so a row of dead_letters does not hold all of a large message. */
const MOST_DATA_BYTES = 8 * 1024 * 1024

/** The row of a raw line: a function of the line alone, but for `processedAt`. Throws if the line is not of this table. */
export function toRow(table: TableDefinition, line: string, processedAt: Micros): Row {
  const { _meta, ...body } = JSON.parse(line) as Json & { readonly _meta: Meta }
  const source = table === deadLetters ? deadLetter(body, _meta) : event(table, body, _meta)
  return record(table.columns, { ...source, processed_at: processedAt }, table.table)
}

function event(table: TableDefinition, body: Json, meta: Meta): Json {
  const eventTime = microsOf(String(body[(table as { eventTime?: string }).eventTime ?? '']))
  return { ...body, ...common(meta, eventTime), event_time: eventTime }
}

function deadLetter(body: Json, meta: Meta): Json {
  const { data, attributes, ...letter } = body as unknown as DeadLetter
  return {
    ...letter,
    ...common(meta, microsOf(meta.publish_time)),
    data: cut(data),
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
  }
}

const common = (meta: Meta, time: Micros | undefined): Json => ({
  event_id: meta.event_id,
  publish_time: meta.publish_time,
  event_date: time === undefined ? undefined : dayOf(time),
})

function record(columns: readonly Column[], source: Json, path: string): Row {
  const row: Record<string, Cell | readonly Cell[]> = {}
  for (const column of columns) {
    const value = Object.hasOwn(source, column.name) ? source[column.name] : undefined
    if (column.mode === 'REPEATED') {
      if (!Array.isArray(value)) throw new Error(`${path}.${column.name} is not a list.`)
      row[column.name] = value.map((item) => cell(column, item, path))
    } else if (value !== undefined && value !== null) {
      row[column.name] = cell(column, value, path)
    } else if (column.mode === 'REQUIRED') {
      throw new Error(`${path}.${column.name} has no value.`)
    }
  }
  return row
}

function cell(column: Column, value: unknown, path: string): Cell {
  switch (column.type) {
    case 'STRING':
      if (typeof value === 'string') return value
      break
    case 'INTEGER':
    case 'DATE':
      if (typeof value === 'number') return value
      break
    case 'NUMERIC':
      if (typeof value === 'number') return decimalText(value)
      break
    case 'TIMESTAMP': {
      const micros = typeof value === 'string' ? microsOf(value) : value
      if (typeof micros === 'bigint') return micros
      break
    }
    case 'RECORD':
      if (typeof value === 'object' && value !== null)
        return record(column.fields ?? [], value as Json, `${path}.${column.name}`)
  }
  throw new Error(`${path}.${column.name} is not of type ${column.type}.`)
}

/** Cuts between characters; base64 stays readable since 8 MiB is a multiple of 4. */
function cut(data: string): string {
  if (data.length * 3 <= MOST_DATA_BYTES || Buffer.byteLength(data) <= MOST_DATA_BYTES) return data
  const bytes = Buffer.from(data)
  let end = MOST_DATA_BYTES
  while ((bytes[end]! & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}
