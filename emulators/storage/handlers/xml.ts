import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type ServiceError, toServiceError, unimplemented, wire } from '../../shared/index.ts'
import { type Context, pathOf } from './context.ts'
import { headerText, sendContent } from './downloads.ts'

/** The API's own first path segments, which are never buckets. */
const RESERVED = ['b', 'batch', 'channels', 'download', 'projects', 'resumable', 'storage', 'upload']

/** GET and HEAD of an object at `/{bucket}/{object}`, as in the XML API: what a browser or an HTTP reader asks for. */
export function xmlRoutes(app: FastifyInstance, { buckets, blobs }: Context): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = toServiceError(thrown)
    if (RESERVED.includes(pathOf(request).bucket!)) throw error
    return reply.code(statusOf(error)).type('application/xml; charset=UTF-8').send(errorDocument(error))
  })
  app.route({
    method: ['GET', 'HEAD'],
    url: '/:bucket/*',
    handler: (request, reply) => {
      const { bucket, '*': name } = pathOf(request)
      refuseOthers(request)
      const object = buckets.get(bucket!).readObject(name!, {})
      reply.headers(customMetadata(object.settings.metadata))
      return sendContent(request, reply, object, blobs)
    },
  })
}

function refuseOthers(request: FastifyRequest): void {
  if (RESERVED.includes(pathOf(request).bucket!)) throw unimplemented(`${request.method} ${request.url.split('?')[0]}`)
  const [parameter] = Object.keys(request.query as object)
  if (parameter !== undefined) throw unimplemented(`the parameter ${parameter} of the XML API`)
  const header = Object.keys(request.headers).find((name) => name.startsWith('x-goog-if-'))
  if (header !== undefined) throw unimplemented(`the header ${header}`)
}

const customMetadata = (metadata: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(
    Object.entries(metadata)
      .filter(([key]) => /^[\w!#$%&'*+.^`|~-]+$/.test(key))
      .map(([key, value]) => [`x-goog-meta-${key}`, headerText(value)]),
  )

const statusOf = (error: ServiceError) => error.options.http ?? wire[error.code].http

function errorDocument(error: ServiceError): string {
  const code = { 404: error.message.startsWith('No such object') ? 'NoSuchKey' : 'NoSuchBucket', 416: 'InvalidRange' }[
    statusOf(error)
  ]
  const message = code === 'NoSuchKey' ? 'The specified key does not exist.' : error.message
  const text = message.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`)
  return `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code ?? error.code}</Code><Message>${text}</Message></Error>`
}
