import { contentKey } from './blobs.ts'

/** A line of the journal: a change, and where its content went. */
export interface Entry {
  readonly bucket: string
  readonly name?: string
  readonly record?: object
  /** The file in `incoming` that is the new content. */
  readonly blob?: string
  /** Its place is not the plain one. */
  readonly aside?: boolean
}

/** What a journal comes to. */
export interface Replayed {
  /** Buckets before objects. */
  readonly live: Entry[]
  /** What the last line removed: only that can have been cut short. */
  readonly removed: Entry | undefined
  readonly lastBlob: number
}

export function replay(entries: Iterable<Entry>): Replayed {
  const live = new Map<string, Entry>()
  let removed: Entry | undefined
  let lastBlob = 0
  for (const entry of entries) {
    const { bucket, name, record, blob } = entry
    const key = name === undefined ? bucket : contentKey({ bucket, name })
    const before = live.get(key)
    removed = record === undefined ? before : undefined
    if (record === undefined) live.delete(key)
    else live.set(key, blob === undefined ? { ...before, ...entry } : entry)
    lastBlob = Math.max(lastBlob, Number(blob ?? 0))
  }
  const isObject = ({ name }: Entry) => Number(name !== undefined)
  return { live: [...live.values()].sort((a, b) => isObject(a) - isObject(b)), removed, lastBlob }
}

/** Content that is in place needs no number, unless the number is its place. */
export const compacted = ({ blob, ...entry }: Entry): Entry => ({ ...entry, ...(entry.aside && blob && { blob }) })
