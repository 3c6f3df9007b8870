import type { ServiceError } from '@grpc/grpc-js'

type Unary<Request, Response> = (
  request: Request,
  callback: (error: ServiceError | null, response?: Response) => void,
) => unknown

/** One call of one of the SDK's gRPC clients. Rejects with a ServiceError. */
export const call = <Request, Response>(method: Unary<Request, Response>, request: Request): Promise<Response> =>
  new Promise((resolve, reject) => {
    method(request, (error, response) => (error ? reject(error) : resolve(response!)))
  })
