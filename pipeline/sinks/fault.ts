/** What an error of Pub/Sub, Cloud Storage or BigQuery asks of somebody: absent where it may pass by itself. */
export interface Fault {
  readonly code: number
  /** For an operator to read. */
  readonly mend: string
}

const ACCESS = 'give the pipeline the roles it needs: `sluice doctor` says which (docs/security.md)'
const TABLE = 'make the table fit the catalogue: `sluice tables plan` says how it differs'
const BUILD = 'the service does not know this call: check SLUICE_BACKEND and the endpoints'

/** google.rpc.Code, and HTTP statuses. All others may pass: also NOT_FOUND, for what is missing may be made. */
const PERMANENT: ReadonlyMap<unknown, string> = new Map([
  [3, TABLE], // INVALID_ARGUMENT
  [7, ACCESS], // PERMISSION_DENIED
  [9, TABLE], // FAILED_PRECONDITION
  [11, TABLE], // OUT_OF_RANGE
  [12, BUILD], // UNIMPLEMENTED
  [16, ACCESS], // UNAUTHENTICATED
  [400, TABLE],
  [401, ACCESS],
  [403, ACCESS],
  [405, BUILD],
  [412, TABLE],
  [501, BUILD],
])

/** Reasons of 403 and 400 that time mends (cloud.google.com/bigquery/docs/error-messages). */
const PASSING = new Set([
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'quotaExceeded',
  'backendError',
  'internalError',
])

/**
 * Tells what has to be mended by somebody from what passes. Nothing is dropped for it: a permanent fault is told at once
 * and tried again at the slowest pace, so that it goes away once it is mended.
 */
export function permanentFault(error: unknown): Fault | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  const mend = PERMANENT.get(error.code)
  if (mend === undefined || reasonsOf(error).some((reason) => PASSING.has(reason))) return undefined
  return { code: Number(error.code), mend }
}

/** `errors[].reason` of Google's JSON errors. */
function reasonsOf(error: Error): string[] {
  const errors: unknown = 'errors' in error ? error.errors : undefined
  return Array.isArray(errors) ? errors.map((one: { reason?: unknown } | undefined) => String(one?.reason)) : []
}
