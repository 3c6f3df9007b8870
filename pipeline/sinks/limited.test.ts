import { PassThrough } from 'node:stream'
import type { Bucket } from '@google-cloud/storage'
import { expect, test } from 'vitest'
import { manualClock } from '../../clock/index.ts'
import { cloudStorage } from './cloud-storage.ts'
import { limited } from './limited.ts'

const never = () => new Promise<never>(() => {})

test('a call of Cloud Storage that has no answer in 30 s fails, and says which', async () => {
  const clock = manualClock()
  const file = { save: never, createReadStream: () => new PassThrough(), exists: never, setMetadata: never }
  const bucket = cloudStorage({ getFiles: never, file: () => file } as unknown as Bucket, clock)
  const stored = { name: 'a', stream: 's', metageneration: '1' }
  const calls = [
    bucket.list('a'),
    bucket.read('a'),
    bucket.find('a'),
    bucket.create(stored, ''),
    bucket.assignStream(stored, 't'),
  ]
  const outcomes = Promise.allSettled(calls)
  clock.advance(30_000)
  expect((await outcomes).map((outcome) => 'reason' in outcome && String(outcome.reason))).toEqual(
    ['list', 'read', 'find', 'create', 'change'].map((what) => `Error: Cloud Storage, ${what} a: no answer in 30 s.`),
  )
})

test('an answer in time, or a failure, is passed on', async () => {
  const clock = manualClock()
  expect(await limited(clock, 'a call', Promise.resolve(1))).toBe(1)
  await expect(limited(clock, 'a call', Promise.reject(new Error('503')))).rejects.toThrow('503')
})
