import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'

/** Lines are handed to a stream in pieces of about so many characters. */
const PIECE = 64 * 1024

/**
 * The lines of an NDJSON file, which is decompressed if its name ends in `.gz`; a last line without a line break counts.
 * `onBytes` sees what is read, uncompressed. No more than a piece of the file is in memory.
 */
export async function* readLines(file: string, onBytes: (bytes: Buffer) => void = () => {}): AsyncGenerator<string> {
  let rest = Buffer.alloc(0)
  for await (const bytes of open(file)) {
    onBytes(bytes)
    const end = bytes.lastIndexOf(0x0a)
    if (end < 0) {
      rest = Buffer.concat([rest, bytes])
      continue
    }
    const whole = Buffer.concat([rest, bytes.subarray(0, end)]).toString()
    rest = Buffer.from(bytes.subarray(end + 1))
    for (const line of whole.split('\n')) if (line !== '') yield line
  }
  if (rest.length > 0) yield rest.toString()
}

function open(file: string): AsyncIterable<Buffer> {
  const source = createReadStream(file, { highWaterMark: 256 * 1024 })
  if (!file.endsWith('.gz')) return source
  const gunzip = createGunzip()
  pipeline(source, gunzip).catch((error) => gunzip.destroy(error)) // told to whoever reads
  return gunzip
}

export interface LinesWritten {
  readonly lines: number
  /** Of the content, uncompressed. */
  readonly sha256: string
}

/** Writes lines to a new file, compressed if its name ends in `.gz`. They are on the disk when it resolves. */
export async function writeLines(file: string, lines: Iterable<string> | AsyncIterable<string>): Promise<LinesWritten> {
  const hash = createHash('sha256')
  let count = 0
  async function* pieces() {
    let piece = ''
    for await (const line of lines) {
      count++
      piece += `${line}\n`
      if (piece.length < PIECE) continue
      hash.update(piece)
      yield piece
      piece = ''
    }
    hash.update(piece)
    yield piece
  }
  const destination = createWriteStream(file, { flags: 'wx', flush: true })
  const source = Readable.from(pieces())
  await (file.endsWith('.gz') ? pipeline(source, createGzip({ level: 9 }), destination) : pipeline(source, destination))
  return { lines: count, sha256: hash.digest('hex') }
}
