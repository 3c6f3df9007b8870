import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { manualClock } from '../../clock/index.ts'
import type { Listening } from '../shared/index.ts'
import { startStorage } from './index.ts'

/** The corners of the protocol that the official client does not reach. */
type BodyInit = NonNullable<RequestInit['body']>
const QUANTUM = 256 * 1024
const clock = manualClock()
let emulator: Listening
let origin: string
let bucket: string
let buckets = 0

beforeAll(async () => {
  emulator = await startStorage({ clock })
  origin = `http://127.0.0.1:${emulator.port}`
})
afterAll(() => emulator[Symbol.asyncDispose]())
beforeEach(async () => {
  bucket = `bucket-${++buckets}`
  await json('POST', '/storage/v1/b?project=p', JSON.stringify({ name: bucket }))
})

const call = (method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}) =>
  fetch(path.startsWith('http') ? path : origin + path, { method, headers, ...(body !== undefined && { body }) })
async function json(method: string, path: string, body?: BodyInit, headers?: Record<string, string>) {
  const response = await call(method, path, body, headers)
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}
const put = (name: string, content: BodyInit, query = '', headers: Record<string, string> = {}) =>
  json('POST', `/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${name}${query}`, content, headers)

describe('paths and links', () => {
  test('every path works with and without the version in it', async () => {
    await json('POST', `/upload/b/${bucket}/o?uploadType=media&name=x`, 'content')
    const direct = await json('GET', `/b/${bucket}/o/x`)
    expect(direct.body).toEqual((await json('GET', `/storage/v1/b/${bucket}/o/x`)).body)
    for (const path of [`/download/b/${bucket}/o/x?alt=media`, `/download/storage/v1/b/${bucket}/o/x`]) {
      expect(await (await call('GET', path)).text()).toBe('content')
    }
  })

  test("an object's links lead back to the address that the caller used", async () => {
    const { body } = await put('a%2Fb', 'content')
    expect(body.selfLink).toBe(`${origin}/storage/v1/b/${bucket}/o/a%2Fb`)
    expect(await (await call('GET', body.mediaLink)).text()).toBe('content')
    const viaName = await json('GET', `http://localhost:${emulator.port}/b/${bucket}/o/a%2Fb`)
    expect(viaName.body.selfLink).toBe(`http://localhost:${emulator.port}/storage/v1/b/${bucket}/o/a%2Fb`)
  })

  test('an object can be read at its XML path, and errors there are XML', async () => {
    await put('a%2Fb.txt', 'content')
    const response = await call('GET', `/${bucket}/a/b.txt`)
    expect([response.status, await response.text()]).toEqual([200, 'content'])
    const head = await call('HEAD', `/${bucket}/a/b.txt`)
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['7', ''])
    const missing = await call('GET', `/${bucket}/none`)
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('<Code>NoSuchKey</Code>')])
  })
})

