import type { Client, ClientOptions, ServiceError } from '@grpc/grpc-js'

type Unary<Request, Response> = (
  request: Request,
  callback: (error: ServiceError | null, response?: Response) => void,
) => unknown

/** One call of one of the SDK's gRPC clients. Rejects with a ServiceError. */
export const call = <Request, Response>(method: Unary<Request, Response>, request: Request): Promise<Response> =>
  new Promise((resolve, reject) => {
    method(request, (error, response) => (error ? reject(error) : resolve(response!)))
  })

/** For a service that is just starting: tries soon again, not later and later. */
export const EAGER: ClientOptions = { 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 500 }

const START_MS = 90_000

/** Rejects if the client's service does not answer within 90 s. */
export const ready = (client: Client): Promise<void> =>
  new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + START_MS, (error) => (error ? reject(error) : resolve()))
  })
