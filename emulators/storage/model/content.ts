import type { Blob, Blobs, BlobWriter } from '../blobs/index.ts'
import { Digest } from '../checksums.ts'
import type { Digested } from './object.ts'

/** Content that has arrived and belongs to no object yet. */
export interface Content extends Digested {
  readonly blob: Blob
}

/** Content on its way in, with its size and checksums so far. */
export class Intake {
  #writer: BlobWriter
  #digest = new Digest()
  #size = 0

  constructor(blobs: Blobs) {
    this.#writer = blobs.create()
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#digest.update(bytes)
    this.#size += bytes.length
    await this.#writer.write(bytes)
  }

  async finish(): Promise<Content> {
    const blob = await this.#writer.finish()
    return { blob, size: this.#size, ...this.#digest.checksums() }
  }

  discard(): Promise<void> {
    return this.#writer.discard()
  }
}

/** Takes in a whole stream. When the stream fails, nothing of it stays. */
export async function takeIn(blobs: Blobs, source: AsyncIterable<Uint8Array>): Promise<Content> {
  const intake = new Intake(blobs)
  try {
    for await (const bytes of source) await intake.write(bytes)
    return await intake.finish()
  } catch (thrown) {
    await intake.discard()
    throw thrown
  }
}
