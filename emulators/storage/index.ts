import { type Clock, systemClock } from '../../clock/index.ts'
import { type FaultPlan, type Listening, listen } from '../shared/index.ts'
import { diskBlobs, memoryBlobs } from './blobs/index.ts'
import type { UploadIntent } from './handlers/context.ts'
import { Buckets } from './model/buckets.ts'
import { Generations } from './model/generations.ts'
import { UploadSessions } from './model/upload-sessions.ts'
import { storageServer } from './server.ts'

export interface StorageOptions {
  /** 127.0.0.1 unless told otherwise. */
  host?: string
  /** 0, the default, takes a free one. */
  port?: number
  clock?: Clock
  /** Keeps everything in this folder, each object as a plain file `{dataDir}/{bucket}/{name}`; absent: in memory. */
  dataDir?: string
  /** For tests: calls that are to fail. */
  faults?: FaultPlan
}

/**
 * Cloud Storage's JSON API v1 over HTTP, for any project and any caller.
 *
 * Buckets; objects with all uploads, downloads, listings, copies, composition, generations and preconditions. Methods,
 * fields and parameters beyond that answer 501 by name (handlers/unsupported.ts): versions and soft delete, lifecycle
 * rules but for deletion by age, retention and holds, IAM and ACLs, notifications, HMAC keys and signed URLs, encryption keys, folders, batches.
 */
export async function startStorage({
  clock = systemClock,
  dataDir,
  faults,
  ...address
}: StorageOptions = {}): Promise<Listening> {
  await using starting = new AsyncDisposableStack()
  const blobs = starting.use(dataDir === undefined ? memoryBlobs() : diskBlobs(dataDir))
  const generations = new Generations(clock)
  const buckets = new Buckets({ clock, blobs, generations })
  const uploads = new UploadSessions<UploadIntent>({ clock, blobs, generations })
  const listening = starting.use(await listen({ ...address, http: storageServer({ buckets, blobs, uploads }, faults) }))
  const running = starting.move()
  return { ...listening, [Symbol.asyncDispose]: () => running.disposeAsync() }
}
