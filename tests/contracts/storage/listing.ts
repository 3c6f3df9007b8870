import type { GetFilesOptions } from '@google-cloud/storage'
import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { StorageBackend } from './backend.ts'

interface Listed {
  readonly names: readonly string[]
  readonly prefixes: readonly string[]
}

/** Asks about a bucket with the objects a, b/, b/1, b/c/2, d/3 and e. */
async function listed({ bucket, save }: StorageBackend, query: GetFilesOptions): Promise<Listed> {
  await Promise.all(['a', 'b/', 'b/1', 'b/c/2', 'd/3', 'e'].map((name) => save(name, 'x')))
  const [files, , answer] = await bucket.getFiles({ autoPaginate: false, ...query })
  return { names: files.map(({ name }) => name), prefixes: (answer as { prefixes?: string[] }).prefixes ?? [] }
}

export const listing = {
  async 'a list tells what its objects are'({ bucket, save }) {
    const file = await save('x', 'content', { metadata: { metadata: { a: '1' } } })
    const [{ generation, md5Hash, updated }] = await file.getMetadata()
    const [files] = await bucket.getFiles()
    expect(files.map(({ metadata }) => metadata)).toEqual([
      expect.objectContaining({ name: 'x', metadata: { a: '1' }, generation, md5Hash, updated }),
    ])
  },

  async 'an empty bucket has an empty list'({ bucket }) {
    expect((await bucket.getFiles())[0]).toEqual([])
  },

  async 'names come in the order of their UTF-8 bytes'({ bucket, save }) {
    const sorted = ['1', 'A', 'a', 'a b', 'a/b', 'aa', 'é', '\uffee', '😀']
    for (const name of sorted.toReversed()) await save(name, 'x')
    expect((await bucket.getFiles())[0].map(({ name }) => name)).toEqual(sorted)
  },

  async 'a list comes in pages'({ bucket, save }) {
    const names = Array.from({ length: 7 }, (_, index) => `n${index}`)
    await Promise.all(names.map((name) => save(name, 'x')))
    const pages: string[][] = []
    for (let query: GetFilesOptions | null = { maxResults: 3, autoPaginate: false }; query; ) {
      const [files, next]: [{ name: string }[], object | null, unknown] = await bucket.getFiles(query)
      pages.push(files.map(({ name }) => name))
      query = next
    }
    expect(pages).toEqual([names.slice(0, 3), names.slice(3, 6), names.slice(6)])
  },

  async 'a prefix selects names that begin with it'(backend) {
    expect(await listed(backend, { prefix: 'b/' })).toEqual({ names: ['b/', 'b/1', 'b/c/2'], prefixes: [] })
  },

  async 'a delimiter folds names together'(backend) {
    expect(await listed(backend, { delimiter: '/' })).toEqual({ names: ['a', 'e'], prefixes: ['b/', 'd/'] })
  },

  async 'a prefix and a delimiter show one folder'(backend) {
    const query = { prefix: 'b/', delimiter: '/' }
    expect(await listed(backend, query)).toEqual({ names: ['b/', 'b/1'], prefixes: ['b/c/'] })
  },

  async 'an object that ends with the delimiter can be shown beside its prefix'(backend) {
    const query = { delimiter: '/', includeTrailingDelimiter: true }
    expect(await listed(backend, query)).toEqual({ names: ['a', 'b/', 'e'], prefixes: ['b/', 'd/'] })
  },

  async 'a list begins at its start offset and ends before its end offset'(backend) {
    const query = { startOffset: 'b/1', endOffset: 'e' }
    expect((await listed(backend, query)).names).toEqual(['b/1', 'b/c/2', 'd/3'])
  },

  async 'a glob selects names'(backend) {
    expect((await listed(backend, { matchGlob: 'b/**' })).names).toEqual(['b/', 'b/1', 'b/c/2'])
    expect((await listed(backend, { matchGlob: '{a,*/?}' })).names).toEqual(['a', 'b/1', 'd/3'])
  },

  async 'fields select what is told of each object'(backend) {
    await backend.save('x', 'content')
    const [files] = await backend.bucket.getFiles({ fields: 'items(name,size)' })
    expect(files.map((file) => ({ ...file }))).toEqual([{ name: 'x', size: '7' }])
  },

  async 'what was deleted is not listed'({ bucket, save }) {
    await save('kept', 'x')
    await (await save('gone', 'x')).delete()
    expect((await bucket.getFiles())[0].map(({ name }) => name)).toEqual(['kept'])
  },

  async 'all objects of a prefix can be deleted'({ bucket, save }) {
    await Promise.all(['a/1', 'a/2', 'b'].map((name) => save(name, 'x')))
    await bucket.deleteFiles({ prefix: 'a/', force: true })
    expect((await bucket.getFiles())[0].map(({ name }) => name)).toEqual(['b'])
  },
} satisfies Contract<StorageBackend>
