import { permanentFault } from './sinks/fault.ts'

/** What kept messages from being settled: one kind of error, and how many it held up. */
export interface FailureReport {
  /** Permanent: the same call will fail until somebody mends what it speaks of. */
  readonly cause: 'transient' | 'permanent'
  /** The sink's call that failed; absent where none did, as when the graph itself breaks. */
  readonly call?: string
  /** The name of a google.rpc.Code, an HTTP status, an error code of Node's, or `UNKNOWN`. */
  readonly code: string
  /** What the first of them says, cut to 500 characters. */
  readonly error: string
  readonly messages: number
}

/** google.rpc.Code */
const CODES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]

const LONGEST_ERROR = 500

/** Few enough to label a metric with: a code of gRPC's, an HTTP status, or one of Node's such as ECONNRESET. */
export function codeOfError(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  if (typeof code === 'number') return CODES[code] ?? String(code)
  return typeof code === 'string' && /^E[A-Z_]{2,30}$/.test(code) ? code : 'UNKNOWN'
}

/** `call` is what the sinks write on an error. */
export function failureReport(error: unknown, messages: number): FailureReport {
  const code = codeOfError(error)
  const { call } = (error ?? {}) as { readonly call?: string }
  const text = error instanceof Error ? error.message : String(error)
  return {
    cause: permanentFault(error) ? 'permanent' : 'transient',
    ...(call !== undefined && { call }),
    code,
    error: text.slice(0, LONGEST_ERROR).toWellFormed(),
    messages,
  }
}
