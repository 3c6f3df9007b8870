import { notFound, ServiceError } from '../../shared/index.ts'
import type { Blobs } from '../blobs/index.ts'
import { type Content, Intake } from './content.ts'
import type { StoredObject } from './object.ts'
import { type ContentRange, QUANTUM, ResumableUpload } from './resumable-upload.ts'

/** A request's body. Reading it fails when the connection breaks. */
export interface Body extends AsyncIterable<Uint8Array> {
  destroy(): void
}

export interface Request {
  readonly range: ContentRange
  /** From Content-Length; absent when the body is sent in HTTP chunks. */
  readonly bodyLength?: number
  readonly body: Body
}

/** Where an upload stands after a request. */
export type Progress = { readonly object: StoredObject } | { readonly kept: number }

/**
 * One resumable upload with its bytes. A request that arrives while an earlier one is still running replaces it: the
 * client has given that one up.
 */
export class UploadSession {
  readonly id: string
  readonly started: number
  #upload: ResumableUpload
  #intake: Intake
  #object: StoredObject | undefined
  #state: 'open' | 'finished' | 'cancelled' | 'failed' = 'open'
  #running: { body: Body; ended: Promise<void> } | undefined

  constructor({ id, started, total }: { id: string; started: number; total?: number | undefined }, blobs: Blobs) {
    this.id = id
    this.started = started
    this.#upload = new ResumableUpload(total)
    this.#intake = new Intake(blobs)
  }

  /** Only an open one takes content. One that failed, in writing or in becoming an object, is of no more use. */
  get state() {
    return this.#state
  }

  /** `commit` makes the object, once all of its content is here. */
  async receive(request: Request, commit: (content: Content) => StoredObject): Promise<Progress> {
    const ended = Promise.withResolvers<void>()
    const earlier = this.#running
    const mine = { body: request.body, ended: ended.promise }
    this.#running = mine
    earlier?.body.destroy()
    try {
      await earlier?.ended
      return await this.#receive(request, commit)
    } finally {
      if (this.#running === mine) this.#running = undefined
      ended.resolve()
    }
  }

  async cancel(): Promise<void> {
    this.#running?.body.destroy()
    await this.#running?.ended
    if (this.#state !== 'open') return
    this.#state = 'cancelled'
    await this.#intake.discard()
  }

  async #receive({ range, bodyLength, body }: Request, commit: (content: Content) => StoredObject): Promise<Progress> {
    if (this.#object !== undefined) return { object: this.#object }
    if (this.#state === 'cancelled') throw cancelled()
    if (this.#state === 'failed') throw notFound('Not Found')
    const isWhole =
      range.kind === 'status' ? this.#upload.isWhole(range.total) : await this.#takeIn(range, bodyLength, body)
    if (!isWhole) return { kept: this.#upload.kept }
    this.#state = 'failed'
    this.#object = commit(await this.#intake.finish())
    this.#state = 'finished'
    return { object: this.#object }
  }

  /** Says whether the content is whole. Bytes after the last quantum wait until that is known. */
  async #takeIn(range: ContentRange & { kind: 'bytes' }, bodyLength: number | undefined, body: Body): Promise<boolean> {
    const chunk = this.#upload.begin(range, bodyLength)
    const most = chunk.length ?? Number.POSITIVE_INFINITY
    let received = 0
    let waiting: Uint8Array = new Uint8Array()
    let pieces: Uint8Array[] = []
    let size = 0
    const arrival = { complete: false }
    for await (const bytes of untilItBreaks(body, arrival)) {
      const fresh = bytes.subarray(Math.max(0, chunk.skip - received), Math.max(0, most - received))
      received += bytes.length
      pieces.push(fresh)
      size += fresh.length
      if (size < QUANTUM) continue
      const joined = Buffer.concat(pieces)
      const whole = size - (size % QUANTUM)
      waiting = joined.subarray(whole)
      pieces = [waiting]
      size = waiting.length
      await this.#keep(joined.subarray(0, whole))
    }
    const isWhole = this.#upload.end(chunk, received, arrival.complete)
    if (isWhole) await this.#keep(Buffer.concat(pieces))
    return isWhole
  }

  /** A failure leaves the intake in doubt, so it ends the upload: the client starts again. */
  async #keep(bytes: Uint8Array): Promise<void> {
    this.#state = 'failed'
    await this.#intake.write(bytes)
    this.#state = 'open'
    this.#upload.keep(bytes.length)
  }
}

/** Ends where the connection breaks, and says whether it did. */
async function* untilItBreaks(body: Body, arrival: { complete: boolean }): AsyncGenerator<Uint8Array> {
  try {
    for await (const bytes of body) yield bytes
    arrival.complete = true
  } catch {
    arrival.complete = false
  }
}

const cancelled = () => new ServiceError('CANCELLED', 'Client Closed Request', { reason: 'clientClosedRequest' })
