import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ServiceError } from '../../shared/index.ts'
import type { Blobs } from '../blobs/index.ts'
import type { StoredObject } from '../model/object.ts'
import { objectEtag } from './object-resource.ts'

/** An object's content, in whole or in part, as stored or unzipped for a client that does not take gzip. */
export function sendContent(request: FastifyRequest, reply: FastifyReply, object: StoredObject, blobs: Blobs) {
  if (isUnzipped(request, object)) return sendUnzipped(reply, object, blobs)
  const range = parseRange(request.headers.range, object.size)
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${object.size}`)
    throw unsatisfiable()
  }
  const { start, end } = range ?? { start: 0, end: object.size }
  describe(reply, object)
  if (object.settings.contentEncoding) reply.header('content-encoding', object.settings.contentEncoding)
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${object.size}`)
  reply.header('content-length', end - start)
  if (request.method === 'HEAD') return reply.send()
  return reply.send(blobs.read(object, start, end))
}

function describe(reply: FastifyReply, object: StoredObject): void {
  const {
    contentType = 'application/octet-stream',
    cacheControl,
    contentDisposition,
    contentLanguage,
  } = object.settings
  const { contentEncoding = 'identity', storageClass } = object.settings
  const hashes = [`crc32c=${object.crc32c}`, ...(object.md5Hash ? [`md5=${object.md5Hash}`] : [])]
  reply.headers({
    'accept-ranges': 'bytes',
    'content-type': headerText(contentType),
    etag: objectEtag(object),
    'last-modified': new Date(object.updated).toUTCString(),
    'x-goog-generation': String(object.generation),
    'x-goog-metageneration': String(object.metageneration),
    'x-goog-hash': hashes.join(','),
    'x-goog-storage-class': storageClass,
    'x-goog-stored-content-encoding': headerText(contentEncoding),
    'x-goog-stored-content-length': String(object.size),
    ...(object.componentCount && { 'x-goog-component-count': String(object.componentCount) }),
    ...(cacheControl && { 'cache-control': headerText(cacheControl) }),
    ...(contentDisposition && { 'content-disposition': headerText(contentDisposition) }),
    ...(contentLanguage && { 'content-language': headerText(contentLanguage) }),
  })
}

/** UTF-8, as HTTP servers send it, in the only form that Node takes; never a second header. */
export const headerText = (text: string) => Buffer.from(text.replace(/\p{Cc}/gu, ' ')).toString('latin1')

/** Decompressive transcoding (cloud.google.com/storage/docs/transcoding). */
function isUnzipped({ headers }: FastifyRequest, { settings }: StoredObject): boolean {
  const takesGzip = /(^|,)\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*(,|$))|,|$)/i.test(String(headers['accept-encoding'] ?? ''))
  return settings.contentEncoding === 'gzip' && !takesGzip && !/no-transform/i.test(settings.cacheControl ?? '')
}

/** How long the result is nobody knows yet, so there is no Content-Length, and ranges do not apply. */
function sendUnzipped(reply: FastifyReply, object: StoredObject, blobs: Blobs) {
  describe(reply, object)
  reply.removeHeader('accept-ranges').header('warning', '214 UploadServer gunzipped').header('vary', 'Accept-Encoding')
  if (reply.request.method === 'HEAD') return reply.send()
  return reply.send(pipeline(blobs.read(object, 0, object.size), createGunzip(), () => {}))
}

type Range = { readonly start: number; readonly end: number }

/** One range; several, or what is no range of bytes, may be ignored (RFC 9110, 14.2). */
function parseRange(header: string | undefined, size: number): Range | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(' ', '') ?? '') ?? []
  if (first === undefined || last === undefined || first + last === '') return undefined
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(Number(last) + 1, size)
  return start < size && start < end ? { start, end } : 'unsatisfiable'
}

const unsatisfiable = () =>
  new ServiceError('OUT_OF_RANGE', 'Requested range not satisfiable', {
    http: 416,
    reason: 'requestedRangeNotSatisfiable',
  })
