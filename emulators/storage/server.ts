import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type FaultPlan, jsonApi, toServiceError, unimplemented, wire } from '../shared/index.ts'
import { bucketRoutes } from './handlers/buckets.ts'
import type { Context } from './handlers/context.ts'
import { copyRoutes } from './handlers/copies.ts'
import { parseFields, select } from './handlers/fields.ts'
import { downloadRoutes, isMedia, objectRoutes } from './handlers/objects.ts'
import { unsupportedRoutes } from './handlers/unsupported.ts'
import { uploadRoutes } from './handlers/uploads.ts'
import { xmlRoutes } from './handlers/xml.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The Content-Type of an upload as it was sent. */
    uploadContentType?: string | undefined
  }
}

/** What would change an answer if it were honoured. */
const REFUSED_HEADERS = [/^x-goog-(copy-source-)?encryption-/, /^if-(match|none-match|unmodified-since|range)$/]

/** Every path of the JSON API, with and without the version in it: some clients leave it out for an emulator. */
export function storageServer(context: Context, faults?: FaultPlan): FastifyInstance {
  const app = jsonApi(faults)
  app.addHook('onRequest', async ({ headers }) => {
    const refused = Object.keys(headers).find((name) => REFUSED_HEADERS.some((pattern) => pattern.test(name)))
    if (refused) throw unimplemented(`the header ${refused}`)
  })
  // Nothing is acknowledged before it is safe.
  app.addHook('onSend', async ({ method }, _reply, payload) => {
    if (method !== 'GET' && method !== 'HEAD') await context.blobs.flushed()
    return payload
  })
  for (const version of ['', '/storage/v1']) {
    app.register(async (scope) => json(scope, context), { prefix: version })
    app.register(async (scope) => downloads(scope, context), { prefix: `/download${version}` })
    app.register(async (scope) => uploads(scope, context), { prefix: `/upload${version}` })
    app.register(async (scope) => uploads(scope, context), { prefix: `/resumable/upload${version}` }) // gcloud's
  }
  app.register(async (scope) => xmlRoutes(scope, context))
  return app
}

function json(scope: FastifyInstance, context: Context): void {
  takeBodiesAsText(scope)
  answerPartially(scope)
  answerErrors(scope)
  bucketRoutes(scope, context)
  objectRoutes(scope, context)
  copyRoutes(scope, context)
  unsupportedRoutes(scope)
}

function downloads(scope: FastifyInstance, context: Context): void {
  answerErrors(scope)
  downloadRoutes(scope, context)
}

function uploads(scope: FastifyInstance, context: Context): void {
  leaveBodiesAlone(scope)
  answerPartially(scope)
  answerErrors(scope)
  uploadRoutes(scope, context)
}

/** Some clients send JSON under another type, or an empty body as JSON. */
function takeBodiesAsText(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
}

function leaveBodiesAlone(scope: FastifyInstance): void {
  scope.addHook('onRequest', async (request) => {
    request.uploadContentType = request.headers['content-type']
    delete request.raw.headers['content-type']
    const encoding = request.headers['content-encoding'] ?? 'identity'
    if (encoding !== 'identity') throw unimplemented(`a body in the Content-Encoding ${encoding}`)
  })
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
  // A refusal may come before all of the body has been read, and what is left stands before the next request.
  scope.addHook('onResponse', async ({ raw }) => {
    raw.removeAllListeners('readable') // of whoever stopped reading: it would hold the rest back
    raw.resume()
  })
}

function answerPartially(scope: FastifyInstance): void {
  scope.addHook('preSerialization', async (request, _reply, payload) => {
    const { fields } = request.query as { fields?: string }
    const isResource = typeof payload === 'object' && payload !== null && 'kind' in payload
    return fields && isResource ? select(payload, parseFields(fields)) : payload
  })
}

/** A 304 has no body, and an error where content was asked for is plain text, as the service gives it. */
function answerErrors(scope: FastifyInstance): void {
  scope.setErrorHandler((thrown, request: FastifyRequest, reply: FastifyReply) => {
    const error = toServiceError(thrown)
    const status = error.options.http ?? wire[error.code].http
    if (status === 304) return reply.code(304).send()
    const isContent = request.method === 'GET' && (isMedia(request.query) || request.url.startsWith('/download/'))
    if (!isContent) throw error
    return reply.code(status).type('text/html; charset=UTF-8').send(error.message)
  })
}
