import { invalidArgument } from '../../shared/index.ts'
import type { Blobs } from '../blobs/index.ts'
import type { Selection } from './bucket.ts'
import type { Buckets } from './buckets.ts'
import { takeIn } from './content.ts'
import type { ObjectSettings, StoredObject } from './object.ts'
import type { Preconditions } from './preconditions.ts'

export interface Source {
  readonly bucket: string
  readonly name: string
  readonly selection: Selection
}

export interface Destination {
  readonly bucket: string
  readonly name: string
  /** Absent: those of the source. */
  readonly settings?: ObjectSettings
  readonly required: Preconditions
}

interface Parts {
  readonly buckets: Buckets
  readonly blobs: Blobs
}

/** The source's content as a new generation of the destination, in one step. */
export async function copyObject(parts: Parts, from: Source, to: Destination): Promise<StoredObject> {
  const source = parts.buckets.get(from.bucket).source(from.name, from.selection)
  const { componentCount } = source
  return put(parts, [source], { ...to, settings: to.settings ?? source.settings }, componentCount)
}

const MOST_COMPONENTS = 32

/** The contents of the sources, one after the other (cloud.google.com/storage/docs/composite-objects). */
export async function composeObject(parts: Parts, from: Source[], to: Destination): Promise<StoredObject> {
  if (from.length === 0) throw invalidArgument('You must provide at least one source component.')
  if (from.length > MOST_COMPONENTS) {
    throw invalidArgument(
      `The number of source components provided (${from.length}) exceeds the maximum (${MOST_COMPONENTS})`,
    )
  }
  const sources = from.map(({ bucket, name, selection }) => parts.buckets.get(bucket).source(name, selection))
  const components = sources.reduce((sum, { componentCount = 1 }) => sum + componentCount, 0)
  return put(parts, sources, to, components)
}

async function put(
  { buckets, blobs }: Parts,
  sources: StoredObject[],
  { bucket, name, settings = {}, required }: Destination,
  componentCount: number | undefined,
): Promise<StoredObject> {
  buckets.get(bucket).checkInsert(name, settings, required)
  // All are opened now, so that each is the generation that was asked for.
  const streams = sources.map((source) => blobs.read(source, 0, source.size))
  const content = await takeIn(blobs, concatenated(streams)).finally(() => {
    for (const stream of streams) stream.destroy()
  })
  const parts = componentCount === undefined ? {} : { componentCount }
  return buckets.insert(bucket, { name, settings, content, ...parts }, required)
}

async function* concatenated(streams: AsyncIterable<Uint8Array>[]): AsyncGenerator<Uint8Array> {
  for (const stream of streams) yield* stream
}
