import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { StorageBackend } from './backend.ts'

export const buckets = {
  async 'a bucket is shown with the defaults of the service'({ bucket }) {
    const [metadata] = await bucket.getMetadata()
    expect(metadata).toMatchObject({
      kind: 'storage#bucket',
      id: bucket.name,
      name: bucket.name,
      location: 'US',
      storageClass: 'STANDARD',
      metageneration: '1',
    })
    expect(Date.parse(metadata.timeCreated!)).toBeGreaterThan(0)
  },

  async 'a bucket has the location and the storage class that it was given'({ another }) {
    const bucket = await another({ location: 'europe-west1', storageClass: 'NEARLINE' })
    const [metadata] = await bucket.getMetadata()
    expect(metadata).toMatchObject({ location: 'EUROPE-WEST1', storageClass: 'NEARLINE' })
  },

  async 'a bucket has the labels and the uniform access that it was given'({ another }) {
    const uniform = { iamConfiguration: { uniformBucketLevelAccess: { enabled: true } } }
    const bucket = await another({ labels: { team: 'shop' }, ...uniform })
    const [metadata] = await bucket.getMetadata()
    expect(metadata).toMatchObject({ labels: { team: 'shop' }, ...uniform })
  },

  async 'the name of a bucket can be taken once'({ storage, bucket }) {
    await expect(storage.createBucket(bucket.name)).rejects.toMatchObject({
      code: 409,
      errors: [expect.objectContaining({ reason: 'conflict' })],
    })
  },

  async 'a bucket cannot have a name that is no name'({ storage }) {
    for (const name of ['Capitals', 'ab', 'under score', '-dash', `x${'y'.repeat(63)}`]) {
      await expect(storage.createBucket(name), name).rejects.toMatchObject({ code: 400 })
    }
  },

  async 'a bucket that nobody created does not exist'({ storage, bucketName }) {
    const bucket = storage.bucket(bucketName())
    const absent = { code: 404, errors: [expect.objectContaining({ reason: 'notFound' })] }
    expect(await bucket.exists()).toEqual([false])
    await expect(bucket.getMetadata()).rejects.toMatchObject(absent)
    await expect(bucket.getFiles()).rejects.toMatchObject(absent)
    await expect(bucket.delete()).rejects.toMatchObject(absent)
    await expect(bucket.file('x').save('x', { resumable: false })).rejects.toMatchObject({ code: 404 })
    await expect(bucket.file('x').save('x', { resumable: true })).rejects.toMatchObject({ code: 404 })
    expect(await bucket.exists(), 'nor because somebody mentioned it').toEqual([false])
  },

  async 'labels of a bucket are merged by a patch, and cleared by null'({ bucket }) {
    await bucket.setLabels({ team: 'shop', tier: '1' })
    await bucket.setMetadata({ labels: { tier: null, stage: 'dev' } })
    expect((await bucket.getMetadata())[0].labels).toEqual({ team: 'shop', stage: 'dev' })
  },

  async 'each change of a bucket adds a metageneration'({ bucket }) {
    await bucket.setLabels({ team: 'shop' })
    await bucket.setLabels({ team: 'stock' })
    expect((await bucket.getMetadata())[0].metageneration).toBe('3')
  },

  async 'a change or a deletion of a bucket that requires another metageneration is refused'({ bucket }) {
    const stale = { ifMetagenerationMatch: 7 }
    const refusal = { code: 412, errors: [expect.objectContaining({ reason: 'conditionNotMet' })] }
    await expect(bucket.setMetadata({ labels: { team: 'shop' } }, stale)).rejects.toMatchObject(refusal)
    await expect(bucket.delete(stale)).rejects.toMatchObject(refusal)
    expect((await bucket.getMetadata())[0].metageneration).toBe('1')
  },

  async 'a project lists its buckets, by prefix and in pages'({ storage, bucket, another }) {
    const made = [bucket, await another(), await another()].map(({ name }) => name).toSorted()
    const prefix = bucket.name.slice(0, bucket.name.lastIndexOf('-'))
    expect((await storage.getBuckets({ prefix }))[0].map(({ name }) => name)).toEqual(made)
    const [first, next] = await storage.getBuckets({ prefix, maxResults: 2, autoPaginate: false })
    expect(first.map(({ name }) => name)).toEqual(made.slice(0, 2))
    expect((await storage.getBuckets(next))[0].map(({ name }) => name)).toEqual(made.slice(2))
  },

  async 'only an empty bucket can be deleted'({ bucket, save }) {
    const file = await save('x', 'x')
    await expect(bucket.delete()).rejects.toMatchObject({
      code: 409,
      errors: [expect.objectContaining({ reason: 'conflict' })],
    })
    await file.delete()
    await bucket.delete()
    expect(await bucket.exists()).toEqual([false])
  },
} satisfies Contract<StorageBackend>
