import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BucketMetadata, type CreateBucketRequest, Storage } from '@google-cloud/storage'
import { describe, expect, test } from 'vitest'
import { manualClock } from '../../clock/index.ts'
import { startStorage } from './index.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
const deletedAfter = (age: number) => ({ rule: [{ action: { type: 'Delete' as const }, condition: { age } }] })

async function startBucket(metadata: CreateBucketRequest = {}) {
  const clock = manualClock()
  const emulator = await startStorage({ clock })
  const [bucket] = await client(emulator.port).createBucket('a-bucket', metadata)
  const names = async () => (await bucket.getFiles())[0].map(({ name }) => name)
  return { bucket, clock, names, [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose]() }
}

const client = (port: number) =>
  new Storage({
    projectId: 'p',
    apiEndpoint: `http://127.0.0.1:${port}`,
    useAuthWithCustomEndpoint: false,
    retryOptions: { autoRetry: false },
  })

const inOneRequest = { resumable: false }

describe('an object whose life has ended', () => {
  test('is gone when its age is that of the rule, and not before', async () => {
    await using started = await startBucket({ lifecycle: deletedAfter(90) })
    const { bucket, clock, names } = started
    await bucket.file('first').save('x', inOneRequest)
    clock.advance(DAY_MS)
    await bucket.file('second').save('x', inOneRequest)
    clock.advance(89 * DAY_MS - 1)
    expect(await names()).toEqual(['first', 'second'])
    clock.advance(1)
    expect(await names()).toEqual(['second'])
    expect(await bucket.file('first').exists()).toEqual([false])
  })

  test('is gone for each method, without a list before it', async () => {
    await using started = await startBucket({ lifecycle: deletedAfter(1) })
    const { bucket, clock } = started
    await bucket.file('x').save('old', inOneRequest)
    clock.advance(DAY_MS)
    await expect(bucket.file('x').download()).rejects.toMatchObject({ code: 404 })
    await expect(bucket.file('x').setMetadata({ cacheControl: 'no-store' })).rejects.toMatchObject({ code: 404 })
    await expect(bucket.file('x').copy('y')).rejects.toMatchObject({ code: 404 })
    await bucket.file('x').save('new', { ...inOneRequest, preconditionOpts: { ifGenerationMatch: 0 } })
    clock.advance(DAY_MS)
    await expect(bucket.file('x').delete()).rejects.toMatchObject({ code: 404 })
  })

  test('does not keep its bucket from being deleted', async () => {
    await using started = await startBucket({ lifecycle: deletedAfter(1) })
    const { bucket, clock } = started
    await bucket.file('x').save('x', inOneRequest)
    clock.advance(DAY_MS)
    await bucket.delete()
    expect(await bucket.exists()).toEqual([false])
  })

  test('counts its days from its newest content, and other metadata changes nothing', async () => {
    await using started = await startBucket({ lifecycle: deletedAfter(2) })
    const { bucket, clock, names } = started
    for (const name of ['overwritten', 'patched']) await bucket.file(name).save('x', inOneRequest)
    clock.advance(DAY_MS)
    await bucket.file('overwritten').save('again', inOneRequest)
    await bucket.file('patched').setMetadata({ cacheControl: 'no-store' })
    clock.advance(DAY_MS)
    expect(await names()).toEqual(['overwritten'])
  })

  test('is gone after a restart as well, also behind a newer one', async ({ onTestFinished }) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'lifecycle-'))
    onTestFinished(() => rmSync(dataDir, { recursive: true }))
    const clock = manualClock()
    {
      await using emulator = await startStorage({ dataDir, clock })
      const [bucket] = await client(emulator.port).createBucket('a-bucket', { lifecycle: deletedAfter(2) })
      await bucket.file('first').save('x', inOneRequest)
      await bucket.file('second').save('x', inOneRequest)
      clock.advance(DAY_MS)
      await bucket.file('first').save('again', inOneRequest)
    }
    clock.advance(DAY_MS)
    await using again = await startStorage({ dataDir, clock })
    const [files] = await client(again.port).bucket('a-bucket').getFiles()
    expect(files.map(({ name }) => name)).toEqual(['first'])
    await again[Symbol.asyncDispose]()
    expect(readdirSync(join(dataDir, 'a-bucket'))).toEqual(['first'])
  })
})

describe('the rules of a bucket', () => {
  test('are returned as they were given, and the shortest one counts', async () => {
    const lifecycle = { rule: [...deletedAfter(30).rule, ...deletedAfter(3).rule] }
    await using started = await startBucket({ lifecycle })
    const { bucket, clock, names } = started
    expect((await bucket.getMetadata())[0].lifecycle).toEqual(lifecycle)
    await bucket.file('x').save('x', inOneRequest)
    clock.advance(3 * DAY_MS)
    expect(await names()).toEqual([])
  })

  test('hold for objects that were there before, and for none when they are cleared', async () => {
    await using started = await startBucket()
    const { bucket, clock, names } = started
    await bucket.file('x').save('x', inOneRequest)
    clock.advance(10 * DAY_MS)
    await bucket.setMetadata({ lifecycle: deletedAfter(11) })
    await bucket.setMetadata({ labels: { kept: 'yes' } })
    expect((await bucket.getMetadata())[0].lifecycle).toEqual(deletedAfter(11))
    await bucket.setMetadata({ lifecycle: null })
    clock.advance(100 * DAY_MS)
    expect(await names()).toEqual(['x'])
    await bucket.setMetadata({ lifecycle: deletedAfter(110) })
    expect(await names()).toEqual([])
  })

  test.each([
    ['SetStorageClass', { action: { type: 'SetStorageClass', storageClass: 'NEARLINE' }, condition: { age: 1 } }],
    ['matchesPrefix', { action: { type: 'Delete' }, condition: { age: 1, matchesPrefix: ['logs/'] } }],
    ['daysSinceNoncurrentTime', { action: { type: 'Delete' }, condition: { daysSinceNoncurrentTime: 1 } }],
  ] as const)('refuse %s by its name', async (name, rule) => {
    await using started = await startBucket()
    await expect(started.bucket.setMetadata({ lifecycle: { rule: [rule] } } as BucketMetadata)).rejects.toMatchObject({
      code: 501,
      message: expect.stringContaining(name),
    })
  })

  test('need a condition', async () => {
    await using started = await startBucket()
    const lifecycle = { rule: [{ action: { type: 'Delete' as const }, condition: {} }] }
    await expect(started.bucket.setMetadata({ lifecycle })).rejects.toMatchObject({ code: 400 })
  })
})
