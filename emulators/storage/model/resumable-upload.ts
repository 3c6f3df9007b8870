import { invalidArgument, ServiceError } from '../../shared/index.ts'

/** Only multiples of this are kept of a request that does not end the upload. */
export const QUANTUM = 256 * 2 ** 10

/** What a Content-Range header says; a size or an end that it leaves open with `*` is absent. */
export type ContentRange =
  | { readonly kind: 'status'; readonly total?: number }
  | { readonly kind: 'bytes'; readonly first: number; readonly last?: number; readonly total?: number }

/** No header at all means that the body is the whole content. */
export function parseContentRange(header: string | undefined): ContentRange {
  if (header === undefined) return { kind: 'bytes', first: 0 }
  const [, first, last, total] = /^bytes (?:\*|(\d+)-(\d+|-1|\*))\/(\d+|\*)$/.exec(header.trim()) ?? []
  if (total === undefined) throw invalidArgument('Failed to parse Content-Range header.', { reason: 'badRequest' })
  const known = total === '*' ? {} : { total: Number(total) }
  if (first === undefined) return { kind: 'status', ...known }
  return { kind: 'bytes', first: Number(first), ...(last !== '*' && { last: Number(last) }), ...known }
}

/** One request of an upload: which of its bytes are new, and how many there must be. */
export interface Chunk {
  readonly first: number
  /** So many bytes of the body are kept already. */
  readonly skip: number
  /** Of the body; absent when it ends where the body ends. */
  readonly length?: number
  readonly endsUpload: boolean
}

/**
 * The bookkeeping of one resumable upload: how much is kept, and whether a request ends it. It sees numbers only; the
 * caller moves the bytes (cloud.google.com/storage/docs/performing-resumable-uploads).
 *
 * `begin` a request → `keep` whole quanta as they arrive → `end` it, which says whether the content is whole. Until it
 * is, what is kept is a multiple of 256 KiB.
 */
export class ResumableUpload {
  #kept = 0
  #total: number | undefined

  /** `total` is the size that the client announced (X-Upload-Content-Length). */
  constructor(total?: number) {
    this.#total = total
  }

  get kept(): number {
    return this.#kept
  }

  /** Whether a status query ends the upload: it names the total, and all of it is here. */
  isWhole(total: number | undefined): boolean {
    return total !== undefined && total === this.#kept
  }

  /** 503 when the chunk leaves a gap, 400 when it contradicts itself or what was said before. */
  begin(range: ContentRange & { kind: 'bytes' }, bodyLength: number | undefined): Chunk {
    const { first, last, total = this.#total } = range
    if (first > this.#kept) throw gap(first, this.#kept)
    if (this.#total !== undefined && total !== this.#total) throw contradiction(total!, this.#total)
    const length = last === undefined ? undefined : last + 1 - first
    if (length !== undefined && length < 0) throw invalidArgument('Failed to parse Content-Range header.')
    const expected = length ?? bodyLength
    if (total !== undefined && expected !== undefined && first + expected > total) {
      throw contradiction(first + expected, total)
    }
    const endsUpload = last === undefined || last + 1 === total
    const chunk = { first, skip: this.#kept - first, ...(length !== undefined && { length }), endsUpload }
    if (bodyLength !== undefined) checkLength(chunk, bodyLength)
    this.#total = total
    return chunk
  }

  /** So many more bytes are kept. */
  keep(bytes: number): void {
    this.#kept += bytes
  }

  /**
   * The request's body is over: `received` counts all its bytes, `complete` says that the connection did not break.
   * The result says that the content is whole: the bytes after the last quantum are then to be kept as well.
   */
  end(chunk: Chunk, received: number, complete: boolean): boolean {
    if (!complete) return false
    checkLength(chunk, received)
    const reached = chunk.first + received
    if (this.#total !== undefined && reached > this.#total) throw contradiction(reached, this.#total)
    return chunk.endsUpload && reached >= this.#kept && (this.#total === undefined || reached === this.#total)
  }
}

function checkLength({ first, length, endsUpload }: Chunk, received: number): void {
  if (length !== undefined && received !== length) {
    throw invalidArgument(
      `Invalid request.  There were ${received} byte(s) in the request body.  There should have been ${length} byte(s) ` +
        `(starting at offset ${first} and ending at offset ${first + length - 1}) according to the Content-Range header.`,
    )
  }
  if (!endsUpload && received < QUANTUM) {
    throw invalidArgument(
      `Invalid request.  The number of bytes uploaded is required to be equal or greater than ${QUANTUM}, except for ` +
        `the final request (it's recommended to be the exact multiple of ${QUANTUM}).  The received request contained ` +
        `${received} bytes, which does not meet this requirement.`,
    )
  }
}

const gap = (first: number, kept: number) =>
  new ServiceError(
    'UNAVAILABLE',
    `Invalid request.  According to the Content-Range header, the upload offset is ${first} byte(s), which exceeds ` +
      `already uploaded size of ${kept} byte(s).`,
  )

const contradiction = (reached: number, total: number) =>
  invalidArgument(
    `Invalid request.  According to the Content-Range header, the upload reaches ${reached} byte(s), but its final size ` +
      `is ${total} byte(s).`,
  )
