import type { Row } from './value.ts'
import { type StorageCode, WriteFault } from './write-fault.ts'

export type StreamType = 'COMMITTED' | 'PENDING' | 'BUFFERED'

/**
 * One stream of CreateWriteStream: which offset comes next, and which rows nobody may see yet. An offset is the index
 * of a row in its stream. It neither writes nor waits: `admit` says whether rows may come, `accept` that they came,
 * and both in one turn (cloud.google.com/bigquery/docs/write-api, exactly-once semantics).
 */
export class WriteStream {
  readonly name: string
  readonly type: StreamType
  readonly creationTime: number
  commitTime?: number
  #end = 0
  #flushed = 0
  #finalized = false
  /** Accepted, but not visible: all of a PENDING stream until its commit, of a BUFFERED one what is not flushed. */
  #held: Row[] = []

  constructor(name: string, type: StreamType, creationTime: number) {
    this.name = name
    this.type = type
    this.creationTime = creationTime
  }

  /** Throws unless rows may be appended at `offset`; without one they go to the end, wherever that is. */
  admit(offset: number | undefined): void {
    if (this.#finalized) throw this.#fault('STREAM_FINALIZED', 'Stream has been finalized and cannot be appended.')
    if (offset === undefined || offset === this.#end) return
    const expectation = `expected offset ${this.#end}, received ${offset}`
    if (offset < this.#end) {
      const storageCode = 'OFFSET_ALREADY_EXISTS'
      const message = `The offset is within stream, ${expectation}`
      throw new WriteFault('ALREADY_EXISTS', message, { storageCode, entity: this.name })
    }
    const storageCode = 'OFFSET_OUT_OF_RANGE'
    throw new WriteFault('OUT_OF_RANGE', `The offset is beyond stream, ${expectation}`, {
      storageCode,
      entity: this.name,
    })
  }

  /** Of rows about to be appended, those that everyone sees at once. */
  visible(rows: readonly Row[]): readonly Row[] {
    return this.type === 'COMMITTED' ? rows : []
  }

  /** The rows are in. Returns the offset of the first. */
  accept(rows: readonly Row[]): number {
    const offset = this.#end
    this.#end += rows.length
    if (this.type !== 'COMMITTED') for (const row of rows) this.#held.push(row)
    return offset
  }

  /** The rows of a BUFFERED stream that become visible when the row at `offset` and all before it are flushed. */
  flushable(offset: number): readonly Row[] {
    if (this.type !== 'BUFFERED') {
      throw this.#fault('INVALID_STREAM_TYPE', `FlushRows is only for BUFFERED streams, not ${this.type}.`)
    }
    if (offset >= this.#end) {
      const message = `Requested flush offset ${offset} is beyond the end of the stream, ${this.#end}.`
      throw new WriteFault('OUT_OF_RANGE', message, { storageCode: 'OFFSET_OUT_OF_RANGE', entity: this.name })
    }
    return this.#held.slice(0, Math.max(0, offset + 1 - this.#flushed))
  }

  /** What flushable gave is visible now. */
  flushed(rows: readonly Row[]): void {
    this.#held = this.#held.slice(rows.length)
    this.#flushed += rows.length
  }

  /** No more rows. Returns how many there are. */
  finalize(): number {
    this.#finalized = true
    return this.#end
  }

  /** Why BatchCommitWriteStreams cannot take this stream, if it cannot. */
  obstacle(): { storageCode: StorageCode; message: string } | undefined {
    if (this.type !== 'PENDING') {
      return { storageCode: 'INVALID_STREAM_TYPE', message: `Stream is ${this.type}, not PENDING.` }
    }
    if (this.commitTime !== undefined) {
      return { storageCode: 'STREAM_ALREADY_COMMITTED', message: 'Stream has already been committed.' }
    }
    if (!this.#finalized) return { storageCode: 'INVALID_STREAM_STATE', message: 'Stream has not been finalized.' }
    return undefined
  }

  /** All rows of a PENDING stream. */
  get pending(): readonly Row[] {
    return this.#held
  }

  committed(time: number): void {
    this.commitTime = time
    this.#held = []
  }

  #fault(storageCode: StorageCode, message: string): WriteFault {
    return new WriteFault('INVALID_ARGUMENT', message, { storageCode, entity: this.name })
  }
}
