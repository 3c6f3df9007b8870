import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { invalidArgument, ServiceError } from '../../shared/index.ts'
import type { Checksums } from '../checksums.ts'
import { takeIn } from '../model/content.ts'
import type { StoredObject } from '../model/object.ts'
import { parseContentRange } from '../model/resumable-upload.ts'
import { parseRelated } from '../multipart.ts'
import { type Json, parseResource } from './body.ts'
import { baseUrl, type Context, pathOf, type UploadIntent } from './context.ts'
import { objectIdentity, objectResource, objectSettings } from './object-resource.ts'
import { count, defined, PRECONDITIONS, parameters, preconditions, required } from './parameters.ts'

const INSERT = ['name', 'contentEncoding', 'upload_id', ...PRECONDITIONS] as const

/**
 * objects.insert with its three kinds of upload, and the requests of a resumable one. Bodies are read as they arrive
 * (cloud.google.com/storage/docs/uploads-downloads).
 */
export function uploadRoutes(app: FastifyInstance, context: Context): void {
  const url = '/b/:bucket/o'

  app.post(url, async (request, reply) => {
    const { uploadType, upload_id } = request.query as { uploadType?: string; upload_id?: string }
    if (upload_id !== undefined) return resume(request, reply, context)
    if (uploadType === 'media') return objectResource(await insertMedia(request, context), baseUrl(request))
    if (uploadType === 'multipart') return objectResource(await insertMultipart(request, context), baseUrl(request))
    if (uploadType === 'resumable') return start(request, reply, context)
    throw invalidArgument(`Invalid upload type: ${uploadType ?? '(none)'}`, {
      location: { type: 'parameter', name: 'uploadType' },
    })
  })

  app.put(url, (request, reply) => resume(request, reply, context))

  app.delete(url, async (request) => {
    const id = uploadId(request)
    const { session } = context.uploads.get(id)
    await session.cancel()
    context.uploads.settle(id)
    throw new ServiceError('CANCELLED', 'Client Closed Request', { reason: 'clientClosedRequest' })
  })
}

async function insertMedia(request: FastifyRequest, context: Context): Promise<StoredObject> {
  const intent = intended(request, {}, contentType(request))
  context.buckets.get(intent.bucket).checkInsert(intent.name, intent.settings, intent.required)
  return insert(intent, await takeIn(context.blobs, request.raw), context)
}

async function insertMultipart(request: FastifyRequest, context: Context): Promise<StoredObject> {
  const parts = await parseRelated(contentType(request) ?? '', request.raw)
  const intent = intended(request, parseResource(parts.metadata), parts.contentType)
  context.buckets.get(intent.bucket).checkInsert(intent.name, intent.settings, intent.required)
  return insert(intent, await takeIn(context.blobs, parts.content), context)
}

/** Begins a session: nothing but its address is given back. */
async function start(request: FastifyRequest, reply: FastifyReply, { buckets, uploads }: Context) {
  const { 'x-upload-content-type': type, 'x-upload-content-length': length } = request.headers
  const intent = intended(
    request,
    parseResource(await resourceText(request)),
    type === undefined ? undefined : String(type),
  )
  buckets.get(intent.bucket).checkInsert(intent.name, intent.settings, intent.required)
  const total = count(length === undefined ? undefined : String(length), 'X-Upload-Content-Length')
  const id = uploads.start(intent, total)
  const address = new URL(`${baseUrl(request)}/upload/storage/v1/b/${intent.bucket}/o`)
  address.search = new URLSearchParams({ uploadType: 'resumable', name: intent.name, upload_id: id }).toString()
  return reply.headers({ location: address.href, 'x-guploader-uploadid': id }).send()
}

const LARGEST_RESOURCE = 2 ** 20

async function resourceText({ raw }: FastifyRequest): Promise<string> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of raw as AsyncIterable<Buffer>) {
    size += piece.length
    if (size > LARGEST_RESOURCE) throw invalidArgument('The resource of an upload is too large.', { http: 413 })
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}

/** A chunk, or a question how far the upload has come. */
async function resume(request: FastifyRequest, reply: FastifyReply, context: Context) {
  const id = uploadId(request)
  const { session, intent } = context.uploads.get(id)
  const { 'content-range': range, 'content-length': length } = request.headers
  const progress = await session
    .receive(
      {
        range: parseContentRange(range),
        ...(length !== undefined && { bodyLength: Number(length) }),
        body: request.raw,
      },
      (content) =>
        insert({ ...intent, declared: { ...intent.declared, ...declaredHashes(request) } }, content, context),
    )
    .finally(() => context.uploads.settle(id))
  reply.header('x-guploader-uploadid', id)
  if ('object' in progress) return objectResource(progress.object, baseUrl(request))
  if (progress.kept > 0) reply.header('range', `bytes=0-${progress.kept - 1}`)
  // 308 means a permanent redirect to some HTTP libraries, so a client may ask for another form (as Go's does).
  if (request.headers['x-guploader-no-308'] !== 'yes') return reply.code(308).send()
  return reply.code(200).header('x-http-status-code-override', '308').send()
}

function insert(
  { bucket, name, settings, declared, required }: UploadIntent,
  content: Awaited<ReturnType<typeof takeIn>>,
  { buckets }: Context,
): StoredObject {
  return buckets.insert(bucket, { name, settings, declared, content }, required)
}

/** `type` is what the protocol says of the content; the resource overrides it. */
function intended(request: FastifyRequest, body: Json, type: string | undefined): UploadIntent {
  const query = parameters(request, 'objects.insert', INSERT)
  const { name: named, ...declared } = objectIdentity(body)
  if (named !== undefined && query.name !== undefined && named !== query.name) {
    throw invalidArgument(`Value '${named}' in content does not agree with value '${query.name}'.`)
  }
  return {
    bucket: pathOf(request).bucket!,
    name: required(query.name ?? named, 'name'),
    settings: {
      contentType: type ?? 'application/octet-stream',
      ...objectSettings(body),
      ...defined({ contentEncoding: query.contentEncoding }),
    },
    declared: { ...declared, ...declaredHashes(request) },
    required: preconditions(query),
  }
}

/** `X-Goog-Hash: crc32c=…,md5=…` */
function declaredHashes({ headers }: FastifyRequest): Partial<Checksums> {
  const hashes = new Map(
    String(headers['x-goog-hash'] ?? '')
      .split(',')
      .map((hash): [string, string] => [hash.trim().split('=', 1)[0]!, hash.trim().replace(/^[^=]*=/, '')]),
  )
  return defined({ crc32c: hashes.get('crc32c'), md5Hash: hashes.get('md5') })
}

const uploadId = (request: FastifyRequest) => required((request.query as { upload_id?: string }).upload_id, 'upload_id')

/** Set aside by the server, which must not judge it: gcloud's is no valid media type. */
const contentType = (request: FastifyRequest) => request.uploadContentType
