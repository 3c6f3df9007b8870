import type { TableDefinition } from '../../src/catalogue/index.ts'
import type { Row } from '../transforms/to-row.ts'

/** The tables that rows go to, through write streams of type COMMITTED. Whatever fails may be tried again. */
export interface RowStreams {
  /** The name of a new stream to the table. */
  create(table: TableDefinition): Promise<string>
  /**
   * Appends rows as the first of the stream, all or none. `present`: they are there already. `gone`: no such stream, for
   * BigQuery drops one that has been idle for four days, and those of a table that was deleted.
   */
  append(stream: string, table: TableDefinition, rows: readonly Row[]): Promise<'appended' | 'present' | 'gone'>
  /** How many of these events have a row in the table, on one day (in days since the Unix epoch). */
  count(table: TableDefinition, day: number, eventIds: readonly string[]): Promise<number>
}
