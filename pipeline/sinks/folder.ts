import { fileName, prefixOf, sequenceOf } from '../transforms/destination.ts'
import { metaOfLine } from '../transforms/meta.ts'
import type { RawBucket, RawFile } from './raw-bucket.ts'

/** Files of a folder that are read at once. */
const READS = 8

/**
 * What is known of one folder of raw files. A folder is a log that only grows, file by file, and whoever adds a file has
 * read those before it; so an event that none of them holds is in none.
 */
export class Folder {
  readonly path: string
  readonly #bucket: RawBucket
  #files = new Map<string, RawFile>()
  #last = 0

  constructor(path: string, bucket: RawBucket) {
    this.path = path
    this.#bucket = bucket
  }

  /** The number of events. */
  get size(): number {
    return this.#files.size
  }

  fileOf(eventId: string): RawFile | undefined {
    return this.#files.get(eventId)
  }

  nextName(): string {
    return fileName(this.path, this.#last + 1)
  }

  /** Takes in the file of nextName(). */
  add(file: RawFile, eventIds: Iterable<string>): void {
    this.#last++
    for (const id of eventIds) this.#files.set(id, file)
  }

  /** Reads what others have added. */
  async catchUp(): Promise<void> {
    const listed = await this.#bucket.list(prefixOf(this.path))
    const unread = listed
      .map((file) => ({ file, sequence: sequenceOf(this.path, file.name) ?? 0 }))
      .filter(({ sequence }) => sequence > this.#last)
      .sort((a, b) => a.sequence - b.sequence)
    for (let at = 0; at < unread.length; at += READS) {
      const some = unread.slice(at, at + READS)
      const contents = await Promise.all(some.map(({ file }) => this.#bucket.read(file.name)))
      for (const [i, { file, sequence }] of some.entries()) {
        for (const line of linesOf(contents[i]!)) this.#files.set(metaOfLine(line).event_id, file)
        this.#last = sequence
      }
    }
  }
}

export const linesOf = (content: string): string[] => content.split('\n').filter((line) => line !== '')
