import { BigQuery } from '@google-cloud/bigquery'
import { managedwriter } from '@google-cloud/bigquery-storage'
import { PubSub } from '@google-cloud/pubsub'
import { Storage } from '@google-cloud/storage'
import { credentials } from '@grpc/grpc-js'
import { PassThroughClient } from 'google-auth-library'
import type { Settings } from './settings.ts'

/** Google's own clients. This module is the only one that knows which backend they talk to. */
export interface Clients extends AsyncDisposable {
  readonly pubsub: PubSub
  readonly storage: Storage
  readonly bigquery: BigQuery
  readonly writer: managedwriter.WriterClient
}

/** An emulator takes any caller, so no client looks for credentials, a metadata server or a Google host. */
export function connect(settings: Settings): Clients {
  const { projectId, endpoints } = settings
  const clients = endpoints ? local(projectId, endpoints) : cloud(projectId)
  return {
    ...clients,
    async [Symbol.asyncDispose]() {
      clients.writer.close()
      await clients.pubsub.close()
    },
  }
}

const cloud = (projectId: string) => ({
  pubsub: new PubSub({ projectId }),
  storage: new Storage({ projectId }),
  bigquery: new BigQuery({ projectId }),
  writer: new managedwriter.WriterClient({ projectId }),
})

/** A gRPC client asks its credentials, and so the metadata server, for the universe that they belong to, unless told. */
const NO_LOOK_UP = { universeDomain: 'googleapis.com' }

function local(projectId: string, endpoints: NonNullable<Settings['endpoints']>) {
  const [storageUrl, bigqueryUrl] = [`http://${endpoints.storage}`, `http://${endpoints.bigquery}`]
  const writer = new URL(`http://${endpoints.bigqueryStorage}`)
  const storage = new Storage({ projectId, apiEndpoint: storageUrl, useAuthWithCustomEndpoint: false })
  const bigquery = new BigQuery({ projectId, apiEndpoint: bigqueryUrl, authClient: new PassThroughClient() })
  // These two also read the emulator variables by themselves, as full URLs and in place of these paths.
  storage.baseUrl = `${storageUrl}/storage/v1`
  bigquery.baseUrl = `${bigqueryUrl}/bigquery/v2`
  return {
    pubsub: new PubSub({
      projectId,
      apiEndpoint: endpoints.pubsub,
      emulatorMode: true,
      clientOptions: NO_LOOK_UP,
    }),
    storage,
    bigquery,
    writer: new managedwriter.WriterClient({
      projectId,
      apiEndpoint: writer.hostname,
      port: Number(writer.port),
      sslCreds: credentials.createInsecure(),
      fallback: false,
      clientOptions: NO_LOOK_UP,
    }),
  }
}