describe('errors', () => {
  test.each([
    ['GET', '/b', undefined, 400, 'required', 'Required parameter: project'],
    ['POST', '/b?project=p', '{"name":"No"}', 400, 'invalid', "Invalid bucket name: 'No'"],
    ['POST', '/b?project=p', '{', 400, 'parseError', 'Parse Error'],
    ['GET', '/b/none', undefined, 404, 'notFound', 'The specified bucket does not exist.'],
    ['GET', '/b/BUCKET/o/none', undefined, 404, 'notFound', 'No such object: BUCKET/none'],
    ['GET', '/b/BUCKET/o?maxResults=-1', undefined, 400, 'invalidParameter', 'Invalid value for maxResults: -1'],
    ['GET', '/b/BUCKET/o?pageToken=xyz', undefined, 400, 'invalid', 'Invalid argument.'],
    ['DELETE', '/b/BUCKET/o/x?ifGenerationMatch=one', undefined, 400, 'invalidParameter', /ifGenerationMatch/],
    ['POST', '/upload/b/BUCKET/o?uploadType=media', 'x', 400, 'required', 'Required parameter: name'],
    ['POST', '/upload/b/BUCKET/o?uploadType=odd&name=x', 'x', 400, 'invalid', 'Invalid upload type: odd'],
    [
      'POST',
      '/upload/b/BUCKET/o?uploadType=media&name=x&predefinedAcl=private',
      'x',
      501,
      'notImplemented',
      /predefinedAcl/,
    ],
    ['GET', '/b/BUCKET/o?softDeleted=true', undefined, 501, 'notImplemented', /softDeleted/],
    ['GET', '/b/BUCKET/iam', undefined, 501, 'notImplemented', /buckets.getIamPolicy/],
    ['POST', '/b/BUCKET/notificationConfigs', '{}', 501, 'notImplemented', /notifications.insert/],
    ['POST', '/batch/storage/v1', '', 501, 'notImplemented', /batch/],
    ['PUT', '/BUCKET/object', 'x', 501, 'notImplemented', /PUT/],
  ])('%s %s with %j answers %i %s', async (method, path, body, status, reason, message) => {
    const answer = await json(method, path.replaceAll('BUCKET', bucket), body)
    const text = typeof message === 'string' ? message.replaceAll('BUCKET', bucket) : expect.stringMatching(message)
    expect(answer).toMatchObject({ status, body: { error: { code: status, message: text, errors: [{ reason }] } } })
  })

  test('an error where content was asked for is plain text', async () => {
    const response = await call('GET', `/b/${bucket}/o/none?alt=media`)
    expect(response.headers.get('content-type')).toBe('text/html; charset=UTF-8')
    expect(await response.text()).toBe(`No such object: ${bucket}/none`)
  })

  test('a read that requires a difference is a 304 without a body when there is none', async () => {
    const { body } = await put('x', 'content')
    for (const query of [`ifGenerationNotMatch=${body.generation}`, 'ifMetagenerationNotMatch=1&alt=media']) {
      const response = await call('GET', `/b/${bucket}/o/x?${query}`)
      expect([response.status, await response.text()]).toEqual([304, ''])
    }
    expect((await call('GET', `/b/${bucket}/o/x?ifGenerationMatch=1&alt=media`)).status).toBe(412)
    expect((await json('DELETE', `/b/${bucket}/o/x?ifGenerationNotMatch=${body.generation}`)).status).toBe(412)
  })
})

