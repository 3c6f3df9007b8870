import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { StorageBackend } from './backend.ts'

export const copying = {
  async 'a copy has the content and the settings of its source'({ bucket, another, save }) {
    const settings = { contentType: 'text/plain', cacheControl: 'no-cache', metadata: { a: '1' } }
    const file = await save('x', 'content', { metadata: settings })
    const other = await another()
    await file.copy(other.file('y'))
    expect(String((await other.file('y').download())[0])).toBe('content')
    expect((await other.file('y').getMetadata())[0]).toMatchObject({ ...settings, metageneration: '1' })
    expect(await bucket.file('x').exists()).toEqual([true])
  },

  async 'a copy can be given settings of its own'({ bucket, save }) {
    const file = await save('x', 'content', { metadata: { contentType: 'text/plain', metadata: { a: '1' } } })
    await file.copy(bucket.file('y'), { contentType: 'x/y', metadata: { b: '2' } })
    const [metadata] = await bucket.file('y').getMetadata()
    expect(metadata).toMatchObject({ contentType: 'x/y', metadata: { b: '2' } })
    expect(metadata.metadata).not.toHaveProperty('a')
  },

  async 'a copy onto itself is a new generation'({ save, read }) {
    const file = await save('x', 'content')
    const [before] = await file.getMetadata()
    await file.copy(file)
    const [after] = await file.getMetadata()
    expect(Number(after.generation)).toBeGreaterThan(Number(before.generation))
    expect(await read('x')).toBe('content')
  },

  async 'a copy of what is not there, or to a bucket that is not there, is not found'(backend) {
    const { storage, bucket, bucketName, save } = backend
    await expect(bucket.file('none').copy(bucket.file('y'))).rejects.toMatchObject({ code: 404 })
    const file = await save('x', 'x')
    await expect(file.copy(storage.bucket(bucketName()).file('y'))).rejects.toMatchObject({ code: 404 })
  },

  async 'an object can be moved'({ bucket, save, read }) {
    const file = await save('x', 'content')
    await file.move('y')
    expect(await bucket.file('x').exists()).toEqual([false])
    expect(await read('y')).toBe('content')
  },

  async 'the storage class of an object can be changed'({ bucket, save, read }) {
    const file = await save('x', 'content')
    await file.setStorageClass('nearline')
    expect((await bucket.file('x').getMetadata())[0]).toMatchObject({ storageClass: 'NEARLINE' })
    expect(await read('x')).toBe('content')
  },

  async 'a composition joins objects in their order'({ bucket, save, read }) {
    for (const name of ['a', 'b', 'c']) await save(name, name.repeat(3))
    await bucket.combine(['c', 'a', 'b'], 'all.txt')
    expect(await read('all.txt')).toBe('cccaaabbb')
    const [metadata] = await bucket.file('all.txt').getMetadata()
    expect(String(metadata.size)).toBe('9')
  },

  async 'a composition counts its components, and has no MD5'({ bucket, save }) {
    for (const name of ['a', 'b', 'c']) await save(name, name)
    await bucket.combine(['a', 'b'], 'ab')
    await bucket.combine(['ab', 'c'], 'abc')
    const [metadata] = await bucket.file('abc').getMetadata()
    expect(metadata.componentCount).toBe(3)
    expect(metadata).not.toHaveProperty('md5Hash')
  },

  async 'a composition may go into one of its components'({ bucket, save, read }) {
    await save('log', 'a')
    await save('new', 'b')
    await bucket.combine(['log', 'new'], 'log')
    expect(await read('log')).toBe('ab')
  },

  async 'a composition is of 32 objects at most'({ bucket, save }) {
    await save('a', 'a')
    await expect(
      bucket.combine(
        Array.from({ length: 33 }, () => 'a'),
        'x',
      ),
    ).rejects.toMatchObject({ code: 400 })
    await bucket.combine(
      Array.from({ length: 32 }, () => 'a'),
      'x',
    )
  },

  async 'a composition of what is not there is not found'({ bucket, save }) {
    await save('a', 'a')
    await expect(bucket.combine(['a', 'none'], 'x')).rejects.toMatchObject({ code: 404 })
    expect(await bucket.file('x').exists()).toEqual([false])
  },
} satisfies Contract<StorageBackend>
