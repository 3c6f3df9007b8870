import type { ServerUnaryCall } from '@grpc/grpc-js'
import { unary } from '../shared/index.ts'
import type { Caller, Methods } from './handlers/method.ts'

/** The methods, as gRPC calls them. */
export const overGrpc = (methods: Methods) =>
  Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [
      name,
      unary<object, object>((request, call) => method(request as never, new GrpcCaller(call))),
    ]),
  )

/** Most methods ask nothing of their caller, so nothing is prepared. */
class GrpcCaller implements Caller {
  #call: ServerUnaryCall<object, object>

  constructor(call: ServerUnaryCall<object, object>) {
    this.#call = call
  }

  /** The client's deadline is real time, whatever clock the emulator has. */
  get patienceMs(): number {
    return Number(this.#call.getDeadline()) - Date.now()
  }

  get gone(): AbortSignal {
    const gone = new AbortController()
    this.#call.on('cancelled', () => gone.abort())
    return gone.signal
  }
}
