import { deadLetters, type TableDefinition } from '../../src/catalogue/index.ts'
import type { Row } from '../transforms/to-row.ts'

/** The tables that rows go to, through write streams of type COMMITTED. Whatever fails may be tried again. */
export interface RowStreams {
  /** The name of a new stream to the table. */
  create(table: TableDefinition): Promise<string>
  /** Appends rows as the first of the stream, all or none. `present`: they are there already. */
  append(stream: string, table: TableDefinition, rows: readonly Row[]): Promise<'appended' | 'present' | 'notFound'>
  /**
   * False: the stream is gone for good, for BigQuery drops one that has been idle for four days, and those of a table
   * that was deleted. An append that does not find its stream does not prove that.
   */
  exists(stream: string): Promise<boolean>
  /**
   * How many of these events have a row in the table, of the minute that begins at `minute` (in milliseconds since the
   * Unix epoch): by publish_time in dead_letters, by event_time elsewhere. The same id in another minute is another event.
   */
  count(table: TableDefinition, minute: number, eventIds: readonly string[]): Promise<number>
}

/** The column that says which minute's folder a row of this table comes from. */
export const minuteColumn = (table: TableDefinition): string => (table === deadLetters ? 'publish_time' : 'event_time')
