import type { Readable } from 'node:stream'

/** Content that has arrived wholly and is safe, but belongs to no object yet: give it to `record` or to `discard`. */
export interface Blob {
  readonly id: string
}

/** Content on its way in. */
export interface BlobWriter {
  write(bytes: Uint8Array): Promise<void>
  finish(): Promise<Blob>
  /** Forgets what has arrived. */
  discard(): Promise<void>
}

export interface ObjectKey {
  readonly bucket: string
  readonly name: string
}

/** One change of one bucket (no `name`) or object. */
export interface Change {
  readonly bucket: string
  readonly name?: string
  /** What the model knows about it, as JSON; absent when the bucket or object goes away. */
  readonly record?: object
  /** The object's new content; absent when only the record changes. */
  readonly content?: Blob
}

/**
 * Where content and records are kept. The model holds the truth while it runs; it tells each change here, and gets
 * them back at the next start. What changes is synchronous, so that a check of a precondition, the record, the content
 * in its place and the model's own state are one step, which nothing can come between.
 */
export interface Blobs extends AsyncDisposable {
  /** What earlier runs left, buckets before objects; to be read once, before anything else. */
  recorded(): Iterable<Change>
  create(): BlobWriter
  discard(content: Blob): void
  record(change: Change): void
  /** Resolves when everything recorded so far outlives this process and this machine. */
  flushed(): Promise<void>
  /** The bytes from `start` to before `end` as they are now: a later change does not touch this stream. */
  read(key: ObjectKey, start: number, end: number): Readable
}

/** One text for one object: no bucket's name has a slash. */
export const contentKey = ({ bucket, name }: ObjectKey) => `${bucket}/${name}`
