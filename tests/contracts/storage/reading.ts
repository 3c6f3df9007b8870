import { once } from 'node:events'
import { gunzipSync } from 'node:zlib'
import type { CreateReadStreamOptions, FileMetadata } from '@google-cloud/storage'
import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { StorageBackend } from './backend.ts'

/** Part of the object “digits”, which holds 0123456789. */
async function part({ bucket, save }: StorageBackend, range: CreateReadStreamOptions): Promise<string> {
  await save('digits', '0123456789')
  return String(Buffer.concat(await bucket.file('digits').createReadStream(range).toArray()))
}

export const reading = {
  async 'a range is read from its first to its last byte'(backend) {
    expect(await part(backend, { start: 2, end: 4 })).toBe('234')
  },
  async 'a range without an end is read to the end'(backend) {
    expect(await part(backend, { start: 7 })).toBe('789')
  },
  async 'a range that goes beyond the end is read to the end'(backend) {
    expect(await part(backend, { start: 8, end: 100 })).toBe('89')
  },
  async 'the last bytes can be read without knowing the size'(backend) {
    expect(await part(backend, { end: -3 })).toBe('789')
  },
  async 'a range that begins beyond the end is refused'(backend) {
    await expect(part(backend, { start: 10 })).rejects.toMatchObject({ code: 416 })
  },

  async 'an object that is not there is not found'({ bucket }) {
    const file = bucket.file('none')
    const absent = { code: 404, errors: [expect.objectContaining({ reason: 'notFound' })] }
    expect(await file.exists()).toEqual([false])
    await expect(file.getMetadata()).rejects.toMatchObject(absent)
    await expect(file.setMetadata({ metadata: { a: '1' } })).rejects.toMatchObject(absent)
    await expect(file.download()).rejects.toMatchObject({ code: 404 })
  },

  async 'a missing object is named in the words of the service'({ bucket }) {
    const message = `No such object: ${bucket.name}/none`
    await expect(bucket.file('none').getMetadata()).rejects.toMatchObject({ message })
    await expect(bucket.file('none').download()).rejects.toMatchObject({ message })
  },

  async 'a generation that was replaced is gone'({ bucket, save }) {
    await save('x', 'old')
    const [{ generation }] = await bucket.file('x').getMetadata()
    await save('x', 'new')
    const old = bucket.file('x', { generation: Number(generation) })
    await expect(old.getMetadata()).rejects.toMatchObject({ code: 404 })
    await expect(old.download()).rejects.toMatchObject({ code: 404 })
  },

  async 'a live generation can be read by its number'({ bucket, save }) {
    await save('x', 'content')
    const [{ generation }] = await bucket.file('x').getMetadata()
    expect(String((await bucket.file('x', { generation: Number(generation) }).download())[0])).toBe('content')
  },

  async 'who has begun to read an object reads it to its end, whatever replaces it'({ bucket, save }) {
    const old = Buffer.alloc(5_000_000, 'a')
    await save('x', old)
    const reading = bucket.file('x').createReadStream()
    await once(reading, 'readable')
    await save('x', 'new')
    expect(Buffer.concat(await reading.toArray()).equals(old)).toBe(true)
  },

  async 'zipped content is kept zipped, and the client reads it unzipped'({ bucket, save, read }) {
    const text = 'hello '.repeat(1_000)
    await save('zipped', text, { gzip: true, metadata: { contentType: 'text/plain' } })
    const [metadata] = await bucket.file('zipped').getMetadata()
    expect(metadata.contentEncoding).toBe('gzip')
    expect(Number(metadata.size)).toBeLessThan(100)
    expect(await read('zipped')).toBe(text)
  },

  async 'zipped content can be read as it is'({ bucket, save }) {
    const text = 'hello '.repeat(1_000)
    await save('zipped', text, { gzip: true })
    const [zipped] = await bucket.file('zipped').download({ decompress: false })
    expect(String(gunzipSync(zipped))).toBe(text)
  },

  async 'the settings of an object are patched one by one, and cleared by null'({ bucket, save }) {
    const file = await save('x', 'x', {
      metadata: { contentType: 'text/plain', cacheControl: 'no-cache', metadata: { a: '1', b: '2' } },
    })
    await file.setMetadata({ contentLanguage: 'en', metadata: { b: null, c: '3' } })
    const [metadata] = await bucket.file('x').getMetadata()
    expect(metadata).toMatchObject({ contentType: 'text/plain', contentLanguage: 'en', cacheControl: 'no-cache' })
    expect(metadata.metadata).toEqual({ a: '1', c: '3' })
  },

  async 'a setting of an object can be taken away'({ bucket, save }) {
    const file = await save('x', 'x', { metadata: { cacheControl: 'no-cache', contentLanguage: 'en' } })
    await file.setMetadata({ cacheControl: null } as object as FileMetadata)
    const [metadata] = await bucket.file('x').getMetadata()
    expect(metadata).not.toHaveProperty('cacheControl')
    expect(metadata.contentLanguage).toBe('en')
  },

  async 'a patch keeps the content, its generation and the time of its creation'({ bucket, save, read }) {
    const file = await save('x', 'content')
    const [{ generation, timeCreated }] = await file.getMetadata()
    await file.setMetadata({ metadata: { a: '1' } })
    expect((await bucket.file('x').getMetadata())[0]).toMatchObject({ generation, timeCreated })
    expect(await read('x')).toBe('content')
  },

  async 'each patch adds a metageneration, and changes the etag'({ bucket, save }) {
    const file = await save('x', 'content')
    const [before] = await file.getMetadata()
    await file.setMetadata({ metadata: { a: '1' } })
    await file.setMetadata({ metadata: { a: '2' } })
    const [after] = await bucket.file('x').getMetadata()
    expect(after.metageneration).toBe('3')
    expect(after.etag).not.toBe(before.etag)
  },

  async 'a custom time moves forward only'({ save }) {
    const file = await save('x', 'x', { metadata: { customTime: '2024-01-02T00:00:00Z' } })
    await file.setMetadata({ customTime: '2024-02-02T00:00:00Z' })
    await expect(file.setMetadata({ customTime: '2024-01-03T00:00:00Z' })).rejects.toMatchObject({ code: 400 })
    expect(Date.parse((await file.getMetadata())[0].customTime!)).toBe(Date.parse('2024-02-02T00:00:00Z'))
  },
} satisfies Contract<StorageBackend>
