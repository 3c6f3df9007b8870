import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deadLetters, tables } from '../catalogue/index.ts'
import {
  collectOutputs,
  type Field,
  openExplorer,
  openOutputs,
  type Reconciliation,
  reconcile,
  tableRows,
  temporaryPlace,
} from '../outputs/index.ts'
import type { OwnStack } from '../stack/index.ts'
import type { Inside } from './inside.ts'

/** In JSON: decimals, and whole numbers beyond 2^53, are text; instants are RFC 3339 in UTC. */
export type Row = Record<string, unknown>

/** A line of a raw file. */
export interface RawLine {
  /** The object's name. */
  readonly path: string
  /** The event as it was received, and `_meta`. */
  readonly line: Row
}

/** What the pipeline has written so far. */
export interface Outputs {
  /**
   * What DuckDB answers to one statement, over the views of `sluice sql`: `bq.orders`, `raw.order`, `published`,
   * `trace('ID')`. Throws a QueryError.
   */
  sql(query: string): Promise<Row[]>
  /** The rows of a table of the catalogue, as it is now in BigQuery. */
  rows(table: string): Promise<Row[]>
  /** The rows of the table of dead letters. */
  deadLetters(): Promise<Row[]>
  /** The lines of the raw files under `output/{type}/`; those of dead letters are of the type `_dead_letter`. */
  rawLines(type: string): Promise<RawLine[]>
  /** Holds all that the topic has taken against all that was written. */
  reconcile(): Promise<Reconciliation>
}

export const outputsOfStack = (inside: Inside): Outputs => ({
  sql: (query) =>
    inCollected(inside, async (folder, place) => {
      await writeFile(join(folder, 'published.ndjson'), inside.published.map((p) => `${JSON.stringify(p)}\n`).join(''))
      await using explorer = await openExplorer({ folder, place })
      const answers: Row[][] = []
      for await (const { columns, rows } of explorer.query(query)) {
        if (answers.length > 0) throw new Error('outputs.sql() takes one statement: call it once for each.')
        const names = columns.map(({ name }) => name)
        answers.push(await Array.fromAsync(rows, (row) => Object.fromEntries(names.map((name, i) => [name, row[i]]))))
      }
      return answers[0] ?? []
    }),
  rows: async (table) => (await readTable(inside.own, table)).rows,
  deadLetters: async () => (await readTable(inside.own, deadLetters.table)).rows,
  rawLines: (type) =>
    inCollected(inside, async (folder) => {
      using outputs = await openOutputs(folder)
      const lines = await outputs.sql(
        'SELECT path, line::VARCHAR AS line FROM raw_lines WHERE event_type = $type ORDER BY path, event_id',
        { type },
      )
      return lines.map(({ path, line }) => ({ path: String(path), line: JSON.parse(String(line)) as Row }))
    }),
  reconcile: () =>
    inCollected(inside, async (folder) => {
      using outputs = await openOutputs(folder)
      return await reconcile(outputs, inside.published)
    }),
})

async function inCollected<Result>(
  { own: { clients, settings } }: Inside,
  use: (folder: string, place: string) => Promise<Result>,
): Promise<Result> {
  await using place = await temporaryPlace()
  const folder = join(place.path, 'outputs')
  await collectOutputs({ clients, settings, folder })
  return await use(folder, place.path)
}

/** A table of the catalogue with the schema that it has in BigQuery. */
export async function readTable(
  { clients, settings }: Pick<OwnStack, 'clients' | 'settings'>,
  name: string,
): Promise<{ readonly fields: readonly Field[]; readonly rows: Row[] }> {
  const definition = tables.find(({ table }) => table === name)
  if (!definition) {
    throw new Error(`There is no table ${name}; the catalogue has ${tables.map(({ table }) => table).join(', ')}.`)
  }
  const table = clients.bigquery.dataset(settings.resources.dataset).table(name)
  const [exists] = await table.exists()
  if (!exists) return { fields: definition.columns, rows: [] }
  return { fields: table.metadata.schema.fields, rows: await Array.fromAsync(tableRows(table)) }
}
