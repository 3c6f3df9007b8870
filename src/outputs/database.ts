import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { tables } from '../catalogue/index.ts'

export type Row = Record<string, unknown>

/** DuckDB over a folder of collected outputs. */
export interface OutputsDatabase extends Disposable {
  /** Rows as JSON values: whole numbers beyond 2^53 and decimals are text. `$name` reads a parameter. */
  sql(query: string, parameters?: Record<string, string>): Promise<Row[]>
}

/**
 * Opens what collectOutputs() left in a folder. The views:
 * - `raw_lines(event_type, path, event_id, line)`: every line of every raw file, dead letters (`_dead_letter`) included;
 * - `table_rows(table_name, event_id, line)`: every row of every table, `dead_letters` included;
 * `line` is the JSON text.
 */
export async function openOutputs(folder: string): Promise<OutputsDatabase> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  await connection.run(rawLines(folder))
  await connection.run(tableRows(folder))
  return {
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

function rawLines(folder: string): string {
  const output = join(folder, 'output')
  const source = globSync(join(output, '**/*.json')).length > 0 ? lines(join(output, '**/*.json')) : NOTHING
  return `CREATE VIEW raw_lines AS
    SELECT
      split_part(path, '/', 2) AS event_type,
      path,
      line ->> '$._meta.event_id' AS event_id,
      line
    FROM (SELECT substr(filename, ${folder.length + 2}) AS path, line FROM (${source}))`
}

function tableRows(folder: string): string {
  const sources = tables.map(({ table }) => {
    const file = join(folder, 'tables', `${table}.ndjson`)
    return `SELECT '${table}' AS table_name, line FROM (${existsSync(file) ? lines(file) : NOTHING})`
  })
  return `CREATE VIEW table_rows AS
    SELECT table_name, line ->> '$.event_id' AS event_id, line FROM (${sources.join(' UNION ALL ')})`
}

const NOTHING = "SELECT ''::VARCHAR AS filename, NULL::JSON AS line WHERE false"

/** One row for each line; a line that is not JSON fails the query rather than vanish. */
const lines = (glob: string) =>
  `SELECT filename, json AS line FROM read_ndjson_objects('${glob.replaceAll("'", "''")}', filename = true, maximum_object_size = 134217728)`
