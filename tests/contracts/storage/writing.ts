import { createHash } from 'node:crypto'
import type { SaveOptions } from '@google-cloud/storage'
import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { StorageBackend } from './backend.ts'

const CHUNK = 256 * 1024
const IN_ONE_REQUEST: SaveOptions = { resumable: false }
const RESUMABLE: SaveOptions = { resumable: true }
const IN_CHUNKS: SaveOptions = { resumable: true, chunkSize: CHUNK }

/** What is written comes back, and the client finds its checksum right both ways. */
async function comesBack({ bucket }: StorageBackend, options: SaveOptions, size: number): Promise<void> {
  const content = Buffer.from(Array.from({ length: size }, (_, index) => index % 251))
  await bucket.file('some/file.bin').save(content, { ...options, validation: 'crc32c' })
  const [back] = await bucket.file('some/file.bin').download({ validation: 'crc32c' })
  expect(back.equals(content)).toBe(true)
  const [metadata] = await bucket.file('some/file.bin').getMetadata()
  expect(metadata.md5Hash).toBe(createHash('md5').update(content).digest('base64'))
  expect(String(metadata.size)).toBe(`${size}`)
}

async function settingsStay({ bucket, save }: StorageBackend, options: SaveOptions): Promise<void> {
  const settings = {
    contentLanguage: 'en',
    contentDisposition: 'inline',
    cacheControl: 'no-cache',
    metadata: { event_id: 'e1', 'with space': 'é ☃' },
  }
  await save('x', 'x', { ...options, metadata: settings })
  expect((await bucket.file('x').getMetadata())[0]).toMatchObject(settings)
}

export const writing = {
  'content that is written in one request comes back': (backend) => comesBack(backend, IN_ONE_REQUEST, 100_000),
  'content that is written in a resumable upload comes back': (backend) => comesBack(backend, RESUMABLE, 100_000),
  'content that is written in several chunks comes back': (backend) => comesBack(backend, IN_CHUNKS, 2 * CHUNK + 1),
  'content of exactly two chunks comes back': (backend) => comesBack(backend, IN_CHUNKS, 2 * CHUNK),
  'an empty object can be written in one request': (backend) => comesBack(backend, IN_ONE_REQUEST, 0),
  'an empty object can be written in a resumable upload': (backend) => comesBack(backend, RESUMABLE, 0),

  async 'an upload can be begun by one client and done by another'({ bucket, read }) {
    const [uri] = await bucket.file('x').createResumableUpload()
    expect(await bucket.file('x').exists()).toEqual([false])
    await bucket.file('x').save('content', { resumable: true, uri })
    expect(await read('x')).toBe('content')
  },

  async 'an object is shown with what it is'({ bucket, save }) {
    await save('a/b c', '123456789', { contentType: 'text/plain' })
    const [metadata] = await bucket.file('a/b c').getMetadata()
    expect(metadata).toMatchObject({
      kind: 'storage#object',
      name: 'a/b c',
      bucket: bucket.name,
      contentType: 'text/plain',
      storageClass: 'STANDARD',
      crc32c: '4waSgw==',
      md5Hash: 'JfnnlDI7RTiF9RgfG2JNCw==',
      metageneration: '1',
      etag: expect.any(String),
    })
    expect(String(metadata.size)).toBe('9')
    for (const time of [metadata.timeCreated, metadata.updated, metadata.timeStorageClassUpdated]) {
      expect(Date.parse(time!)).toBeGreaterThan(0)
    }
  },

  async 'the id of an object tells its generation'({ bucket, save }) {
    await save('a/b', 'x')
    const [{ id, generation }] = await bucket.file('a/b').getMetadata()
    expect(id).toBe(`${bucket.name}/a/b/${generation}`)
  },

  'the settings of an object are those of its upload in one request': (backend) =>
    settingsStay(backend, IN_ONE_REQUEST),
  'the settings of an object are those of its resumable upload': (backend) => settingsStay(backend, RESUMABLE),

  async 'a resumable upload keeps the type of its content'({ bucket, save }) {
    await save('x', 'x', { resumable: true, contentType: 'text/plain' })
    expect((await bucket.file('x').getMetadata())[0].contentType).toBe('text/plain')
  },

  async 'an object has the storage class of its bucket, or its own'({ another }) {
    const bucket = await another({ storageClass: 'NEARLINE' })
    await bucket.file('x').save('x', { resumable: false })
    await bucket.file('y').save('y', { resumable: false, metadata: { storageClass: 'COLDLINE' } })
    expect((await bucket.file('x').getMetadata())[0].storageClass).toBe('NEARLINE')
    expect((await bucket.file('y').getMetadata())[0].storageClass).toBe('COLDLINE')
  },

  async 'content that has not the checksum that it was sent with is refused, and not kept'({ bucket, save }) {
    await expect(save('crc32c', 'content', { metadata: { crc32c: 'AAAAAA==' } })).rejects.toMatchObject({ code: 400 })
    const md5Hash = createHash('md5').update('other').digest('base64')
    await expect(save('md5', 'content', { metadata: { md5Hash } })).rejects.toMatchObject({ code: 400 })
    expect((await bucket.getFiles())[0]).toEqual([])
  },

  async 'new content is a new and larger generation, with metageneration 1'({ bucket, save, read }) {
    await save('x', 'old')
    const [old] = await bucket.file('x').setMetadata({ metadata: { a: '1' } })
    await save('x', 'new')
    const [metadata] = await bucket.file('x').getMetadata()
    expect(Number(metadata.generation)).toBeGreaterThan(Number(old.generation))
    expect(metadata.metageneration).toBe('1')
    expect(metadata).not.toHaveProperty('metadata')
    expect(await read('x')).toBe('new')
  },

  async 'generations tell microseconds since 1970'({ bucket, save }) {
    await save('x', 'x')
    const [{ generation, timeCreated }] = await bucket.file('x').getMetadata()
    expect(Math.abs(Number(generation) / 1_000 - Date.parse(timeCreated!))).toBeLessThan(60_000)
  },

  async 'any text that is no path is a name'({ bucket, save, read }) {
    const names = [
      'a',
      'a/b',
      'a//b',
      '/a',
      'a/',
      '%2F %25',
      'ü ☃ 🎉',
      'a?b#c',
      'it\'s "quoted"',
      '+&=;,',
      'x'.repeat(300),
    ]
    for (const name of names) await save(name, `in ${name}`)
    for (const name of names) expect(await read(name), name).toBe(`in ${name}`)
    expect((await bucket.getFiles())[0].map(({ name }) => name).toSorted()).toEqual(names.toSorted())
  },

  async 'an object can be deleted, once'({ save }) {
    const file = await save('x', 'x')
    await file.delete()
    expect(await file.exists()).toEqual([false])
    const absent = { code: 404, errors: [expect.objectContaining({ reason: 'notFound' })] }
    await expect(file.delete()).rejects.toMatchObject(absent)
    await file.delete({ ignoreNotFound: true })
  },
} satisfies Contract<StorageBackend>
