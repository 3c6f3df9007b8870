import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryBlobs } from '../blobs/index.ts'
import type { Content } from './content.ts'
import type { StoredObject } from './object.ts'
import { type ContentRange, parseContentRange, QUANTUM } from './resumable-upload.ts'
import { type Body, type Progress, UploadSession } from './upload-session.ts'

/** A body that breaks after so many bytes, in pieces that fit no quantum. */
function body(bytes: Buffer, breaksAfter = Number.POSITIVE_INFINITY): Body {
  return {
    destroy() {},
    async *[Symbol.asyncIterator]() {
      for (let at = 0; at < bytes.length; at += 70_001) {
        const end = Math.min(at + 70_001, breaksAfter)
        yield bytes.subarray(at, end)
        if (end === breaksAfter) throw new Error('the connection broke')
      }
    },
  }
}

const content = (size: number) =>
  Buffer.from(Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) % 256))

function upload() {
  const blobs = memoryBlobs()
  const session = new UploadSession({ id: 'u', started: 0 }, blobs)
  const commit = (arrived: Content) => {
    blobs.record({ bucket: 'b', name: 'o', record: {}, content: arrived.blob })
    return { size: arrived.size } as StoredObject
  }
  return {
    session,
    send: (range: ContentRange, bytes: Buffer, breaksAfter?: number): Promise<Progress> =>
      session.receive({ range, body: body(bytes, breaksAfter) }, commit),
    stored: async (size: number) => Buffer.concat(await blobs.read({ bucket: 'b', name: 'o' }, 0, size).toArray()),
  }
}

const request = fc.record({
  /** In quanta relative to what is kept. */
  offset: fc.integer({ min: -2, max: 1 }),
  quanta: fc.integer({ min: 1, max: 3 }),
  extra: fc.constantFrom(0, 1, 100_000),
  form: fc.constantFrom('chunk', 'chunk of a known total', 'all the rest', 'status'),
  breaksAfter: fc.option(fc.integer({ min: 1, max: 3 * QUANTUM }), { nil: undefined }),
})

test('whatever a client sends, in whatever order and however it breaks, the object is the content or is not there', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 5 * QUANTUM }),
      fc.array(request, { maxLength: 8 }),
      async (size, requests) => {
        const whole = content(size)
        const { send, stored } = upload()
        let kept = 0
        for (const { offset, quanta, extra, form, breaksAfter } of requests) {
          const first = Math.min(Math.max(0, kept + offset * QUANTUM), size)
          const end = form === 'all the rest' ? size : Math.min(first + quanta * QUANTUM + extra, size)
          const range: ContentRange =
            form === 'status'
              ? { kind: 'status' }
              : {
                  kind: 'bytes',
                  first,
                  ...(form !== 'all the rest' && { last: end - 1 }),
                  ...(form === 'chunk of a known total' && { total: size }),
                }
          const progress = await send(range, whole.subarray(first, end), breaksAfter).catch((refused) => {
            expect(['UNAVAILABLE', 'INVALID_ARGUMENT']).toContain(refused.code)
            if (first > kept) expect(refused.code).toBe('UNAVAILABLE')
            return undefined
          })
          if (progress === undefined) continue
          if ('object' in progress) break
          expect(progress.kept % QUANTUM).toBe(0)
          expect(progress.kept).toBeGreaterThanOrEqual(kept)
          expect(progress.kept).toBeLessThanOrEqual(Math.max(kept, form === 'status' ? 0 : end))
          kept = progress.kept
        }
        const status = await send({ kind: 'status' }, Buffer.alloc(0))
        const first = 'object' in status ? 0 : status.kept
        const end = await send({ kind: 'bytes', first, last: size - 1, total: size }, whole.subarray(first))
        expect(end).toEqual({ object: { size } })
        expect((await stored(size)).equals(whole)).toBe(true)
        expect(await send({ kind: 'status' }, Buffer.alloc(0))).toEqual({ object: { size } })
      },
    ),
    { numRuns: 60 },
  )
}, 20_000)

test('a broken request keeps what arrived of it, in whole quanta', async () => {
  const { send } = upload()
  const whole = content(3 * QUANTUM)
  expect(await send({ kind: 'bytes', first: 0 }, whole, 2 * QUANTUM + 5)).toEqual({ kept: 2 * QUANTUM })
})

test('a chunk that is no multiple of 256 KiB is kept down to one; a smaller one is refused', async () => {
  const { send } = upload()
  const chunk = content(QUANTUM + 10)
  expect(await send({ kind: 'bytes', first: 0, last: QUANTUM + 9 }, chunk)).toEqual({ kept: QUANTUM })
  await expect(send({ kind: 'bytes', first: QUANTUM, last: QUANTUM + 9 }, content(10))).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('The received request contained 10 bytes'),
  })
})

test('a size that was said once stands', async () => {
  const { send } = upload()
  await send({ kind: 'bytes', first: 0, last: QUANTUM - 1, total: 2 * QUANTUM }, content(QUANTUM))
  const more = send({ kind: 'bytes', first: QUANTUM, last: 2 * QUANTUM - 1, total: 3 * QUANTUM }, content(QUANTUM))
  await expect(more).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})

test('a rest that ends before what is kept already does not end the upload', async () => {
  const { send } = upload()
  await send({ kind: 'bytes', first: 0, last: QUANTUM - 1 }, content(QUANTUM))
  expect(await send({ kind: 'bytes', first: 0 }, content(10))).toEqual({ kept: QUANTUM })
})

test('a status query that names the size of what is kept ends the upload', async () => {
  const { send } = upload()
  await send({ kind: 'bytes', first: 0, last: QUANTUM - 1 }, content(QUANTUM))
  expect(await send({ kind: 'status', total: QUANTUM + 1 }, Buffer.alloc(0))).toEqual({ kept: QUANTUM })
  expect(await send({ kind: 'status', total: QUANTUM }, Buffer.alloc(0))).toEqual({ object: { size: QUANTUM } })
})

test('a request that comes while an earlier one hangs replaces it', async () => {
  const { session, send } = upload()
  const hanging = Promise.withResolvers<void>()
  const stuck: Body = {
    destroy: () => hanging.reject(new Error('destroyed')),
    async *[Symbol.asyncIterator]() {
      yield content(QUANTUM)
      await hanging.promise
    },
  }
  const first = session.receive({ range: { kind: 'bytes', first: 0 }, body: stuck }, () => expect.unreachable())
  expect(await send({ kind: 'status' }, Buffer.alloc(0))).toEqual({ kept: QUANTUM })
  expect(await first).toEqual({ kept: QUANTUM })
})

test.each([
  ['bytes 0-9/10', { kind: 'bytes', first: 0, last: 9, total: 10 }],
  ['bytes 5-*/*', { kind: 'bytes', first: 5 }],
  ['bytes 0-9/*', { kind: 'bytes', first: 0, last: 9 }],
  ['bytes */*', { kind: 'status' }],
  ['bytes */10', { kind: 'status', total: 10 }],
  ['bytes 0--1/0', { kind: 'bytes', first: 0, last: -1, total: 0 }],
  [undefined, { kind: 'bytes', first: 0 }],
])('the Content-Range %s is understood', (header, range) => {
  expect(parseContentRange(header)).toEqual(range)
})

test.each(['0-9/10', 'bytes 0-9', 'bytes */x', 'bytes 1-0-2/3'])('the Content-Range %s is refused', (header) => {
  expect(() => parseContentRange(header)).toThrow('Failed to parse Content-Range header.')
})
