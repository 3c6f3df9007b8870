import type { FastifyInstance } from 'fastify'
import { page } from '../../shared/index.ts'
import { parseResource } from './body.ts'
import {
  bucketName,
  bucketResource,
  locationType,
  newBucketSettings,
  patchedBucket,
  updatedBucket,
} from './bucket-resource.ts'
import { baseUrl, type Context, pathOf } from './context.ts'
import { count, defined, parameters, preconditions, required } from './parameters.ts'

const METAGENERATION = ['ifMetagenerationMatch', 'ifMetagenerationNotMatch'] as const

/** buckets.* of the JSON API (cloud.google.com/storage/docs/json_api/v1/buckets). */
export function bucketRoutes(app: FastifyInstance, { buckets }: Context): void {
  app.post('/b', (request) => {
    const query = parameters(request, 'buckets.insert', ['project'])
    const body = parseResource(request.body)
    const project = required(query.project, 'project')
    const name = required(bucketName(body), 'name')
    return bucketResource(buckets.create(project, name, newBucketSettings(body)), baseUrl(request))
  })

  app.get('/b', (request) => {
    const query = parameters(request, 'buckets.list', ['project', 'prefix', 'maxResults', 'pageToken'])
    const { prefix = '', pageToken } = query
    const all = buckets.of(required(query.project, 'project')).filter(({ name }) => name.startsWith(prefix))
    const wanted = defined({ pageSize: count(query.maxResults, 'maxResults'), pageToken })
    const { items, nextPageToken } = page(all, ({ name }) => name, wanted)
    const resources = items.map((bucket) => bucketResource(bucket, baseUrl(request)))
    return {
      kind: 'storage#buckets',
      ...(nextPageToken && { nextPageToken }),
      ...(resources.length > 0 && { items: resources }),
    }
  })

  app.get('/b/:bucket', (request) => {
    const query = parameters(request, 'buckets.get', METAGENERATION)
    return bucketResource(buckets.get(pathOf(request).bucket!).read(preconditions(query)), baseUrl(request))
  })

  /** Asked by gcloud before it lists or removes anything. */
  app.get('/b/:bucket/storageLayout', (request) => {
    parameters(request, 'buckets.getStorageLayout', ['prefix'])
    const { name, settings } = buckets.get(pathOf(request).bucket!).record
    const { location } = settings
    return { kind: 'storage#storageLayout', bucket: name, location, locationType: locationType(location) }
  })

  /** None can be made here, and gcloud asks before it removes a bucket. */
  app.get('/b/:bucket/managedFolders', (request) => {
    parameters(request, 'managedFolders.list', ['pageSize', 'pageToken', 'prefix'])
    buckets.get(pathOf(request).bucket!)
    return { kind: 'storage#managedFolders' }
  })

  for (const [method, name, change] of [
    ['PATCH', 'buckets.patch', patchedBucket],
    ['PUT', 'buckets.update', updatedBucket],
  ] as const) {
    app.route({
      method,
      url: '/b/:bucket',
      handler: (request) => {
        const query = parameters(request, name, METAGENERATION)
        const bucket = buckets.get(pathOf(request).bucket!)
        const changed = bucket.reset(change(parseResource(request.body)), preconditions(query))
        return bucketResource(changed, baseUrl(request))
      },
    })
  }

  app.delete('/b/:bucket', (request, reply) => {
    const query = parameters(request, 'buckets.delete', METAGENERATION)
    buckets.delete(pathOf(request).bucket!, preconditions(query))
    return reply.code(204).send()
  })
}
