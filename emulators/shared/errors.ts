/** The canonical codes of Google's APIs, with what each looks like on the wire (google/rpc/code.proto). */
export const wire = {
  CANCELLED: { grpc: 1, http: 499, reason: 'cancelled' },
  INTERNAL: { grpc: 13, http: 500, reason: 'internalError' },
  INVALID_ARGUMENT: { grpc: 3, http: 400, reason: 'invalid' },
  DEADLINE_EXCEEDED: { grpc: 4, http: 504, reason: 'timeout' },
  NOT_FOUND: { grpc: 5, http: 404, reason: 'notFound' },
  ALREADY_EXISTS: { grpc: 6, http: 409, reason: 'conflict' },
  PERMISSION_DENIED: { grpc: 7, http: 403, reason: 'forbidden' },
  RESOURCE_EXHAUSTED: { grpc: 8, http: 429, reason: 'rateLimitExceeded' },
  FAILED_PRECONDITION: { grpc: 9, http: 400, reason: 'failedPrecondition' },
  ABORTED: { grpc: 10, http: 409, reason: 'aborted' },
  OUT_OF_RANGE: { grpc: 11, http: 400, reason: 'outOfRange' },
  UNIMPLEMENTED: { grpc: 12, http: 501, reason: 'notImplemented' },
  UNAVAILABLE: { grpc: 14, http: 503, reason: 'backendError' },
} as const

export type Code = keyof typeof wire

export interface ErrorOptions {
  /** Replaces the code's HTTP status where one API differs: 412 for a failed precondition of Cloud Storage. */
  http?: number
  /** Replaces the code's reason in JSON errors: `duplicate`, `invalidQuery`, `conditionNotMet`. */
  reason?: string
  /** What in the request is at fault: a field or a header (`locationType` and `location` of JSON errors). */
  location?: { type: string; name: string }
  /** google.rpc details, sent in the `grpc-status-details-bin` trailer: `[{ type, value }]`, value already encoded. */
  details?: { type: string; value: Uint8Array }[]
  cause?: unknown
}

/** The only error that a model or a handler of an emulator throws on purpose. */
export class ServiceError extends Error {
  readonly code: Code
  readonly options: ErrorOptions
  constructor(code: Code, message: string, options: ErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.name = 'ServiceError'
    this.code = code
    this.options = options
  }
}

export const notFound = (message: string, options?: ErrorOptions) => new ServiceError('NOT_FOUND', message, options)
export const alreadyExists = (message: string, options?: ErrorOptions) =>
  new ServiceError('ALREADY_EXISTS', message, options)
export const invalidArgument = (message: string, options?: ErrorOptions) =>
  new ServiceError('INVALID_ARGUMENT', message, options)
/** `what` names the method, field or construct that this emulator does not have. */
export const unimplemented = (what: string) =>
  new ServiceError('UNIMPLEMENTED', `unsupported: ${what} is not implemented by this emulator.`)

/** What Node says when a peer goes away in the middle: no fault of ours. */
const PEER_GONE = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']

const isPeerGone = (thrown: unknown): thrown is Error =>
  thrown instanceof Error && 'code' in thrown && PEER_GONE.includes(String(thrown.code))

/**
 * Whatever was thrown, as a ServiceError. A peer that went away makes it CANCELLED; what nobody expected becomes INTERNAL
 * and is reported once.
 */
export function toServiceError(thrown: unknown, report: (error: ServiceError) => void = console.error): ServiceError {
  if (thrown instanceof ServiceError) return thrown
  if (isPeerGone(thrown)) return new ServiceError('CANCELLED', 'Client Closed Request', { cause: thrown })
  const error = new ServiceError('INTERNAL', thrown instanceof Error ? thrown.message : String(thrown), {
    cause: thrown,
  })
  report(error)
  return error
}
