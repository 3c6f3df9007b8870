import type { Clock } from '../../../clock/index.ts'
import { invalidArgument } from '../../shared/index.ts'
import type { TableReference } from './schema.ts'
import type { Table } from './table.ts'
import type { Tables } from './tables.ts'
import type { Row } from './value.ts'
import { type StorageCode, WriteFault } from './write-fault.ts'
import { type StreamType, WriteStream } from './write-stream.ts'

export interface CommitFault {
  readonly storageCode: StorageCode
  readonly entity: string
  readonly message: string
}

/** Where an append goes: a stream, or for want of one the table itself, which is its `_default` stream. */
export interface Destination {
  readonly name: string
  readonly table: Table
  /** Absent for `_default`. */
  readonly stream?: WriteStream
}

/** The write streams of all tables. They go with their table. */
export class WriteStreams {
  readonly #streams = new WeakMap<Table, Map<string, WriteStream>>()
  readonly #tables: Tables
  readonly #clock: Clock
  #count = 0

  constructor(tables: Tables, clock: Clock) {
    this.#tables = tables
    this.#clock = clock
  }

  create(parent: string, type: StreamType): Destination & { readonly stream: WriteStream } {
    const table = this.#table(parent)
    this.#count++
    const name = `${parent}/streams/stream-${String(this.#count).padStart(8, '0')}`
    const stream = new WriteStream(name, type, this.#clock.now())
    const streams = this.#streams.get(table) ?? new Map()
    this.#streams.set(table, streams.set(name, stream))
    return { name, table, stream }
  }

  /** `projects/…/datasets/…/tables/…/streams/…`. Throws NOT_FOUND of the table or of the stream. */
  get(name: string): Destination {
    const [parent, id] = name.split('/streams/') as [string, string?]
    const table = this.#table(parent, name)
    if (id === '_default') return { name, table }
    const stream = this.#streams.get(table)?.get(name)
    if (stream) return { name, table, stream }
    throw new WriteFault('NOT_FOUND', 'Requested entity was not found.', {
      storageCode: 'STREAM_NOT_FOUND',
      entity: name,
    })
  }

  /** A stream of CreateWriteStream: `_default` will not do. */
  made(name: string): Destination & { readonly stream: WriteStream } {
    const { stream, ...rest } = this.get(name)
    if (stream) return { ...rest, stream }
    throw new WriteFault('INVALID_ARGUMENT', 'The _default stream does not take this request.', {
      storageCode: 'INVALID_STREAM_TYPE',
      entity: name,
    })
  }

  /** All rows or none, and no row twice: the offset is checked in the table's turn. Returns it, but for `_default`. */
  append(
    { table, stream }: Destination,
    rows: readonly Row[],
    offset: number | undefined,
  ): Promise<number | undefined> {
    if (!stream && offset !== undefined) throw invalidArgument('The _default stream takes no offset.')
    return this.#tables.append(table, () => {
      stream?.admit(offset)
      return { rows: stream ? stream.visible(rows) : rows, written: () => stream?.accept(rows) }
    })
  }

  /** Makes a BUFFERED stream's rows visible, up to the one at `offset`. */
  flush({ table, stream }: Destination & { readonly stream: WriteStream }, offset: number): Promise<void> {
    return this.#tables.append(table, () => {
      const rows = stream.flushable(offset)
      return { rows, written: () => stream.flushed(rows) }
    })
  }

  /** In the table's turn, after the appends under way. Returns the number of rows. */
  finalize({ table, stream }: Destination & { readonly stream: WriteStream }): Promise<number> {
    return this.#tables.append(table, () => ({ rows: [], written: () => stream.finalize() }))
  }

  /** Makes the rows of PENDING streams of one table visible together, or says what stands against it. */
  async commit(
    parent: string,
    names: readonly string[],
  ): Promise<{ time: number } | { faults: readonly CommitFault[] }> {
    const table = this.#table(parent)
    const stray = names.find((name) => !name.startsWith(`${parent}/streams/`))
    if (stray) throw invalidArgument(`Stream ${stray} does not belong to ${parent}.`)
    const streams = [...new Set(names)].map((name) => this.made(name).stream)
    const faults = streams.flatMap((stream) => {
      const obstacle = stream.obstacle()
      return obstacle ? [{ ...obstacle, entity: stream.name }] : []
    })
    if (faults.length > 0) return { faults }
    return this.#tables.append(table, () => ({
      rows: streams.flatMap((stream) => stream.pending),
      written: () => {
        const time = this.#clock.now()
        for (const stream of streams) stream.committed(time)
        return { time }
      },
    }))
  }

  #table(parent: string, entity = parent): Table {
    const table = this.#tables.find(parse(parent))
    if (table) return table
    throw new WriteFault('NOT_FOUND', 'Requested entity was not found.', { storageCode: 'TABLE_NOT_FOUND', entity })
  }
}

function parse(parent: string): TableReference {
  const match = /^projects\/([^/]+)\/datasets\/([^/]+)\/tables\/([^/]+)$/.exec(parent)
  if (!match) throw invalidArgument(`Invalid resource name: ${parent}`)
  const [, projectId, datasetId, tableId] = match as unknown as [string, string, string, string]
  return { projectId, datasetId, tableId }
}
