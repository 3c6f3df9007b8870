import type { FastifyInstance } from 'fastify'
import { unimplemented } from '../../shared/index.ts'

/** The JSON API's methods that this emulator does not have, each refused by its name. */
const UNSUPPORTED: readonly (readonly [
  name: string,
  method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT',
  url: string,
])[] = [
  ['anywhereCaches', 'GET', '/b/:bucket/anywhereCaches'],
  ['bucketAccessControls', 'GET', '/b/:bucket/acl'],
  ['bucketAccessControls', 'POST', '/b/:bucket/acl'],
  ['bucketAccessControls', 'GET', '/b/:bucket/acl/:entity'],
  ['bucketAccessControls', 'DELETE', '/b/:bucket/acl/:entity'],
  ['buckets.getIamPolicy', 'GET', '/b/:bucket/iam'],
  ['buckets.lockRetentionPolicy', 'POST', '/b/:bucket/lockRetentionPolicy'],
  ['buckets.restore', 'POST', '/b/:bucket/restore'],
  ['buckets.setIamPolicy', 'PUT', '/b/:bucket/iam'],
  ['buckets.testIamPermissions', 'GET', '/b/:bucket/iam/testPermissions'],
  ['channels.stop', 'POST', '/channels/stop'],
  ['defaultObjectAccessControls', 'GET', '/b/:bucket/defaultObjectAcl'],
  ['defaultObjectAccessControls', 'POST', '/b/:bucket/defaultObjectAcl'],
  ['folders', 'GET', '/b/:bucket/folders'],
  ['folders', 'POST', '/b/:bucket/folders'],
  ['managedFolders', 'POST', '/b/:bucket/managedFolders'],
  ['notifications.delete', 'DELETE', '/b/:bucket/notificationConfigs/:id'],
  ['notifications.get', 'GET', '/b/:bucket/notificationConfigs/:id'],
  ['notifications.insert', 'POST', '/b/:bucket/notificationConfigs'],
  ['notifications.list', 'GET', '/b/:bucket/notificationConfigs'],
  ['objectAccessControls', 'GET', '/b/:bucket/o/:object/acl'],
  ['objectAccessControls', 'POST', '/b/:bucket/o/:object/acl'],
  ['objects.bulkRestore', 'POST', '/b/:bucket/o/bulkRestore'],
  ['objects.move', 'POST', '/b/:bucket/o/:object/moveTo/o/:toObject'],
  ['objects.restore', 'POST', '/b/:bucket/o/:object/restore'],
  ['objects.watchAll', 'POST', '/b/:bucket/o/watch'],
  ['operations.list', 'GET', '/b/:bucket/operations'],
  ['projects.hmacKeys', 'GET', '/projects/:project/hmacKeys'],
  ['projects.hmacKeys', 'POST', '/projects/:project/hmacKeys'],
  ['projects.serviceAccount.get', 'GET', '/projects/:project/serviceAccount'],
]

export function unsupportedRoutes(app: FastifyInstance): void {
  for (const [name, method, url] of UNSUPPORTED) {
    app.route({
      method,
      url,
      handler: () => {
        throw unimplemented(`storage.${name}`)
      },
    })
  }
}
