import type { File, SaveOptions } from '@google-cloud/storage'
import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { StorageBackend } from './backend.ts'

const NOT_MET = { code: 412 }
const MUST_NOT_EXIST = { preconditionOpts: { ifGenerationMatch: 0 } }

const generationOf = async (file: File): Promise<number> => Number((await file.getMetadata())[0].generation)

async function createdOnce({ bucket, read }: StorageBackend, options: SaveOptions): Promise<void> {
  await bucket.file('x').save('first', { ...options, ...MUST_NOT_EXIST })
  await expect(bucket.file('x').save('second', { ...options, ...MUST_NOT_EXIST })).rejects.toMatchObject(NOT_MET)
  expect(await read('x')).toBe('first')
}

async function wonByOne({ bucket, read }: StorageBackend, options: SaveOptions): Promise<void> {
  const writers = Array.from({ length: 10 }, (_, index) => `writer ${index}`)
  const writes = writers.map((writer) => bucket.file('x').save(writer, { ...options, ...MUST_NOT_EXIST }))
  const results = await Promise.allSettled(writes)
  const winners = writers.filter((_, index) => results[index]!.status === 'fulfilled')
  expect(winners).toEqual([await read('x')])
  for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject(NOT_MET)
}

/** https://cloud.google.com/storage/docs/request-preconditions */
export const preconditions = {
  'an object that must not exist is created once, in one request': (backend) =>
    createdOnce(backend, { resumable: false }),
  'an object that must not exist is created once, in a resumable upload': (backend) =>
    createdOnce(backend, { resumable: true }),
  'of many writers that require an object not to exist one wins, in one request': (backend) =>
    wonByOne(backend, { resumable: false }),
  'of many writers that require an object not to exist one wins, in a resumable upload': (backend) =>
    wonByOne(backend, { resumable: true }),

  async 'a condition that is not met is told as conditionNotMet'({ save }) {
    await save('x', 'x')
    await expect(save('x', 'y', MUST_NOT_EXIST)).rejects.toMatchObject({
      code: 412,
      errors: [expect.objectContaining({ reason: 'conditionNotMet' })],
    })
  },

  async 'an object that was deleted can be created again'({ save, read }) {
    await (await save('x', 'first', MUST_NOT_EXIST)).delete()
    await save('x', 'second', MUST_NOT_EXIST)
    expect(await read('x')).toBe('second')
  },

  async 'a write that requires a generation fails when another is live'({ save, read }) {
    const file = await save('x', '1')
    const first = { preconditionOpts: { ifGenerationMatch: await generationOf(file) } }
    await save('x', '2', first)
    await expect(save('x', '3', first)).rejects.toMatchObject(NOT_MET)
    expect(await read('x')).toBe('2')
  },

  async 'a write that requires a generation fails when there is none'({ save }) {
    await expect(save('x', '1', { preconditionOpts: { ifGenerationMatch: 1 } })).rejects.toMatchObject(NOT_MET)
  },

  async 'a write that requires a metageneration fails when another is live'({ save, read }) {
    await save('x', '1')
    await expect(save('x', '2', { preconditionOpts: { ifMetagenerationMatch: 7 } })).rejects.toMatchObject(NOT_MET)
    await save('x', '3', { preconditionOpts: { ifMetagenerationMatch: 1 } })
    expect(await read('x')).toBe('3')
  },

  async 'a read that requires another generation or metageneration fails'({ save }) {
    const file = await save('x', '1')
    const generation = await generationOf(file)
    await expect(file.getMetadata({ ifGenerationMatch: generation + 1 })).rejects.toMatchObject(NOT_MET)
    await expect(file.getMetadata({ ifMetagenerationMatch: 7 })).rejects.toMatchObject(NOT_MET)
    await file.getMetadata({ ifGenerationMatch: generation, ifMetagenerationMatch: 1 })
  },

  async 'a read that asks for a change is told that there is none'({ save }) {
    const file = await save('x', '1')
    const generation = await generationOf(file)
    await expect(file.getMetadata({ ifGenerationNotMatch: generation })).rejects.toMatchObject({ code: 304 })
    await expect(file.getMetadata({ ifMetagenerationNotMatch: 1 })).rejects.toMatchObject({ code: 304 })
  },

  async 'a patch that requires another generation or metageneration is refused'({ save }) {
    const file = await save('x', '1')
    const change = { metadata: { a: '1' } }
    await expect(file.setMetadata(change, { ifMetagenerationMatch: 7 })).rejects.toMatchObject(NOT_MET)
    await expect(file.setMetadata(change, { ifGenerationMatch: 1 })).rejects.toMatchObject(NOT_MET)
    expect((await file.getMetadata())[0].metageneration).toBe('1')
    await file.setMetadata(change, { ifMetagenerationMatch: 1 })
    expect((await file.getMetadata())[0]).toMatchObject({ metageneration: '2', metadata: { a: '1' } })
  },

  async 'of two patches that require the same metageneration one is made'({ save }) {
    const file = await save('x', '1')
    await file.setMetadata({ metadata: { a: '1' } }, { ifMetagenerationMatch: 1 })
    await expect(file.setMetadata({ metadata: { a: '2' } }, { ifMetagenerationMatch: 1 })).rejects.toMatchObject(
      NOT_MET,
    )
    expect((await file.getMetadata())[0].metadata).toEqual({ a: '1' })
  },

  async 'a deletion that requires another generation is refused'({ save }) {
    const file = await save('x', '1')
    await expect(file.delete({ ifGenerationMatch: 1 })).rejects.toMatchObject(NOT_MET)
    expect(await file.exists()).toEqual([true])
    await file.delete({ ifGenerationMatch: await generationOf(file) })
    expect(await file.exists()).toEqual([false])
  },

  async 'a copy onto an object that must not exist is refused'({ bucket, save, read }) {
    const file = await save('x', 'x')
    await save('y', 'y')
    await expect(file.copy(bucket.file('y'), MUST_NOT_EXIST)).rejects.toMatchObject(NOT_MET)
    await file.copy(bucket.file('z'), MUST_NOT_EXIST)
    expect([await read('y'), await read('z')]).toEqual(['y', 'x'])
  },

  async 'a composition into an object that must not exist is refused'({ bucket, save, read }) {
    await save('x', 'x')
    await save('y', 'y')
    await expect(bucket.combine(['x', 'x'], 'y', { ifGenerationMatch: 0 })).rejects.toMatchObject(NOT_MET)
    await bucket.combine(['x', 'y'], 'z', { ifGenerationMatch: 0 })
    expect([await read('y'), await read('z')]).toEqual(['y', 'xy'])
  },
} satisfies Contract<StorageBackend>