describe('uploads', () => {
  const start = async (name: string, headers: Record<string, string> = {}, body = '', query = '') => {
    const path = `/upload/storage/v1/b/${bucket}/o?uploadType=resumable&name=${name}${query}`
    const response = await call('POST', path, body, headers)
    expect([response.status, await response.text()]).toEqual([200, ''])
    return response.headers.get('location')!
  }
  const send = async (session: string, range: string, content: BodyInit = '', headers: Record<string, string> = {}) => {
    const response = await call('PUT', session, content, { 'content-range': range, ...headers })
    const text = await response.text()
    return { status: response.status, range: response.headers.get('range'), text, headers: response.headers }
  }

  test('a resumable upload answers 308 with what it has, then 200 with the object, and again', async () => {
    const content = Buffer.alloc(2 * QUANTUM + 5, 'x')
    const metadata = JSON.stringify({ contentType: 'a/b', metadata: { k: 'v' } })
    const session = await start('x', { 'content-type': 'application/json' }, metadata)
    expect(session.startsWith(`${origin}/upload/storage/v1/b/${bucket}/o?`)).toBe(true)
    expect(await send(session, 'bytes */*')).toMatchObject({ status: 308, range: null, text: '' })
    const half = await send(session, `bytes 0-${QUANTUM - 1}/*`, content.subarray(0, QUANTUM))
    expect(half).toMatchObject({ status: 308, range: `bytes=0-${QUANTUM - 1}` })
    expect(await send(session, 'bytes */*')).toMatchObject({ status: 308, range: `bytes=0-${QUANTUM - 1}` })
    expect((await json('GET', `/b/${bucket}/o/x`)).status).toBe(404)
    const rest = `bytes ${QUANTUM}-${content.length - 1}/${content.length}`
    const end = await send(session, rest, content.subarray(QUANTUM))
    expect(end.status).toBe(200)
    expect(JSON.parse(end.text)).toMatchObject({ name: 'x', size: String(content.length), contentType: 'a/b' })
    expect(await send(session, 'bytes */*')).toMatchObject({ status: 200, text: end.text })
    expect(await send(session, rest, content.subarray(QUANTUM))).toMatchObject({ status: 200, text: end.text })
  })

  test('an upload whose size was announced ends as soon as so many bytes are there', async () => {
    const session = await start('x', { 'x-upload-content-length': String(QUANTUM), 'x-upload-content-type': 'c/d' })
    const end = await send(session, 'bytes 0-*/*', Buffer.alloc(QUANTUM))
    expect([end.status, JSON.parse(end.text).contentType]).toEqual([200, 'c/d'])
  })

  test('a chunk that leaves a gap is a 503 in the words of the service', async () => {
    const session = await start('x')
    const { status, text } = await send(session, `bytes ${QUANTUM}-${QUANTUM + 3}/*`, 'abcd')
    expect(status).toBe(503)
    expect(text).toContain(
      `According to the Content-Range header, the upload offset is ${QUANTUM} byte(s), which exceeds already uploaded size of 0 byte(s).`,
    )
  })

  test('a client that cannot see 308 gets 200 with the status in a header', async () => {
    const session = await start('x')
    const { status, headers } = await send(session, 'bytes */*', '', { 'x-guploader-no-308': 'yes' })
    expect([status, headers.get('x-http-status-code-override')]).toEqual([200, '308'])
  })

  test('a cancelled upload answers 499, also to what comes after', async () => {
    const session = await start('x')
    expect((await call('DELETE', session)).status).toBe(499)
    expect((await send(session, 'bytes */*')).status).toBe(499)
    expect((await send(session, 'bytes 0-*/*', 'x')).status).toBe(499)
    expect((await json('GET', `/b/${bucket}/o/x`)).status).toBe(404)
    expect((await send(session.replace(/upload_id=.*/, 'upload_id=never'), 'bytes */*')).status).toBe(404)
  })

  test('a connection that breaks leaves what arrived, and the upload goes on from there', async () => {
    const session = new URL(await start('x'))
    const socket = connect(emulator.port, '127.0.0.1')
    const head = [
      'PUT ',
      session.pathname,
      session.search,
      ' HTTP/1.1\r\nHost: x\r\n',
      'Content-Range: bytes 0-*/*\r\n',
    ]
    socket.write(`${head.join('')}Content-Length: ${3 * QUANTUM}\r\n\r\n`)
    await new Promise((resolve) => socket.write(Buffer.alloc(QUANTUM + 100, 'a'), resolve))
    socket.resume().end()
    await new Promise((resolve) => socket.once('close', resolve))
    expect((await send(session.href, 'bytes */*')).range).toBe(`bytes=0-${QUANTUM - 1}`)
    const end = await send(session.href, `bytes ${QUANTUM}-${QUANTUM + 1}/${QUANTUM + 2}`, 'aa')
    expect(JSON.parse(end.text).size).toBe(String(QUANTUM + 2))
  })

  test('the precondition of a resumable upload is that of the moment it ends', async () => {
    const session = await start('x', {}, '', '&ifGenerationMatch=0')
    await put('x', 'first')
    expect((await send(session, 'bytes 0-5/6', 'second')).status).toBe(412)
    expect((await send(session, 'bytes */*')).status).toBe(404)
    expect(await (await call('GET', `/b/${bucket}/o/x?alt=media`)).text()).toBe('first')
    const early = await call('POST', `/upload/b/${bucket}/o?uploadType=resumable&name=x&ifGenerationMatch=0`)
    expect(early.status).toBe(412)
  })

  test('an upload expires after a week', async () => {
    const session = await start('x')
    clock.advance(7 * 24 * 60 * 60 * 1000)
    expect((await send(session, 'bytes */*')).status).toBe(404)
  })

  test.each([
    ['X-Goog-Hash of a media upload', () => put('x', 'content', '', { 'x-goog-hash': 'crc32c=AAAAAA==' })],
    [
      'X-Goog-Hash of the last chunk',
      async () => send(await start('x'), 'bytes 0-6/7', 'content', { 'x-goog-hash': 'md5=AAAA,crc32c=AAAAAA==' }),
    ],
    ['md5Hash in the metadata', async () => send(await start('x', {}, '{"md5Hash":"AAAA"}'), 'bytes 0-6/7', 'content')],
  ])('a wrong %s is a 400, and nothing is stored', async (_, attempt) => {
    expect((await attempt()).status).toBe(400)
    expect((await json('GET', `/b/${bucket}/o/x`)).status).toBe(404)
  })

  test('a body that is zipped for its journey is refused by name', async () => {
    const { status, body } = await put('x', gzipSync('x'), '', { 'content-encoding': 'gzip' })
    expect([status, body.error.message]).toEqual([501, expect.stringContaining('Content-Encoding gzip')])
  })

  test('a multipart upload in the way of gcloud is understood', async () => {
    const lines = ['--===1==', 'Content-Type: application/json', '', '{"name":"x","contentType":"e/f"}', '--===1==']
    const body = [
      ...lines,
      'Content-Type: text/plain',
      'Content-Transfer-Encoding: binary',
      '',
      'a\n--b',
      '--===1==--',
    ].join('\n')
    const headers = { 'content-type': "multipart/related; boundary='===1=='" }
    const path = `/resumable/upload/storage/v1/b/${bucket}/o?uploadType=multipart&alt=json`
    expect((await json('POST', path, body, headers)).body).toMatchObject({ name: 'x', contentType: 'e/f', size: '5' })
  })
})

