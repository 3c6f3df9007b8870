import { existsSync, globSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { tables } from '../catalogue/index.ts'
import type { Scope } from './scope.ts'

export type Row = Record<string, unknown>

/** DuckDB over a folder of collected outputs. */
export interface OutputsDatabase extends Disposable {
  /** Files among the raw files whose names are none of the pipeline's. */
  readonly strangeFiles: readonly string[]
  /** Rows as JSON values: whole numbers beyond 2^53 and decimals are text. `$name` reads a parameter. */
  sql(query: string, parameters?: Record<string, string>): Promise<Row[]>
}

/**
 * Opens what collectOutputs() left in a folder. The views:
 * - `raw_lines(event_type, path, event_id, line)`: every line of every raw file, dead letters (`_dead_letter`) included;
 * - `table_rows(table_name, event_id, line)`: every row of every table, `dead_letters` included;
 * `line` is the JSON text. With a prefix, only events whose ids begin with it are in the views.
 */
export async function openOutputs(folder: string, { prefix = '' }: Partial<Scope> = {}): Promise<OutputsDatabase> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  const { known, strange } = rawFiles(folder)
  await connection.run(rawLines(folder, known, prefix))
  await connection.run(tableRows(folder, prefix))
  return {
    strangeFiles: strange,
    async sql(query, parameters) {
      const reader = await connection.runAndReadAll(query, parameters)
      return reader.getRowObjectsJson() as Row[]
    },
    [Symbol.dispose]: () => close(connection, instance),
  }
}

function close(connection: DuckDBConnection, instance: DuckDBInstance): void {
  connection.closeSync()
  instance.closeSync()
}

/** Objects that no pipeline of ours would write: it names every file so. */
const RAW_FILE = /^output\/([^/]+)\/\d{4}(\/\d\d){4}\/\1_\d{12}\d{3,}\.json$/

function rawFiles(folder: string): { known: string[]; strange: string[] } {
  const files = globSync('output/**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  const { known = [], strange = [] } = Object.groupBy(files, (file) => (RAW_FILE.test(file) ? 'known' : 'strange'))
  return { known, strange }
}

const rawLines = (folder: string, files: readonly string[], prefix: string) => `CREATE VIEW raw_lines AS
  SELECT
    split_part(path, '/', 2) AS event_type,
    path,
    line ->> '$._meta.event_id' AS event_id,
    line
  FROM (
    SELECT substr(filename, length(${text(folder)}) + 2) AS path, line
    FROM (${lines(files.map((file) => join(folder, file)))})
  )
  ${where(prefix)}`

function tableRows(folder: string, prefix: string): string {
  const sources = tables.map(({ table }) => {
    const file = join(folder, 'tables', `${table}.ndjson`)
    return `SELECT '${table}' AS table_name, line FROM (${lines(existsSync(file) ? [file] : [])})`
  })
  return `CREATE VIEW table_rows AS
    SELECT table_name, line ->> '$.event_id' AS event_id, line FROM (${sources.join(' UNION ALL ')})
    ${where(prefix)}`
}

const where = (prefix: string) => (prefix === '' ? '' : `WHERE starts_with(event_id, ${text(prefix)})`)

/** One row for each line; a line that is not JSON fails the query rather than vanish. */
function lines(files: readonly string[]): string {
  if (files.length === 0) return "SELECT ''::VARCHAR AS filename, NULL::JSON AS line WHERE false"
  // DuckDB takes each name for a pattern.
  const names = files.map((file) => text(file.replace(/[[*?]/g, '[$&]')))
  return `SELECT filename, json AS line
    FROM read_ndjson_objects([${names.join(', ')}], filename = true, maximum_object_size = 134217728)`
}

const text = (value: string) => `'${value.replaceAll("'", "''")}'`
