import type { TableDefinition } from '../../src/catalogue/index.ts'
import { folderOfFile, readFolder, startOfFolder } from '../transforms/destination.ts'
import { type Row, toRow } from '../transforms/to-row.ts'
import { linesOf } from './folder.ts'
import type { RawBucket, RawFile } from './raw-bucket.ts'
import type { RowStreams } from './row-streams.ts'
import { Turns } from './turns.ts'

/** How often another process may be found to revive the same stream before this one gives up for now. */
const REVIVALS = 5

/** What one call has added to a table. */
export interface Added {
  readonly table: TableDefinition
  readonly rows: readonly Row[]
}

/**
 * Brings the rows of a raw file into their table, exactly once: all of them in one append, at offset 0 of the stream
 * that the file names. Whoever comes second is told that they are there. It is always asked, never remembered: the table
 * may have been deleted since, and made anew.
 */
export class Rows {
  readonly #bucket: RawBucket
  readonly #streams: RowStreams
  readonly #turns = new Turns()

  constructor(bucket: RawBucket, streams: RowStreams) {
    this.#bucket = bucket
    this.#streams = streams
  }

  /** `content` spares reading the file. `now` in microseconds. Rejects when it may be tried again. */
  commit(file: RawFile, now: bigint, content?: string): Promise<Added> {
    return this.#turns.take(file.name, async () => {
      const { table } = readFolder(folderOfFile(file.name))
      const lines = linesOf(content ?? (await this.#bucket.read(file.name)))
      const rows = lines.map((line) => toRow(table, line, now))
      const appended = await this.#append(file, table, rows)
      return { table, rows: appended ? rows : [] }
    })
  }

  /** False: they were there. */
  async #append(file: RawFile, table: TableDefinition, rows: readonly Row[]): Promise<boolean> {
    let { stream } = file
    for (let attempt = 0; attempt < REVIVALS; attempt++) {
      const result = stream === '' ? 'notFound' : await this.#streams.append(stream, table, rows)
      if (result !== 'notFound') return result === 'appended'
      // A stream that was not found for a moment may still take the append of a process that was given up for dead.
      if (stream !== '' && (await this.#streams.exists(stream))) {
        throw new Error(`The append to ${stream} did not find it, though it exists.`)
      }
      const revived = await this.#revive(file.name, stream, table, rows)
      if (revived === undefined) return false
      stream = revived
    }
    throw new Error(`The write stream of ${file.name} is gone, again and again.`)
  }

  /**
   * The stream of a file is gone, so only the table can tell whether it held the rows. If not, the file is given another
   * stream, once: the condition on its metadata lets one process win. Undefined: the rows are there.
   */
  async #revive(name: string, gone: string, table: TableDefinition, rows: readonly Row[]): Promise<string | undefined> {
    const stored = await this.#bucket.find(name)
    if (!stored) throw new Error(`${name} is gone.`)
    if (stored.stream !== gone) return stored.stream
    const eventIds = rows.map(({ event_id }) => event_id as string)
    const present = await this.#streams.count(table, startOfFolder(folderOfFile(name)), eventIds)
    if (present === rows.length) return undefined
    if (present > 0) throw new Error(`${table.table} holds ${present} of the ${rows.length} rows of ${name}.`)
    // The question to the table took its time: whoever was not found for a moment may have been found again.
    if (gone !== '' && (await this.#streams.exists(gone))) throw new Error(`${gone} was not found, and exists again.`)
    const stream = await this.#streams.create(table)
    const result = await this.#bucket.assignStream(stored, stream)
    return result === 'assigned' ? stream : gone
  }
}