describe('downloads', () => {
  test.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-30', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=5-500', 206, '56789', 'bytes 5-9/10'],
    ['bytes=10-', 416, 'Requested range not satisfiable', 'bytes */10'],
    ['bytes=-0', 416, 'Requested range not satisfiable', 'bytes */10'],
    ['bytes=0-1,3-4', 200, '0123456789', null],
    ['bytes=4-2', 200, '0123456789', null],
    ['lines=1-2', 200, '0123456789', null],
  ])('Range: %s answers %i', async (range, status, text, contentRange) => {
    await put('x', '0123456789')
    const response = await call('GET', `/b/${bucket}/o/x?alt=media`, undefined, { range })
    expect([response.status, await response.text()]).toEqual([status, text])
    expect(response.headers.get('content-range')).toBe(contentRange)
  })

  test('the headers tell what the object is', async () => {
    const { body } = await put('x', 'content', '', { 'content-type': 'text/plain' })
    await json('PATCH', `/b/${bucket}/o/x`, '{"contentDisposition":"attachment; filename=ü","cacheControl":"no-store"}')
    const { headers } = await call('GET', `/b/${bucket}/o/x?alt=media`)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/plain',
      'content-length': '7',
      'cache-control': 'no-store',
      'content-disposition': Buffer.from('attachment; filename=ü').toString('latin1'),
      'x-goog-generation': body.generation,
      'x-goog-metageneration': '2',
      'x-goog-hash': `crc32c=${body.crc32c},md5=${body.md5Hash}`,
      'x-goog-stored-content-encoding': 'identity',
      'x-goog-stored-content-length': '7',
    })
    expect(headers.get('etag')).toBe((await json('GET', `/b/${bucket}/o/x`)).body.etag)
  })

  test.each([
    ['gzip', '', true],
    ['gzip;q=0.5', '', true],
    ['identity', '', false],
    ['gzip;q=0', '', false],
    ['identity', '{"cacheControl":"no-transform"}', true],
  ])('gzipped content for a client that accepts %s %s comes gzipped: %s', async (encoding, settings, stays) => {
    const zipped = gzipSync('hello')
    await put('x', zipped, '&contentEncoding=gzip')
    if (settings) await json('PATCH', `/b/${bucket}/o/x`, settings)
    const received = await new Promise<string>((resolve, reject) => {
      const socket = connect(emulator.port, '127.0.0.1').setEncoding('latin1').on('error', reject)
      let text = ''
      socket.on('data', (data) => (text += data)).on('end', () => resolve(text))
      const range = stays ? '' : 'Range: bytes=1-2\r\n'
      socket.write(
        `GET /b/${bucket}/o/x?alt=media HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: ${encoding}\r\n${range}\r\n`,
      )
    })
    expect(received).toContain(stays ? zipped.toString('latin1') : '\r\nhello\r\n')
    expect(/^content-encoding: gzip\r$/m.test(received)).toBe(stays)
    expect(received).toContain('x-goog-stored-content-encoding: gzip')
    expect(received.startsWith('HTTP/1.1 200')).toBe(true)
  })
})

