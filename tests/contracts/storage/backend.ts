import { randomUUID } from 'node:crypto'
import type { Bucket, CreateBucketRequest, File, SaveOptions, Storage } from '@google-cloud/storage'

/** Cloud Storage as one test of the contract uses it. */
export interface StorageBackend extends AsyncDisposable {
  readonly storage: Storage
  /** A new bucket. */
  readonly bucket: Bucket
  /** The name of a bucket that nobody else uses. The bucket is deleted at the end, with all that is in it. */
  bucketName(): string
  another(settings?: CreateBucketRequest): Promise<Bucket>
  /** Puts an object into `bucket`, in one request unless told otherwise. */
  save(name: string, content: string | Buffer, options?: SaveOptions): Promise<File>
  /** What an object of `bucket` holds, as text. */
  read(name: string): Promise<string>
}

export async function storageBackend(storage: Storage): Promise<StorageBackend> {
  const cleaning = new AsyncDisposableStack()
  const run = randomUUID().slice(0, 8)
  let names = 0
  const bucketName = () => {
    const name = `contract-${run}-${++names}`
    cleaning.defer(() => remove(storage.bucket(name)))
    return name
  }
  const another = async (settings: CreateBucketRequest = {}) => (await storage.createBucket(bucketName(), settings))[0]
  const bucket = await another()
  return {
    storage,
    bucket,
    bucketName,
    another,
    async save(name, content, options) {
      const file = bucket.file(name)
      await file.save(content, { resumable: false, ...options })
      return file
    },
    read: async (name) => String((await bucket.file(name).download())[0]),
    [Symbol.asyncDispose]: () => cleaning.disposeAsync(),
  }
}

async function remove(bucket: Bucket): Promise<void> {
  if (!(await bucket.exists())[0]) return
  await bucket.deleteFiles()
  await bucket.delete({ ignoreNotFound: true })
}
