import { type DuckDBConnection, DuckDBDataChunk, type DuckDBValue } from '@duckdb/node-api'
import { invalidArgument } from '../../shared/index.ts'
import type { DatasetReference } from '../model/dataset.ts'
import { physicalIdentifiers, physicalName, physicalType, quoted } from '../model/physical.ts'
import { type Column, columnType, type TableReference } from '../model/schema.ts'
import { reshaped } from '../model/schema-evolution.ts'
import type { Select, Writer } from '../model/store.ts'
import type { Row, Value } from '../model/value.ts'
import { sizeSql } from './size.ts'
import { toDuck } from './values.ts'

/** DuckDB's vectors hold so many values: a chunk cannot have more rows. */
const CHUNK_ROWS = 2_048

export function createWriter(connection: DuckDBConnection): Writer {
  const run = async (sql: string) => void (await connection.run(sql))
  return {
    createDataset: (dataset) => run(`CREATE SCHEMA ${schemaOf(dataset)}`),
    dropDataset: (dataset) => run(`DROP SCHEMA ${schemaOf(dataset)} CASCADE`),
    createTable: (table, columns) => run(`CREATE TABLE ${physicalName(table)} (${columns.map(declared).join(', ')})`),
    dropTable: (table) => run(`DROP TABLE ${physicalName(table)}`),

    async reshapeTable(table, before, after) {
      if (reshaped(before, after)) return rewrite(run, table, { before, after })
      for (const column of after.slice(before.length)) {
        const empty = column.mode === 'REPEATED' ? ' DEFAULT []' : ''
        await run(`ALTER TABLE ${physicalName(table)} ADD COLUMN ${declared(column)}${empty}`)
      }
    },

    async append(table, columns, rows) {
      const { schema, table: name } = physicalIdentifiers(table)
      const appender = await connection.createAppender(name, schema)
      try {
        const types = columns.map((_, i) => appender.columnType(i))
        for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
          const part = rows.slice(start, start + CHUNK_ROWS)
          const chunk = DuckDBDataChunk.create(types, part.length)
          for (const [i, column] of columns.entries()) chunk.setColumnValues(i, vector(column, part, i))
          appender.appendDataChunk(chunk)
        }
        appender.flushSync()
      } finally {
        appender.closeSync()
      }
    },

    clear: (table) => run(`DELETE FROM ${physicalName(table)}`),

    async insert(table, columns, { query, into }) {
      const bound = query.values.map(({ type, value }) => toDuck(type, value as Value))
      await connection.run(`CREATE TEMP TABLE incoming AS ${arranged(columns, query, into)}`, bound)
      const [rows, bytes] = await weigh(connection, columns)
      await run(`INSERT INTO ${physicalName(table)} SELECT * FROM incoming`)
      await run('DROP TABLE incoming')
      return { rows, bytes }
    },
  }
}

/** The rows of a query as rows of a table: every column in its place, none of its arrays NULL. */
function arranged(columns: readonly Column[], query: Select, into?: readonly string[]): string {
  const places = into?.map((name) => name.toLowerCase()) ?? columns.map((column) => column.name.toLowerCase())
  const values = columns.map((column) => {
    const place = places.indexOf(column.name.toLowerCase())
    const value = place < 0 || place >= query.columns.length ? 'NULL' : `q${place}`
    const present = column.mode === 'REPEATED' ? `coalesce(${value}, [])` : value
    return `CAST(${present} AS ${physicalType(columnType(column))}) AS ${quoted(column.name)}`
  })
  return `SELECT ${values.join(', ')} FROM (${query.sql}) AS query(${query.columns.map((_, i) => `q${i}`).join(', ')})`
}

/** Rows and logical bytes of what is incoming. */
async function weigh(connection: DuckDBConnection, columns: readonly Column[]): Promise<[number, number]> {
  const bytes = columns.map((column) => `sum(${sizeSql(columnType(column), quoted(column.name))})`).join(' + ')
  const required = columns.filter((column) => column.mode === 'REQUIRED')
  const present = required.map((column) => `count(${quoted(column.name)})`)
  const counted = await connection.runAndReadAll(`SELECT ${['count(*)', bytes, ...present].join(', ')} FROM incoming`)
  const [rows, size, ...counts] = counted.getRows()[0]!.map(Number) as [number, number]
  const missing = required[counts.findIndex((count) => count < rows)]
  if (missing) throw invalidArgument(`Required field ${missing.name} cannot be null`, { reason: 'invalidQuery' })
  return [rows, size]
}

const schemaOf = (dataset: DatasetReference) => quoted(physicalIdentifiers({ ...dataset, tableId: '' }).schema)

const declared = (column: Column) => `${quoted(column.name)} ${physicalType(columnType(column))}`

function vector(column: Column, rows: readonly Row[], index: number): DuckDBValue[] {
  const type = columnType(column)
  return rows.map((row) => toDuck(type, row[index]))
}

/**
 * Makes the table anew: ALTER TABLE cannot add a field to the structs of an array (DuckDB 1.5.6 crashes). A cast to a
 * struct with more fields fills those with NULL.
 */
async function rewrite(
  run: (sql: string) => Promise<void>,
  table: TableReference,
  { before, after }: { before: readonly Column[]; after: readonly Column[] },
): Promise<void> {
  const replacement = { ...table, tableId: `${table.tableId}^new` } // no BigQuery table can have this name
  const cast = after.map((column, i) => {
    const old = i < before.length ? quoted(column.name) : column.mode === 'REPEATED' ? '[]' : 'NULL'
    return `CAST(${old} AS ${physicalType(columnType(column))}) AS ${quoted(column.name)}`
  })
  await run(`CREATE TABLE ${physicalName(replacement)} AS SELECT ${cast.join(', ')} FROM ${physicalName(table)}`)
  await run(`DROP TABLE ${physicalName(table)}`)
  await run(`ALTER TABLE ${physicalName(replacement)} RENAME TO ${quoted(physicalIdentifiers(table).table)}`)
}
