import { expect, test } from 'vitest'
import { manualClock } from '../../clock/index.ts'
import { memoryBlobs } from './blobs/index.ts'
import { Buckets } from './model/buckets.ts'
import { Generations } from './model/generations.ts'
import { UploadSessions } from './model/upload-sessions.ts'
import { storageServer } from './server.ts'

test('a change is acknowledged only when it is safe', async () => {
  const asked = Promise.withResolvers<void>()
  const safe = Promise.withResolvers<void>()
  const clock = manualClock()
  const flushed = () => {
    asked.resolve()
    return safe.promise
  }
  const parts = { clock, blobs: { ...memoryBlobs(), flushed }, generations: new Generations(clock) }
  await using app = storageServer({ ...parts, buckets: new Buckets(parts), uploads: new UploadSessions(parts) })
  let answered = false
  const creating = app
    .inject({ method: 'POST', url: '/b?project=p', payload: '{"name":"a-bucket"}' })
    .then((answer) => {
      answered = true
      return answer
    })
  await Promise.race([asked.promise, creating])
  expect((await app.inject({ method: 'GET', url: '/b/a-bucket' })).statusCode).toBe(200)
  expect(answered).toBe(false)
  safe.resolve()
  expect((await creating).statusCode).toBe(200)
})
