import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Bucket, type BucketMetadata, type File, type FileMetadata, Storage } from '@google-cloud/storage'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { manualClock } from '../../clock/index.ts'
import type { Listening } from '../shared/index.ts'
import { startStorage } from './index.ts'

/** What every store must do, through the official client. */
describe.each(['memory', 'disk'] as const)('kept in %s', (kind) => {
  const clock = manualClock()
  const dataDir = kind === 'disk' ? mkdtempSync(join(tmpdir(), 'storage-')) : undefined
  let emulator: Listening
  let storage: Storage
  let bucket: Bucket
  let buckets = 0

  beforeAll(async () => {
    emulator = await startStorage({ clock, ...(dataDir && { dataDir }) })
    storage = new Storage({
      projectId: 'a-project',
      apiEndpoint: `http://127.0.0.1:${emulator.port}`,
      useAuthWithCustomEndpoint: false,
      retryOptions: { autoRetry: false },
    })
  })
  afterAll(async () => {
    await emulator[Symbol.asyncDispose]()
    if (dataDir) rmSync(dataDir, { recursive: true })
  })
  beforeEach(async () => {
    ;[bucket] = await storage.createBucket(`bucket-${++buckets}`)
  })

  const save = (name: string, content: string | Buffer, options = {}) =>
    bucket.file(name).save(content, { resumable: false, ...options })

  describe('buckets', () => {
    test('a new bucket has the defaults of the service', async () => {
      const [metadata] = await bucket.getMetadata()
      expect(metadata).toMatchObject({
        kind: 'storage#bucket',
        location: 'US',
        storageClass: 'STANDARD',
        metageneration: '1',
        timeCreated: '2024-01-15T00:00:00.000Z',
        etag: 'CAE=',
        iamConfiguration: { uniformBucketLevelAccess: { enabled: false } },
      })
    })

    test('a bucket that nobody created does not exist', async () => {
      await expect(storage.bucket('never-made').getMetadata()).rejects.toMatchObject({
        code: 404,
        message: 'The specified bucket does not exist.',
      })
      await expect(storage.bucket('never-made').file('x').save('x', { resumable: false })).rejects.toMatchObject({
        code: 404,
      })
      expect(await storage.bucket('never-made').exists()).toEqual([false])
    })

    test('creating a bucket again is a conflict', async () => {
      await expect(storage.createBucket(bucket.name)).rejects.toMatchObject({
        code: 409,
        message: 'Your previous request to create the named bucket succeeded and you already own it.',
        errors: [{ reason: 'conflict' }],
      })
    })

    test('labels are kept, merged by a patch and cleared by null; each change adds a metageneration', async () => {
      await bucket.setLabels({ team: 'events', stage: 'dev' })
      await bucket.setMetadata({ labels: { stage: null, tier: '1' } })
      const [metadata] = await bucket.getMetadata()
      expect(metadata).toMatchObject({ labels: { team: 'events', tier: '1' }, metageneration: '3' })
      await expect(bucket.setMetadata({ labels: { x: 'y' } }, { ifMetagenerationMatch: 1 })).rejects.toMatchObject({
        code: 412,
      })
    })

    test('a project lists its own buckets, by prefix and in pages', async () => {
      const other = new Storage({
        projectId: 'lister',
        apiEndpoint: `http://127.0.0.1:${emulator.port}`,
        useAuthWithCustomEndpoint: false,
      })
      for (const name of ['c-list', 'a-list', 'b-list']) await other.createBucket(`${name}-${kind}`)
      const [first, next] = await other.getBuckets({ maxResults: 2, autoPaginate: false })
      expect(first.map(({ name }) => name)).toEqual([`a-list-${kind}`, `b-list-${kind}`])
      const [second] = await other.getBuckets(next)
      expect(second.map(({ name }) => name)).toEqual([`c-list-${kind}`])
      const [some] = await other.getBuckets({ prefix: 'b' })
      expect(some.map(({ name }) => name)).toEqual([`b-list-${kind}`])
    })

    test('only an empty bucket can be deleted', async () => {
      await save('x', 'x')
      await expect(bucket.delete()).rejects.toMatchObject({
        code: 409,
        message: 'The bucket you tried to delete is not empty.',
      })
      await bucket.file('x').delete()
      await bucket.delete()
      expect(await bucket.exists()).toEqual([false])
    })

    test.each<[string, BucketMetadata]>([
      ['versioning', { versioning: { enabled: true } }],
      ['retentionPolicy', { retentionPolicy: { retentionPeriod: 10 } }],
      ['softDeletePolicy', { softDeletePolicy: { retentionDurationSeconds: 604_800 } }],
    ])('%s is refused by its name, and accepted when it is off', async (field, metadata) => {
      await expect(bucket.setMetadata(metadata)).rejects.toMatchObject({
        code: 501,
        message: expect.stringContaining(field),
      })
      await bucket.setMetadata({ versioning: { enabled: false }, softDeletePolicy: { retentionDurationSeconds: 0 } })
    })
  })

  describe('content', () => {
    test.each([
      ['in one request', { resumable: false }],
      ['in a resumable upload', { resumable: true }],
      ['in a resumable upload of several chunks', { resumable: true, chunkSize: 256 * 1024 }],
    ])('content uploaded %s comes back, and the client finds its checksums right', async (_, options) => {
      const content = Buffer.from(Array.from({ length: 600_001 }, (_, index) => index % 251))
      await bucket.file('some/file.bin').save(content, { ...options, validation: true, contentType: 'x/y' })
      const [back] = await bucket.file('some/file.bin').download({ validation: 'crc32c' })
      expect(back.equals(content)).toBe(true)
      const [metadata] = await bucket.file('some/file.bin').getMetadata()
      expect(metadata).toMatchObject({ size: '600001', contentType: 'x/y', metageneration: '1' })
    })

    test.each([[{ resumable: false }], [{ resumable: true }], [{ resumable: true, chunkSize: 256 * 1024 }]])(
      'an empty object can be uploaded and read (%j)',
      async (options) => {
        await bucket.file('empty').save('', options)
        expect((await bucket.file('empty').download())[0].length).toBe(0)
        expect((await bucket.file('empty').getMetadata())[0]).toMatchObject({ size: '0', crc32c: 'AAAAAA==' })
      },
    )

    test('part of an object can be read', async () => {
      await save('digits', '0123456789')
      const read = async (start: number, end?: number) =>
        Buffer.concat(
          await bucket
            .file('digits')
            .createReadStream({ start, ...(end && { end }) })
            .toArray(),
        ).toString()
      expect(await read(2, 4)).toBe('234')
      expect(await read(7)).toBe('789')
      expect(await read(8, 100)).toBe('89')
    })

    test('content that is not what its checksum says is refused', async () => {
      await expect(save('x', 'content', { metadata: { crc32c: 'AAAAAA==' } })).rejects.toMatchObject({
        code: 400,
        message: expect.stringContaining(`Provided CRC32C "AAAAAA==" doesn't match calculated CRC32C`),
      })
      await expect(save('x', 'content', { metadata: { md5Hash: 'AAAA' } })).rejects.toMatchObject({ code: 400 })
      expect(await bucket.file('x').exists()).toEqual([false])
    })

    test('gzipped content is stored as it is, and read by the client unzipped', async () => {
      await save('zipped', 'hello '.repeat(100), { gzip: true, metadata: { contentType: 'text/plain' } })
      const [metadata] = await bucket.file('zipped').getMetadata()
      expect(metadata.contentEncoding).toBe('gzip')
      expect(Number(metadata.size)).toBeLessThan(100)
      expect((await bucket.file('zipped').download())[0].toString()).toBe('hello '.repeat(100))
      expect((await bucket.file('zipped').download({ decompress: false }))[0]).toEqual(gzipSync('hello '.repeat(100)))
    })

    test('a reader that has begun sees one generation to its end, whatever replaces it', async () => {
      await save('x', Buffer.alloc(5_000_000, 'a'))
      const reading = bucket.file('x').createReadStream()
      await new Promise((resolve) => reading.once('readable', resolve))
      await save('x', 'new')
      expect(Buffer.concat(await reading.toArray()).equals(Buffer.alloc(5_000_000, 'a'))).toBe(true)
    })
  })

  describe('metadata', () => {
    test('what an upload sets is kept, patched field by field, and cleared by null', async () => {
      const file = bucket.file('x')
      await save('x', 'x', {
        metadata: { contentType: 'text/plain', cacheControl: 'no-cache', metadata: { a: '1', b: '2' } },
      })
      const clearing = { contentLanguage: 'en', cacheControl: null, metadata: { b: null, c: '3' } }
      await file.setMetadata(clearing as object as FileMetadata)
      const [metadata] = await file.getMetadata()
      expect(metadata).toMatchObject({
        contentType: 'text/plain',
        contentLanguage: 'en',
        metadata: { a: '1', c: '3' },
        metageneration: '2',
        storageClass: 'STANDARD',
      })
      expect(metadata.metadata).not.toHaveProperty('b')
      expect(metadata).not.toHaveProperty('cacheControl')
    })

    test('a custom time can be set and moved forward, not back', async () => {
      await save('x', 'x', { metadata: { customTime: '2024-01-02T00:00:00Z' } })
      await bucket.file('x').setMetadata({ customTime: '2024-02-02T00:00:00Z' })
      await expect(bucket.file('x').setMetadata({ customTime: '2024-01-03T00:00:00Z' })).rejects.toMatchObject({
        code: 400,
      })
    })

    test('holds, ACLs and customer keys are refused by their names', async () => {
      await expect(save('x', 'x', { metadata: { temporaryHold: true } })).rejects.toMatchObject({
        code: 501,
        message: expect.stringContaining('temporaryHold'),
      })
      await expect(save('x', 'x', { public: true })).rejects.toMatchObject({
        code: 501,
        message: expect.stringContaining('predefinedAcl'),
      })
      const encrypted = bucket.file('x', { encryptionKey: Buffer.alloc(32) })
      await expect(encrypted.save('x', { resumable: false })).rejects.toMatchObject({
        code: 501,
        message: expect.stringContaining('x-goog-encryption-'),
      })
    })
  })

  describe('generations and preconditions', () => {
    const generationOf = async (name: string) => Number((await bucket.file(name).getMetadata())[0].generation)

    test('new content is a new, larger generation with metageneration 1, although time stands still', async () => {
      await save('x', '1')
      const first = await generationOf('x')
      await bucket.file('x').setMetadata({ metadata: { a: 'b' } })
      await save('x', '2')
      expect(await generationOf('x')).toBeGreaterThan(first)
      expect((await bucket.file('x').getMetadata())[0].metageneration).toBe('1')
      expect(Math.trunc(first / 1_000)).toBe(clock.now())
    })

    test.each([{ resumable: false }, { resumable: true }])(
      'of many writers that require the object not to exist exactly one wins (%j)',
      async (options) => {
        const writes = Array.from({ length: 20 }, (_, index) =>
          bucket.file('once').save(`writer ${index}`, { ...options, preconditionOpts: { ifGenerationMatch: 0 } }),
        )
        const results = await Promise.allSettled(writes)
        const winners = results.flatMap((result, index) => (result.status === 'fulfilled' ? [index] : []))
        expect(winners.length).toBe(1)
        for (const result of results) {
          if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 412 })
        }
        expect((await bucket.file('once').download())[0].toString()).toBe(`writer ${winners[0]}`)
      },
    )

    test('a write that requires a generation fails when another is live', async () => {
      await save('x', '1')
      const first = await generationOf('x')
      await save('x', '2', { preconditionOpts: { ifGenerationMatch: first } })
      await expect(save('x', '3', { preconditionOpts: { ifGenerationMatch: first } })).rejects.toMatchObject({
        code: 412,
        message: 'At least one of the pre-conditions you specified did not hold.',
      })
      expect((await bucket.file('x').download())[0].toString()).toBe('2')
    })

    test('patch and delete hold to their preconditions', async () => {
      const file = bucket.file('x')
      await save('x', '1')
      await expect(file.setMetadata({ metadata: { a: 'b' } }, { ifMetagenerationMatch: 7 })).rejects.toMatchObject({
        code: 412,
      })
      await expect(file.delete({ ifGenerationMatch: 1 })).rejects.toMatchObject({ code: 412 })
      await file.delete({ ifGenerationMatch: await generationOf('x') })
      await expect(file.delete()).rejects.toMatchObject({ code: 404, message: `No such object: ${bucket.name}/x` })
    })

    test('a generation that is not live does not exist', async () => {
      await save('x', '1')
      const old = bucket.file('x', { generation: await generationOf('x') })
      await save('x', '2')
      await expect(old.getMetadata()).rejects.toMatchObject({ code: 404 })
      await expect(old.download()).rejects.toMatchObject({ code: 404, message: `No such object: ${bucket.name}/x` })
    })
  })

  describe('copies', () => {
    test('a copy has the content and the metadata of its source', async () => {
      await save('x', 'content', { metadata: { contentType: 'text/plain', metadata: { a: '1' } } })
      const [other] = await storage.createBucket(`copies-${buckets}-${kind}`)
      await bucket.file('x').copy(other.file('y'))
      expect((await other.file('y').download())[0].toString()).toBe('content')
      expect((await other.file('y').getMetadata())[0]).toMatchObject({
        contentType: 'text/plain',
        metadata: { a: '1' },
      })
    })

    test('a copy over an object holds to its preconditions', async () => {
      await save('x', 'x')
      await save('y', 'y')
      await expect(
        bucket.file('x').copy(bucket.file('y'), { preconditionOpts: { ifGenerationMatch: 0 } }),
      ).rejects.toMatchObject({ code: 412 })
      await bucket.file('x').move(bucket.file('z'))
      expect(await bucket.file('x').exists()).toEqual([false])
      expect((await bucket.file('z').download())[0].toString()).toBe('x')
    })

    test('composing joins objects in order, counts components and has no MD5', async () => {
      for (const part of ['a', 'b', 'c']) await save(part, part.repeat(3))
      await bucket.combine(['a', 'b'], 'ab')
      await bucket.combine(['c', 'ab'], 'cab')
      expect((await bucket.file('cab').download())[0].toString()).toBe('cccaaabbb')
      const [metadata] = await bucket.file('cab').getMetadata()
      expect(metadata.componentCount).toBe(3)
      expect(metadata).not.toHaveProperty('md5Hash')
      const many = Array.from({ length: 33 }, () => 'a')
      await expect(bucket.combine(many, 'x')).rejects.toMatchObject({ code: 400 })
    })
  })

  describe('listings', () => {
    test('names come in UTF-8 byte order, in pages', async () => {
      const sorted = ['1', 'a', 'b/1', 'b/2', 'é', '\uffee', '😀']
      await Promise.all(sorted.toReversed().map((name) => save(name, 'x')))
      const seen: string[] = []
      for (let query: object | null = { maxResults: 2, autoPaginate: false }; query; ) {
        const [files, next] = (await bucket.getFiles(query)) as [File[], object | null, unknown]
        seen.push(...files.map(({ name }) => name))
        query = next
      }
      expect(seen).toEqual(sorted)
    })

    test('prefix, delimiter and offsets select names; fields select metadata', async () => {
      await Promise.all(['a', 'b/', 'b/1', 'b/c/2', 'd/3', 'e'].map((name) => save(name, 'x')))
      const list = async (query: object) => {
        const [files, , answer] = await bucket.getFiles({ autoPaginate: false, ...query })
        return [files.map(({ name }) => name), (answer as { prefixes?: string[] }).prefixes]
      }
      expect(await list({ delimiter: '/' })).toEqual([
        ['a', 'e'],
        ['b/', 'd/'],
      ])
      expect(await list({ delimiter: '/', includeTrailingDelimiter: true })).toEqual([
        ['a', 'b/', 'e'],
        ['b/', 'd/'],
      ])
      expect(await list({ prefix: 'b/', delimiter: '/' })).toEqual([['b/', 'b/1'], ['b/c/']])
      expect(await list({ startOffset: 'b/1', endOffset: 'e' })).toEqual([['b/1', 'b/c/2', 'd/3'], undefined])
      expect(await list({ matchGlob: 'b/**' })).toEqual([['b/', 'b/1', 'b/c/2'], undefined])
      expect(await list({ matchGlob: '{a,*/?}' })).toEqual([['a', 'b/1', 'd/3'], undefined])
      expect((await bucket.getFiles({ prefix: 'a', fields: 'items(name)' }))[0]).toEqual([{ name: 'a' }])
    })

    test.each([
      'a',
      'a/b',
      'a//b',
      '/a',
      'a/',
      '..',
      'x/../../y',
      '%2F %25',
      'ü',
      `long/${'n'.repeat(300)}`,
      '.sluice/x',
    ])('the name %j is an object beside all others', async (name) => {
      if (name === '..') return expect(save(name, 'x')).rejects.toMatchObject({ code: 400 })
      for (const other of ['a', 'a/b', 'A', 'a/b/c', name]) await save(other, `old ${other}`)
      await save(name, name)
      expect((await bucket.file(name).download())[0].toString()).toBe(name)
      const others = ['a', 'a/b', 'A', 'a/b/c'].filter((other) => other !== name)
      for (const other of others) {
        expect((await bucket.file(other).download())[0].toString()).toBe(`old ${other}`)
        await bucket.file(other).delete()
      }
      expect((await bucket.getFiles())[0].map((file) => file.name)).toEqual([name])
      await bucket.file(name).delete()
      await bucket.delete()
    })
  })
})
