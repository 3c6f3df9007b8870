import { BigQuery, type BigQueryOptions } from '@google-cloud/bigquery'
import { managedwriter } from '@google-cloud/bigquery-storage'
import { PubSub } from '@google-cloud/pubsub'
import { Storage } from '@google-cloud/storage'
import { GoogleAuth, PassThroughClient } from 'google-auth-library'
import { grpc } from 'google-gax'
import type { Endpoints, Settings } from './settings.ts'

/** Google's own clients. This module is the only one that knows which backend they talk to. */
export interface Clients extends AsyncDisposable {
  readonly pubsub: PubSub
  readonly storage: Storage
  readonly bigquery: BigQuery
  readonly writer: managedwriter.WriterClient
  readonly appends: Appends
  /** Clients that send each request once, for code whose caller tries again: one policy of retries, in one place. */
  readonly once: { readonly storage: Storage; readonly bigquery: BigQuery }
}

/** How the backend's Storage Write API has to be handled: the emulator in Docker is not as BigQuery is. */
export interface Appends {
  /**
   * How a row has its DATEs and TIMESTAMPs: in days and microseconds, as Google prefers, or as text, since that emulator
   * misreads those numbers (a fraction of a second becomes minutes, and any day 1970-01-01).
   */
  readonly times: 'numbers' | 'text'
  /**
   * What becomes of an append to a write stream that is gone: it is refused, or it is fatal, since that emulator makes no
   * more streams for anybody after it.
   */
  readonly toGone: 'refused' | 'fatal'
  /** That emulator now and then keeps the rows of an append that it refuses because another is under way. */
  readonly atOnce: 'many' | 'one'
}

const BIGQUERY: Appends = { times: 'numbers', toGone: 'refused', atOnce: 'many' }
const IN_DOCKER: Appends = { times: 'text', toGone: 'fatal', atOnce: 'one' }

/** An emulator takes any caller, so no client looks for credentials, a metadata server or a Google host. */
export const connect = (settings: Settings): Clients => connected(settings)

/**
 * The same, but that BigQuery's and Cloud Storage's clients send each request once: for code that wants to know at once.
 * A gRPC client is told so with each request.
 */
export const connectOnce = (settings: Settings): Clients => connected(settings, ONCE)

const ONCE = { retryOptions: { autoRetry: false } }

type RestOptions = Partial<typeof ONCE>

function connected({ backend, projectId, endpoints }: Settings, options?: RestOptions): Clients {
  const rest = (as?: RestOptions) => ({
    storage: storageClient(projectId, endpoints, as),
    bigquery: bigqueryClient(projectId, endpoints, as),
  })
  const rpc = endpoints ? local(projectId, endpoints) : cloud(projectId)
  return {
    ...rest(options),
    ...rpc,
    once: rest(ONCE),
    appends: backend === 'docker' ? IN_DOCKER : BIGQUERY,
    async [Symbol.asyncDispose]() {
      rpc.writer.close()
      await rpc.pubsub.close()
    },
  }
}

/**
 * A BigQuery client that sends each request once: for code whose caller tries again. Google's own retries would keep
 * that caller waiting for 15 s. How long one request takes it does not limit: the client's `timeout` goes to a fetch
 * that no longer knows such an option.
 */
export const connectBigQueryOnce = ({ projectId, endpoints }: Settings): BigQuery =>
  bigqueryClient(projectId, endpoints, ONCE)

function bigqueryClient(projectId: string, endpoints?: Endpoints, options: BigQueryOptions = {}): BigQuery {
  if (!endpoints) return new BigQuery({ projectId, apiEndpoint: 'https://bigquery.googleapis.com', ...options })
  const apiEndpoint = `http://${endpoints.bigquery}`
  const bigquery = new BigQuery({ projectId, apiEndpoint, authClient: new PassThroughClient(), ...options })
  // It also reads the emulator's variable by itself, as a full URL and in place of this path.
  bigquery.baseUrl = `${apiEndpoint}/bigquery/v2`
  return bigquery
}

/** For those of Google's REST APIs that have no client here, since no emulator has them. */
export const connectRest = ({ projectId }: Settings): GoogleAuth =>
  new GoogleAuth({ projectId, scopes: 'https://www.googleapis.com/auth/cloud-platform' })

/**
 * The endpoints are those that the clients have anyway, but for an emulator's variable that is set to nothing: that one
 * they obey.
 */
function storageClient(projectId: string, endpoints?: Endpoints, options: RestOptions = {}): Storage {
  const apiEndpoint = endpoints ? `http://${endpoints.storage}` : 'https://storage.googleapis.com'
  const storage = new Storage({ projectId, apiEndpoint, useAuthWithCustomEndpoint: !endpoints, ...options })
  // It also reads the emulator's variable by itself, as a full URL and in place of this path.
  if (endpoints) storage.baseUrl = `${apiEndpoint}/storage/v1`
  return storage
}

/** Application Default Credentials; credentials.ts finds out beforehand whether there are any. */
const cloud = (projectId: string) => ({
  pubsub: new PubSub({ projectId }),
  writer: new managedwriter.WriterClient({ projectId }),
})

/** A gRPC client asks its credentials, and so the metadata server, for the universe that they belong to, unless told. */
const NO_LOOK_UP = { universeDomain: 'googleapis.com' }

function local(projectId: string, endpoints: Endpoints) {
  const writer = new URL(`http://${endpoints.bigqueryStorage}`)
  return {
    pubsub: new PubSub({
      projectId,
      apiEndpoint: endpoints.pubsub,
      emulatorMode: true,
      clientOptions: NO_LOOK_UP,
    }),
    writer: new managedwriter.WriterClient({
      projectId,
      apiEndpoint: writer.hostname,
      port: Number(writer.port),
      // Those of the client's own gRPC: it refuses another copy's, and a project that uses ours may have two.
      sslCreds: grpc.credentials.createInsecure(),
      fallback: false,
      clientOptions: NO_LOOK_UP,
    }),
  }
}
