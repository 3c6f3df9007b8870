import type { Clock } from '../../../clock/index.ts'
import { invalidArgument, notFound } from '../../shared/index.ts'
import type { Blobs } from '../blobs/index.ts'
import type { Checksums } from '../checksums.ts'
import type { Content } from './content.ts'
import type { Generations } from './generations.ts'
import { type LifecycleRule, oldest } from './lifecycle.ts'
import { type ListPage, type ListQuery, listNames } from './listing.ts'
import type { ObjectSettings, StoredObject } from './object.ts'
import { checkCustomTime, checkDigests, checkObjectName, checkObjectSettings } from './object.ts'
import { checkRead, checkWrite, type Preconditions } from './preconditions.ts'
import { SortedNames } from './sorted-names.ts'

/** What is kept of a bucket besides its objects. Times are milliseconds since the epoch. */
export interface BucketRecord {
  readonly name: string
  readonly project: string
  readonly timeCreated: number
  readonly updated: number
  readonly metageneration: number
  readonly settings: BucketSettings
}

/** What a caller may set on a bucket and this emulator truly keeps. */
export interface BucketSettings {
  readonly location: string
  readonly storageClass: string
  readonly labels?: Readonly<Record<string, string>>
  readonly uniformBucketLevelAccess?: boolean
  readonly publicAccessPrevention?: string
  /** At least one, if any. */
  readonly lifecycle?: readonly LifecycleRule[]
}

/** What an object is made of: settings, content, and what the caller expects. */
export interface NewObject {
  readonly name: string
  readonly settings: ObjectSettings
  readonly content: Content
  /** Checksums that the caller gave. */
  readonly declared?: Partial<Checksums>
  /** Set on composed objects, which have no MD5. */
  readonly componentCount?: number
}

/** Which generation is meant, and what must hold of the object. */
export type Selection = Preconditions & { readonly generation?: number }

export interface BucketParts {
  readonly clock: Clock
  readonly blobs: Blobs
  readonly generations: Generations
}

/** One bucket and its live objects. Each method that changes something checks and commits in one synchronous step. */
export class Bucket {
  #record: BucketRecord
  #parts: BucketParts
  /** In the order of their creation. */
  #objects = new Map<string, StoredObject>()
  #names = new SortedNames()

  constructor(record: BucketRecord, parts: BucketParts) {
    this.#record = record
    this.#parts = parts
  }

  get record(): BucketRecord {
    return this.#record
  }

  /** The record, if `required` holds. */
  read(required: Preconditions): BucketRecord {
    checkRead(required, this.#record)
    return this.#record
  }

  get isEmpty(): boolean {
    return this.#current().size === 0
  }

  /** 404 where there is none, or where another generation is live. */
  readObject(name: string, { generation, ...required }: Selection): StoredObject {
    const found = this.#live(name, generation)
    checkRead(required, found)
    return found
  }

  /** The same for the source of a copy, where whatever does not hold is a 412. */
  source(name: string, { generation, ...required }: Selection): StoredObject {
    const found = this.#live(name, generation)
    checkWrite(required, found)
    return found
  }

  list(query: ListQuery): { objects: StoredObject[] } & Omit<ListPage, 'names'> {
    const objects = this.#current()
    const { names, ...page } = listNames(this.#names, query)
    return { objects: names.map((name) => objects.get(name)!), ...page }
  }

  /** Says early what `insert` would refuse, before content is taken in. */
  checkInsert(name: string, settings: ObjectSettings, required: Preconditions): void {
    checkObjectName(name)
    checkObjectSettings(settings)
    checkWrite(required, this.#current().get(name))
  }

  /** A new generation. Content that is refused is discarded. */
  insert(made: NewObject, required: Preconditions): StoredObject {
    const { name, content, declared = {}, componentCount } = made
    const { clock, blobs, generations } = this.#parts
    try {
      checkDigests(declared, content)
      this.checkInsert(name, made.settings, required)
    } catch (refused) {
      blobs.discard(content.blob)
      throw refused
    }
    const now = clock.now()
    const object: StoredObject = {
      bucket: this.#record.name,
      name,
      generation: generations.next(),
      metageneration: 1,
      timeCreated: now,
      updated: now,
      size: content.size,
      crc32c: content.crc32c,
      ...(componentCount === undefined ? { md5Hash: content.md5Hash } : { componentCount }),
      settings: { storageClass: this.#record.settings.storageClass, ...made.settings },
    }
    blobs.record({ bucket: object.bucket, name, record: object, content: content.blob })
    this.restore(object)
    return object
  }

  /** The same generation with other settings; `change` is given those that stand. */
  resetObject(
    name: string,
    change: (settings: ObjectSettings) => ObjectSettings,
    { generation, ...required }: Selection,
  ): StoredObject {
    const before = this.#live(name, generation)
    checkWrite(required, before)
    const settings = change(before.settings)
    checkObjectSettings(settings)
    checkCustomTime(before.settings.customTime, settings.customTime)
    const updated = this.#parts.clock.now()
    const object = { ...before, metageneration: before.metageneration + 1, updated, settings }
    this.#parts.blobs.record({ bucket: object.bucket, name, record: object })
    this.#objects.set(name, object)
    return object
  }

  delete(name: string, { generation, ...required }: Selection): void {
    checkWrite(required, this.#live(name, generation))
    this.#remove(name)
  }

  /** The same bucket with other settings. */
  reset(change: (settings: BucketSettings) => BucketSettings, required: Preconditions): BucketRecord {
    checkWrite(required, this.#record)
    const settings = change(this.#record.settings)
    checkBucketSettings(settings)
    const updated = this.#parts.clock.now()
    const record = { ...this.#record, updated, metageneration: this.#record.metageneration + 1, settings }
    this.#parts.blobs.record({ bucket: record.name, record })
    this.#record = record
    return record
  }

  /** An object that is recorded already; the latest to be created comes last. */
  restore(object: StoredObject): void {
    this.#objects.delete(object.name)
    this.#objects.set(object.name, object)
    this.#names.add(object.name)
  }

  /** The objects, without those whose life has ended. */
  #current(): ReadonlyMap<string, StoredObject> {
    const earliest = oldest(this.#record.settings.lifecycle, this.#parts.clock.now())
    for (const [name, { timeCreated }] of this.#objects) {
      if (timeCreated > earliest) break
      this.#remove(name)
    }
    return this.#objects
  }

  #remove(name: string): void {
    this.#parts.blobs.record({ bucket: this.#record.name, name })
    this.#objects.delete(name)
    this.#names.delete(name)
  }

  #live(name: string, generation: number | undefined): StoredObject {
    const found = this.#current().get(name)
    if (found === undefined || (generation !== undefined && generation !== found.generation)) {
      throw notFound(`No such object: ${this.#record.name}/${name}`)
    }
    return found
  }
}

export function checkBucketSettings({ labels = {} }: BucketSettings): void {
  if (Object.keys(labels).length > 64) throw invalidArgument('A bucket may have at most 64 labels.')
  for (const [key, value] of Object.entries(labels)) {
    if (!/^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u.test(key)) throw invalidArgument(`Invalid label key: ${key}`)
    if (!/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u.test(value)) throw invalidArgument(`Invalid label value: ${value}`)
  }
}
