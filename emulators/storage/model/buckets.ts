import { alreadyExists, invalidArgument, notFound } from '../../shared/index.ts'
import {
  Bucket,
  type BucketParts,
  type BucketRecord,
  type BucketSettings,
  checkBucketSettings,
  type NewObject,
} from './bucket.ts'
import { checkStorageClass, type StoredObject } from './object.ts'
import { checkWrite, type Preconditions } from './preconditions.ts'

/** All buckets of all projects: they share one namespace, as on Google Cloud. */
export class Buckets {
  #buckets = new Map<string, Bucket>()
  #parts: BucketParts

  /** Brings back what earlier runs left. */
  constructor(parts: BucketParts) {
    this.#parts = parts
    const objects: StoredObject[] = []
    for (const { bucket, name, record } of parts.blobs.recorded()) {
      if (name === undefined) this.#buckets.set(bucket, new Bucket(record as BucketRecord, parts))
      else objects.push(record as StoredObject)
    }
    for (const object of objects.sort((a, b) => a.generation - b.generation)) this.#restore(object)
  }

  create(project: string, name: string, settings: BucketSettings): BucketRecord {
    checkBucketName(name)
    checkBucketSettings(settings)
    checkStorageClass(settings.storageClass)
    const existing = this.#buckets.get(name)
    if (existing !== undefined) {
      throw alreadyExists(existing.record.project === project ? ALREADY_YOURS : NOT_AVAILABLE)
    }
    const now = this.#parts.clock.now()
    const record = { name, project, timeCreated: now, updated: now, metageneration: 1, settings }
    this.#parts.blobs.record({ bucket: name, record })
    this.#buckets.set(name, new Bucket(record, this.#parts))
    return record
  }

  get(name: string): Bucket {
    const bucket = this.#buckets.get(name)
    if (bucket === undefined) throw notFound('The specified bucket does not exist.')
    return bucket
  }

  /** As of a bucket; it may have gone while the content arrived, which is then discarded. */
  insert(bucket: string, made: NewObject, required: Preconditions): StoredObject {
    const found = this.#buckets.get(bucket)
    if (found === undefined) this.#parts.blobs.discard(made.content.blob)
    return this.get(bucket).insert(made, required)
  }

  /** In order of their names. */
  of(project: string): BucketRecord[] {
    return [...this.#buckets.values()]
      .map((bucket) => bucket.record)
      .filter((record) => record.project === project)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  delete(name: string, required: Preconditions): void {
    const bucket = this.get(name)
    checkWrite(required, bucket.record)
    if (!bucket.isEmpty) throw alreadyExists('The bucket you tried to delete is not empty.')
    this.#parts.blobs.record({ bucket: name })
    this.#buckets.delete(name)
  }

  #restore(object: StoredObject): void {
    this.#parts.generations.seen(object.generation)
    this.get(object.bucket).restore(object)
  }
}

const ALREADY_YOURS = 'Your previous request to create the named bucket succeeded and you already own it.'
const NOT_AVAILABLE =
  'The requested bucket name is not available. The bucket namespace is shared by all users of the system. ' +
  'Please select a different name and try again.'

/** cloud.google.com/storage/docs/buckets#naming */
function checkBucketName(name: string): void {
  const longest = name.includes('.') ? 222 : 63
  const fits =
    name.length >= 3 &&
    name.length <= longest &&
    /^[a-z0-9][a-z0-9._-]*[a-z0-9]$/.test(name) &&
    name.split('.').every((part) => part.length > 0 && part.length <= 63) &&
    !/^\d{1,3}(\.\d{1,3}){3}$/.test(name) &&
    !name.startsWith('goog') &&
    !/g[o0][o0]g[l1]e/.test(name)
  if (!fits) throw invalidArgument(`Invalid bucket name: '${name}'`)
}
