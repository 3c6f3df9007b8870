import type { FastifyInstance } from 'fastify'
import { parseResource } from './body.ts'
import { baseUrl, type Context, pathOf } from './context.ts'
import { sendContent } from './downloads.ts'
import { objectResource, patchedSettings, updatedSettings } from './object-resource.ts'
import { count, defined, flag, PRECONDITIONS, parameters, selection } from './parameters.ts'

const ONE_OBJECT = ['generation', ...PRECONDITIONS] as const
const LIST = [
  'prefix',
  'delimiter',
  'includeTrailingDelimiter',
  'includeFoldersAsPrefixes',
  'startOffset',
  'endOffset',
  'matchGlob',
  'maxResults',
  'pageToken',
  'versions',
] as const

/** objects.list, get, patch, update and delete (cloud.google.com/storage/docs/json_api/v1/objects). */
export function objectRoutes(app: FastifyInstance, { buckets, blobs }: Context): void {
  app.get('/b/:bucket/o', (request) => {
    // `versions` adds nothing: no bucket here has versioning, so all versions are the live ones.
    const { includeTrailingDelimiter, maxResults, ...texts } = parameters(request, 'objects.list', LIST)
    const { objects, prefixes, nextPageToken } = buckets.get(pathOf(request).bucket!).list({
      ...texts,
      includeTrailingDelimiter: flag(includeTrailingDelimiter, 'includeTrailingDelimiter'),
      ...defined({ maxResults: count(maxResults, 'maxResults') }),
    })
    return {
      kind: 'storage#objects',
      ...(nextPageToken !== undefined && { nextPageToken }),
      ...(prefixes.length > 0 && { prefixes }),
      ...(objects.length > 0 && { items: objects.map((object) => objectResource(object, baseUrl(request))) }),
    }
  })

  app.get('/b/:bucket/o/:object', (request, reply) => {
    const query = parameters(request, 'objects.get', ONE_OBJECT)
    const { bucket, object } = pathOf(request)
    const found = buckets.get(bucket!).readObject(object!, selection(query))
    if (!isMedia(request.query)) return objectResource(found, baseUrl(request))
    return sendContent(request, reply, found, blobs)
  })

  for (const [method, name, change] of [
    ['PATCH', 'objects.patch', patchedSettings],
    ['PUT', 'objects.update', updatedSettings],
  ] as const) {
    app.route({
      method,
      url: '/b/:bucket/o/:object',
      handler: (request) => {
        const query = parameters(request, name, ONE_OBJECT)
        const { bucket, object } = pathOf(request)
        const settings = change(parseResource(request.body))
        return objectResource(buckets.get(bucket!).resetObject(object!, settings, selection(query)), baseUrl(request))
      },
    })
  }

  app.delete('/b/:bucket/o/:object', (request, reply) => {
    // Google's client for Node.js, told to delete all objects of a prefix, sends what it listed them by along with each.
    const query = parameters(request, 'objects.delete', [...ONE_OBJECT, ...LIST])
    const { bucket, object } = pathOf(request)
    buckets.get(bucket!).delete(object!, selection(query))
    return reply.code(204).send()
  })
}

/** The paths below `/download`: always content. */
export function downloadRoutes(app: FastifyInstance, { buckets, blobs }: Context): void {
  app.get('/b/:bucket/o/:object', (request, reply) => {
    const query = parameters(request, 'objects.get', ONE_OBJECT)
    const { bucket, object } = pathOf(request)
    return sendContent(request, reply, buckets.get(bucket!).readObject(object!, selection(query)), blobs)
  })
}

export const isMedia = (query: unknown) => (query as { alt?: string }).alt === 'media'
