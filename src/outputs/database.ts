import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { tables } from '../catalogue/index.ts'
import { duckDbCondition, type Extent } from './extent.ts'
import { jsonLines, rawFiles, text } from './raw-files.ts'
import type { Scope } from './scope.ts'

export type Row = Record<string, unknown>

/** DuckDB over a folder of collected outputs. */
export interface OutputsDatabase extends Disposable {
  /** Files among the raw files whose names are none of the pipeline's. */
  readonly strangeFiles: readonly string[]
  /** Rows as JSON values: whole numbers beyond 2^53 and decimals are text. `$name` reads a parameter. */
  sql(query: string, parameters?: Record<string, string>): Promise<Row[]>
}

/** Loads nothing from elsewhere, whatever a query asks for. */
export const OFFLINE = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' } as const

/**
 * Opens what collectOutputs() left in a folder. The views:
 * - `raw_lines(event_type, path, event_id, line)`: every line of every raw file, dead letters (`_dead_letter`) included;
 * - `table_rows(table_name, event_id, line)`: every row of every table, `dead_letters` included;
 * `line` is the JSON text. With a prefix, only events whose ids begin with it are in the views; with an extent, only what
 * lies in it.
 */
export async function openOutputs(
  folder: string,
  { prefix = '' }: Partial<Scope> = {},
  extent: Extent = {},
): Promise<OutputsDatabase> {
  const instance = await DuckDBInstance.create(':memory:', OFFLINE)
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  const { known, strange } = rawFiles(folder, extent)
  await connection.run(rawLines(folder, known, prefix))
  await connection.run(tableRows(folder, prefix, extent))
  return {
    strangeFiles: strange,
    async sql(query, parameters) {
      const reader = await connection.runAndReadAll(query, parameters)
      return reader.getRowObjectsJson() as Row[]
    },
    [Symbol.dispose]: () => close(connection, instance),
  }
}

export function close(connection: DuckDBConnection, instance: DuckDBInstance): void {
  connection.closeSync()
  instance.closeSync()
}

const rawLines = (folder: string, files: readonly string[], prefix: string) => `CREATE VIEW raw_lines AS
  SELECT
    split_part(path, '/', 2) AS event_type,
    path,
    line ->> '$._meta.event_id' AS event_id,
    line
  FROM (
    SELECT substr(filename, length(${text(folder)}) + 2) AS path, line
    FROM (${jsonLines(files.map((file) => join(folder, file)))})
  )
  ${where(prefix)}`

function tableRows(folder: string, prefix: string, extent: Extent): string {
  const sources = tables.map((definition) => {
    const file = join(folder, 'tables', `${definition.table}.ndjson`)
    return `SELECT '${definition.table}' AS table_name, line FROM (${jsonLines(existsSync(file) ? [file] : [])})
      WHERE ${duckDbCondition(extent, definition)}`
  })
  return `CREATE VIEW table_rows AS
    SELECT table_name, line ->> '$.event_id' AS event_id, line FROM (${sources.join(' UNION ALL ')})
    ${where(prefix)}`
}

const where = (prefix: string) => (prefix === '' ? '' : `WHERE starts_with(event_id, ${text(prefix)})`)
