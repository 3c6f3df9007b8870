import { DEAD_LETTER, readFolder } from '../transforms/destination.ts'
import { metaOfLine } from '../transforms/meta.ts'
import { Folder } from './folder.ts'
import type { RawBucket, RawFile } from './raw-bucket.ts'
import { Recent } from './recent.ts'
import type { RowStreams } from './row-streams.ts'
import { Turns } from './turns.ts'

/** The rows of one file are one append, and BigQuery takes no more than 10 MB at once. */
const MOST_BYTES = 4 * 1024 * 1024
const MOST_LINES = 5000

/** About 100 bytes of memory each. */
const KNOWN_EVENTS = 1_000_000
const KNOWN_DEAD_LETTERS = 100_000

/** A durable file, and the messages that it holds the lines of. */
export interface Held {
  readonly file: RawFile
  /** Only if the file was created just now. */
  readonly content?: string
  readonly messageIds: readonly string[]
}

export interface Written {
  readonly held: readonly Held[]
  /** Lines that are new. */
  readonly lines: number
  /** Lines of events that had one already. */
  readonly duplicates: number
  /** What could not be written this time. */
  readonly failed?: { readonly messageIds: readonly string[]; readonly error: unknown }
}

interface Line {
  readonly line: string
  readonly eventId: string
  readonly messageId: string
}

/**
 * The ledger of the pipeline: raw lines, in files that are written whole and never again. An event lands in a folder at
 * most once, whoever writes there at the same time; see docs/decisions/0003-the-raw-file-is-the-ledger.md.
 */
export class RawFiles {
  readonly #bucket: RawBucket
  readonly #streams: Pick<RowStreams, 'create'>
  readonly #turns = new Turns()
  readonly #folders: Recent<Folder>
  readonly #deadLetters = new Recent<RawFile>(KNOWN_DEAD_LETTERS)

  constructor(bucket: RawBucket, streams: Pick<RowStreams, 'create'>, knownEvents = KNOWN_EVENTS) {
    this.#bucket = bucket
    this.#streams = streams
    this.#folders = new Recent(knownEvents)
  }

  /** Makes the lines durable in their folder. Rejects when nothing can be known about the folder. */
  write(path: string, lines: Iterable<string>): Promise<Written> {
    const { type } = readFolder(path)
    const all = Array.from(lines, (line): Line => {
      const { event_id: eventId, message_id: messageId } = metaOfLine(line)
      return { line, eventId, messageId }
    })
    // A dead letter that is repeated may lie in any folder, so all of them share one turn.
    return this.#turns.take(type === DEAD_LETTER ? type : path, () => this.#inTurn(path, all))
  }

  async #inTurn(path: string, lines: readonly Line[]): Promise<Written> {
    const known = this.#folders.get(path)
    const folder = known ?? new Folder(path, this.#bucket)
    if (!known) await folder.catchUp()
    try {
      return await this.#add(folder, lines)
    } finally {
      this.#folders.set(path, folder, folder.size + 1)
    }
  }

  async #add(folder: Folder, lines: readonly Line[]): Promise<Written> {
    const { type, table } = readFolder(folder.path)
    const held = new Map<string, { file: RawFile; content?: string; messageIds: string[] }>()
    const done = (written: number, failed?: Written['failed']): Written => ({
      held: [...held.values()],
      lines: written,
      duplicates: lines.length - written - (failed?.messageIds.length ?? 0),
      ...(failed && { failed }),
    })
    let stream: string | undefined
    let written = 0
    let waiting = lines
    for (;;) {
      waiting = waiting.filter(({ eventId, messageId }) => {
        const file = folder.fileOf(eventId) ?? (type === DEAD_LETTER ? this.#deadLetters.get(eventId) : undefined)
        if (!file) return true
        const entry = held.get(file.name) ?? { file, messageIds: [] }
        held.set(file.name, entry)
        entry.messageIds.push(messageId)
        return false
      })
      if (waiting.length === 0) return done(written)
      try {
        stream ??= await this.#streams.create(table)
        const some = firstFileOf(waiting)
        const file = { name: folder.nextName(), stream }
        const content = some.map(({ line }) => `${line}\n`).join('')
        if ((await this.#bucket.create(file, content)) === 'exists') {
          await folder.catchUp()
          if (folder.nextName() === file.name) throw new Error(`${file.name} exists, but is not listed.`)
          continue
        }
        folder.add(
          file,
          some.map(({ eventId }) => eventId),
        )
        if (type === DEAD_LETTER) for (const { eventId } of some) this.#deadLetters.set(eventId, file)
        held.set(file.name, { file, content, messageIds: [] })
        written += some.length
        stream = undefined
      } catch (error) {
        return done(written, { messageIds: waiting.map(({ messageId }) => messageId), error })
      }
    }
  }
}

/** As many as one file takes, each event once. */
function firstFileOf(lines: readonly Line[]): Line[] {
  const some = new Map<string, Line>()
  let bytes = 0
  for (const line of lines) {
    if (some.has(line.eventId)) continue
    bytes += Buffer.byteLength(line.line) + 1
    if (some.size > 0 && (bytes > MOST_BYTES || some.size === MOST_LINES)) break
    some.set(line.eventId, line)
  }
  return [...some.values()]
}
