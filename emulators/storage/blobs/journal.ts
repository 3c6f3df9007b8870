import { closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, readSync, renameSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'

const sync = promisify(fdatasync)
const READ_SIZE = 2 ** 20

/**
 * A file of JSON lines that only grows. A line counts once its newline is written: what a kill cut short is dropped at
 * the next start, and it was never acknowledged.
 */
export class Journal {
  #file: number
  #size = 0
  #appended = 0
  #synced = 0
  #syncing: Promise<void> | undefined

  private constructor(file: number) {
    this.#file = file
  }

  /** Replaces whatever is at `path` by these entries, in one step. */
  static write(path: string, entries: Iterable<object>): Journal {
    const aside = `${path}.new`
    const journal = new Journal(openSync(aside, 'w'))
    for (const entry of entries) journal.append(entry)
    fsyncSync(journal.#file)
    renameSync(aside, path)
    return journal
  }

  append(entry: object): void {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`)
    try {
      for (let at = 0; at < line.length; ) at += writeSync(this.#file, line, at, line.length - at, this.#size + at)
    } catch (thrown) {
      ftruncateSync(this.#file, this.#size) // a disk that is full must not leave half a line before the next
      throw thrown
    }
    this.#size += line.length
    this.#appended++
  }

  /** Resolves when all that is appended so far is on the disk. Callers that wait at one time share one fdatasync. */
  async flushed(): Promise<void> {
    const mine = this.#appended
    while (this.#synced < mine) {
      this.#syncing ??= this.#sync()
      await this.#syncing
    }
  }

  async #sync(): Promise<void> {
    const upTo = this.#appended
    try {
      await sync(this.#file)
      this.#synced = upTo
    } finally {
      this.#syncing = undefined
    }
  }

  async close(): Promise<void> {
    await this.flushed()
    closeSync(this.#file)
  }
}

/** The entries of a journal; none where there is no file. */
export function* readJournal(path: string): Generator<unknown> {
  const file = openSync(path, 'a+')
  try {
    const buffer = Buffer.alloc(READ_SIZE)
    let rest = Buffer.alloc(0)
    for (let at = 0; ; ) {
      const count = readSync(file, buffer, 0, buffer.length, at)
      if (count === 0) return
      at += count
      rest = Buffer.concat([rest, buffer.subarray(0, count)])
      let start = 0
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
        yield parseLine(rest.toString('utf8', start, end), path)
        start = end + 1
      }
      rest = rest.subarray(start)
    }
  } finally {
    closeSync(file)
  }
}

function parseLine(line: string, path: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new Error(`The journal ${path} is damaged, at the line: ${line.slice(0, 200)}`, { cause })
  }
}
