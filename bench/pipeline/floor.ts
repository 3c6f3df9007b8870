/**
 * The floor: a plain loop in a process of its own that parses, validates, encodes, writes raw lines to files and rows to
 * DuckDB. It knows the catalogue and nothing else of the pipeline, no wire, no ledger, no second process. Prints how many
 * events it does in a second, and what each costs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import protobuf from 'protobufjs'
import { type Column, type EventDefinition, events } from '../../src/catalogue/index.ts'
import type { GeneratedMessage } from '../../src/generator/index.ts'
import { prepared } from './load.ts'

const EVENTS = 100_000
const BUNDLE = 5_000
const CHUNK = 2_048

type Json = Readonly<Record<string, unknown>>

const PROTO = { STRING: 'string', NUMERIC: 'string', INTEGER: 'int64', TIMESTAMP: 'int64', DATE: 'int32' }
const DUCK = { STRING: 'VARCHAR', NUMERIC: 'DECIMAL(38, 9)', INTEGER: 'BIGINT', TIMESTAMP: 'TIMESTAMPTZ', DATE: 'DATE' }

function protoType(name: string, columns: readonly Column[]): protobuf.Type {
  const type = new protobuf.Type(name)
  for (const [i, column] of columns.entries()) {
    const nested = column.type === 'RECORD' ? protoType(`${column.name}_record`, column.fields!) : undefined
    if (nested) type.add(nested)
    const rule = column.mode === 'REPEATED' ? 'repeated' : 'optional'
    const proto = nested?.name ?? PROTO[column.type as keyof typeof PROTO]
    type.add(new protobuf.Field(column.name, i + 1, proto, rule))
  }
  return type
}

/** Times in microseconds, decimals as text. */
const written = (columns: readonly Column[], source: Json): Json =>
  Object.fromEntries(columns.map((column) => [column.name, writtenValue(column, source[column.name])]))

function writtenValue({ type, mode, fields }: Column, value: unknown): unknown {
  if (value === undefined || value === null) return undefined
  if (mode === 'REPEATED') return (value as Json[]).map((item) => written(fields!, item))
  if (type === 'RECORD') return written(fields!, value as Json)
  if (type === 'TIMESTAMP') return Date.parse(value as string) * 1000
  return type === 'NUMERIC' ? String(value) : value
}

function duckType({ type, mode, fields }: Column): string {
  const scalar =
    type === 'RECORD' ? `STRUCT(${fields!.map((f) => `"${f.name}" ${duckType(f)}`).join(', ')})` : DUCK[type]
  return mode === 'REPEATED' ? `${scalar}[]` : scalar
}

function duckValue({ type, mode, fields }: Column, value: unknown): DuckDBValue {
  if (value === undefined || value === null) return null
  if (mode === 'REPEATED') {
    return new DuckDBListValue(
      (value as Json[]).map((item) => duckValue({ type, mode: 'REQUIRED', fields } as Column, item)),
    )
  }
  if (type === 'RECORD') {
    return new DuckDBStructValue(
      Object.fromEntries(fields!.map((field) => [field.name, duckValue(field, (value as Json)[field.name])])),
    )
  }
  if (type === 'NUMERIC') return new DuckDBDecimalValue(BigInt(Math.round(Number(value) * 1e9)), 38, 9)
  if (type === 'TIMESTAMP') return new DuckDBTimestampTZValue(BigInt(value as number))
  if (type === 'DATE') return new DuckDBDateValue(value as number)
  return type === 'INTEGER' ? BigInt(value as number) : (value as string)
}

const definitions = [...events.values()]
const types = new Map(definitions.map(({ type, columns }) => [type, protoType(type, columns)]))
const utf8 = new TextDecoder('utf-8', { fatal: true })

interface Held {
  readonly line: string
  readonly bytes: Uint8Array
  readonly row: Json
}

function one({ data, attributes }: GeneratedMessage): Held & { readonly definition: EventDefinition } {
  const text = utf8.decode(data)
  const json = JSON.parse(text) as Json
  const definition = events.get(json.event_type as string)!
  const event = definition.schema.parse(json) as Json
  const meta = { event_id: attributes.event_id, publish_time: new Date().toISOString(), attributes }
  const time = event[definition.eventTime] as string
  const event_date = Math.floor(Date.parse(time) / 86_400_000)
  const processed_at = meta.publish_time
  const added = { event_id: meta.event_id, event_time: time, event_date, publish_time: processed_at, processed_at }
  const row = written(definition.columns, { ...event, ...added })
  const bytes = types.get(definition.type)!.encode(row).finish()
  return { definition, line: `${text.slice(0, -1)},"_meta":${JSON.stringify(meta)}}\n`, bytes, row }
}

async function insert(connection: DuckDBConnection, { table, columns }: EventDefinition, rows: readonly Json[]) {
  await connection.run('BEGIN')
  const appender = await connection.createAppender(table)
  const duckTypes = columns.map((_, i) => appender.columnType(i))
  for (let start = 0; start < rows.length; start += CHUNK) {
    const part = rows.slice(start, start + CHUNK)
    const chunk = DuckDBDataChunk.create(duckTypes, part.length)
    for (const [i, column] of columns.entries()) {
      chunk.setColumnValues(
        i,
        part.map((row) => duckValue(column, row[column.name])),
      )
    }
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
  await connection.run('COMMIT')
}

async function loop(messages: readonly GeneratedMessage[], connection: DuckDBConnection, folder: string) {
  for (let start = 0; start < messages.length; start += BUNDLE) {
    const groups = Map.groupBy(messages.slice(start, start + BUNDLE).map(one), ({ definition }) => definition)
    for (const [definition, held] of groups) {
      writeFileSync(join(folder, `${definition.type}-${start}.json`), held.map(({ line }) => line).join(''))
      await insert(
        connection,
        definition,
        held.map(({ row }) => row),
      )
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-floor-'))
const connection = await (await DuckDBInstance.create(':memory:')).connect()
for (const { table, columns } of definitions) {
  await connection.run(`CREATE TABLE ${table} (${columns.map((c) => `"${c.name}" ${duckType(c)}`).join(', ')})`)
}
const messages = prepared(EVENTS)
await loop(messages.slice(0, 4 * BUNDLE), connection, folder) // so that it is not measured cold
const before = process.cpuUsage()
const begun = performance.now()
await loop(messages, connection, folder)
const seconds = (performance.now() - begun) / 1_000
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ perSecond: EVENTS / seconds, micros: (user + system) / EVENTS }))
rmSync(folder, { recursive: true })
process.exit()
