import { text } from 'node:stream/consumers'
import { ApiError, type Bucket, type File } from '@google-cloud/storage'
import { type Clock, systemClock } from '../../clock/index.ts'
import { contentOf } from '../../src/object-content.ts'
import { limited } from './limited.ts'
import type { RawBucket, RawFile, StoredFile } from './raw-bucket.ts'

/** The name of the custom metadata that holds the file's write stream. */
const WRITE_STREAM = 'write_stream'

/** Raw files in Cloud Storage (JSON API: objects list, get, insert, patch). Each call ends within its limit. */
export function cloudStorage(bucket: Bucket, clock: Clock = systemClock): RawBucket {
  const files = unlimited(bucket)
  const within = <Answer>(what: string, call: Promise<Answer>) => limited(clock, `Cloud Storage, ${what}`, call)
  return {
    list: (prefix) => within(`list ${prefix}`, files.list(prefix)),
    read: (name) => within(`read ${name}`, files.read(name)),
    find: (name) => within(`find ${name}`, files.find(name)),
    create: (file, content) => within(`create ${file.name}`, files.create(file, content)),
    assignStream: (file, stream) => within(`change ${file.name}`, files.assignStream(file, stream)),
  }
}

function unlimited(bucket: Bucket): RawBucket {
  return {
    async list(prefix) {
      const [files] = await bucket.getFiles({ prefix })
      return files.map(storedFile)
    },

    async read(name) {
      return text(contentOf(bucket.file(name)))
    },

    async find(name) {
      const file = bucket.file(name)
      const [exists] = await file.exists()
      if (!exists) return undefined
      await file.getMetadata()
      return storedFile(file)
    },

    async create({ name, stream }: RawFile, content) {
      const creation = bucket.file(name).save(content, {
        resumable: false,
        // What arrives is checked either way. The client's CRC32C costs ten times as much: it is not native code.
        validation: 'md5',
        contentType: 'application/x-ndjson',
        metadata: { metadata: { [WRITE_STREAM]: stream } },
        // What was given up for lost may have come to pass: this makes the second time harmless.
        preconditionOpts: { ifGenerationMatch: 0 },
      })
      return (await conditionMet(creation)) ? 'created' : 'exists'
    },

    async assignStream({ name, metageneration }: StoredFile, stream) {
      const change = bucket
        .file(name)
        .setMetadata({ metadata: { [WRITE_STREAM]: stream } }, { ifMetagenerationMatch: metageneration })
      return (await conditionMet(change)) ? 'assigned' : 'changed'
    },
  }
}

function storedFile({ name, metadata }: File): StoredFile {
  const stream = metadata.metadata?.[WRITE_STREAM]
  return { name, stream: typeof stream === 'string' ? stream : '', metageneration: String(metadata.metageneration) }
}

async function conditionMet(request: Promise<unknown>): Promise<boolean> {
  try {
    await request
    return true
  } catch (error) {
    if (error instanceof ApiError && error.code === 412) return false
    throw error
  }
}