describe('resources', () => {
  test('an update clears what it does not name, a patch does not', async () => {
    await put('x', 'content', '', { 'content-type': 'text/plain' })
    await json('PATCH', `/b/${bucket}/o/x`, '{"contentLanguage":"en","metadata":{"a":"1"}}')
    const { body } = await json('PUT', `/b/${bucket}/o/x`, '{"contentType":"x/y","metadata":{"b":"2"}}')
    expect(body).toMatchObject({ contentType: 'x/y', metadata: { b: '2' }, metageneration: '3' })
    expect(body).not.toHaveProperty('contentLanguage')
  })

  test('a rewrite is done in one call, and its resource replaces the metadata of the source', async () => {
    await put('x', 'content', '', { 'content-type': 'text/plain' })
    const path = `/b/${bucket}/o/x/rewriteTo/b/${bucket}/o/y`
    const { body } = await json('POST', path, '{"contentType":"x/y","storageClass":"NEARLINE"}')
    expect(body).toMatchObject({ kind: 'storage#rewriteResponse', done: true, objectSize: '7' })
    expect(body.resource).toMatchObject({
      name: 'y',
      contentType: 'x/y',
      storageClass: 'NEARLINE',
      metageneration: '1',
    })
    expect((await json('POST', `${path}?ifSourceGenerationMatch=1`)).status).toBe(412)
    expect((await json('POST', `${path}?ifSourceMetagenerationNotMatch=1`)).status).toBe(412)
    expect((await json('POST', `${path}?sourceGeneration=1`)).status).toBe(404)
  })

  test('a component that is not the expected generation stops a composition', async () => {
    const { body: part } = await put('part', 'x')
    const compose = (source: object) =>
      json('POST', `/b/${bucket}/o/all/compose`, JSON.stringify({ sourceObjects: [{ name: 'part', ...source }] }))
    expect((await compose({ objectPreconditions: { ifGenerationMatch: '1' } })).status).toBe(412)
    expect((await compose({ generation: '1' })).status).toBe(404)
    expect((await compose({ generation: part.generation })).body).toMatchObject({ componentCount: 1, size: '1' })
  })

  test('fields select parts of an answer', async () => {
    await put('x', 'content')
    const { body } = await json('GET', `/b/${bucket}/o?fields=kind,items/name,items(size)`)
    expect(body).toEqual({ kind: 'storage#objects', items: [{ name: 'x', size: '7' }] })
    expect((await json('GET', `/b/${bucket}/o?fields=items(name`)).status).toBe(400)
  })
})
