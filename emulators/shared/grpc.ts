import * as grpc from '@grpc/grpc-js'
import * as protoLoader from '@grpc/proto-loader'
import { toServiceError, unimplemented, wire } from './errors.ts'
import { lowerFirst } from './names.ts'

/** 64-bit integers arrive as strings, enums as their names; absent fields have their defaults, but for oneofs. */
export const DECODING: protoLoader.Options = { longs: String, enums: String, defaults: true, oneofs: true }

export type Packages = protoLoader.PackageDefinition
type Handler = grpc.UntypedHandleCall

/** `protos` is the `protos.json` that Google ships inside each of its client packages. */
export const loadPackages = (protos: object): Packages =>
  protoLoader.fromJSON(protos as Parameters<typeof protoLoader.fromJSON>[0], DECODING)

/** Adds a service to a server. A method without a handler answers UNIMPLEMENTED with its full name. */
export function addService(
  server: grpc.Server,
  packages: Packages,
  name: string,
  handlers: Readonly<Record<string, Handler>>,
): void {
  const definition = packages[name] as grpc.ServiceDefinition
  const methods = Object.entries(definition)
  const unknown = Object.keys(handlers).filter((handler) => !methods.some(([method]) => lowerFirst(method) === handler))
  if (unknown.length > 0) throw new Error(`${name} has no method ${unknown.join(', ')}`)
  const implementation = methods.map(([method, { responseStream }]): [string, Handler] => {
    const missing = unimplemented(`${name}.${method}`)
    const answer: Handler = responseStream
      ? stream(() => Promise.reject(missing))
      : unary(() => Promise.reject(missing))
    return [method, handlers[lowerFirst(method)] ?? answer]
  })
  server.addService(definition, Object.fromEntries(implementation))
}

/** A method with one request and one response. What it throws becomes the call's status. */
export const unary =
  <Request, Response>(
    handle: (request: Request, call: grpc.ServerUnaryCall<Request, Response>) => Response | Promise<Response>,
  ): grpc.handleUnaryCall<Request, Response> =>
  (call, callback) => {
    Promise.try(handle, call.request, call).then(
      (response) => callback(null, response),
      (thrown) => callback(status(thrown)),
    )
  }

/**
 * A bidirectional method. The call ends when the promise settles: with its error, or well. A client that goes away
 * emits `cancelled` on the call; the handler must then settle.
 */
export const stream =
  <Request, Response>(
    handle: (call: grpc.ServerDuplexStream<Request, Response>) => Promise<void>,
  ): grpc.handleBidiStreamingCall<Request, Response> =>
  (call) => {
    call.on('error', () => {}) // the peer broke the connection: `cancelled` tells the handler
    Promise.try(handle, call).then(
      () => call.end(),
      (thrown) => call.emit('error', status(thrown)),
    )
  }

function status(thrown: unknown): Partial<grpc.StatusObject> {
  const error = toServiceError(thrown)
  const code = wire[error.code].grpc
  const metadata = new grpc.Metadata()
  const { details = [] } = error.options
  if (details.length > 0) metadata.set('grpc-status-details-bin', encodeStatus(code, error.message, details))
  // Google's servers send each detail on its own as well, and some clients read only that.
  for (const { type, value } of details) metadata.add(`${type.toLowerCase()}-bin`, Buffer.from(value))
  return { code, details: error.message, metadata }
}

/** google.rpc.Status: code = 1, message = 2, repeated google.protobuf.Any details = 3 { type_url = 1, value = 2 }. */
function encodeStatus(code: number, message: string, details: { type: string; value: Uint8Array }[]): Buffer {
  const anys = details.map(({ type, value }) =>
    Buffer.concat([bytesField(1, Buffer.from(`type.googleapis.com/${type}`)), bytesField(2, value)]),
  )
  return Buffer.concat([
    Buffer.from([0x08, code]),
    bytesField(2, Buffer.from(message)),
    ...anys.map((any) => bytesField(3, any)),
  ])
}

/** One length-delimited field in protobuf's encoding: the details are too few to load a message type for them. */
export function bytesField(number: number, value: Uint8Array): Buffer {
  const length = []
  let rest = value.length
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80)
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length, rest]), value])
}
