import { Readable } from 'node:stream'
import { type Blob, type Blobs, type BlobWriter, type Change, contentKey } from './blobs.ts'

type Pieces = readonly Uint8Array[]

/** Below this, the pieces that the network delivered are joined: many small buffers cost more than one. */
const SMALL = 2 ** 20

/** Everything is gone when the process ends. */
export function memoryBlobs(): Blobs {
  const arrived = new Map<string, Pieces>()
  const contents = new Map<string, Pieces>()
  let blobs = 0
  return {
    recorded: () => [],
    create: () =>
      new MemoryWriter((pieces) => {
        const id = String(++blobs)
        arrived.set(id, pieces)
        return { id }
      }),
    discard: ({ id }) => void arrived.delete(id),
    record({ bucket, name, record, content }: Change) {
      if (name === undefined) return
      const key = contentKey({ bucket, name })
      if (record === undefined) contents.delete(key)
      if (content === undefined) return
      contents.set(key, arrived.get(content.id)!)
      arrived.delete(content.id)
    },
    flushed: () => Promise.resolve(),
    read: (key, start, end) => Readable.from(slices(contents.get(contentKey(key))!, start, end), { objectMode: false }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

class MemoryWriter implements BlobWriter {
  #pieces: Uint8Array[] = []
  #size = 0
  #keep: (pieces: Pieces) => Blob

  constructor(keep: (pieces: Pieces) => Blob) {
    this.#keep = keep
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#pieces.push(bytes)
    this.#size += bytes.length
  }

  async finish(): Promise<Blob> {
    return this.#keep(this.#size < SMALL ? [Buffer.concat(this.#pieces)] : this.#pieces)
  }

  async discard(): Promise<void> {
    this.#pieces = []
  }
}

function* slices(pieces: Pieces, start: number, end: number): Generator<Uint8Array> {
  let at = 0
  for (const piece of pieces) {
    if (at >= end) return
    const slice = piece.subarray(Math.max(0, start - at), end - at)
    if (slice.length > 0) yield slice
    at += piece.length
  }
}
