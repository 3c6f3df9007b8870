/** How Google's REST APIs say no, word for word. */

export interface GoogleError {
  readonly status: number
  /** What `errors[].domain` says. */
  readonly domain: 'global' | 'usageLimits'
  readonly reason: string
  readonly message: string
  /** `status` of the body: Cloud Storage's has none. */
  readonly code?: string
  /** `errors[].location`, where there is one. */
  readonly location?: string
}

const QUOTAS = 'For more information, see https://cloud.google.com/bigquery/docs/troubleshoot-quotas'

/** cloud.google.com/bigquery/docs/error-messages: a limit is a 403 there, of which only the reason tells what it is. */
export const BIGQUERY = {
  rateLimitExceeded: {
    status: 403,
    domain: 'usageLimits',
    reason: 'rateLimitExceeded',
    message: `Exceeded rate limits: too many api requests per user per method for this user_method. ${QUOTAS}`,
    code: 'PERMISSION_DENIED',
  },
  quotaExceeded: {
    status: 403,
    domain: 'usageLimits',
    reason: 'quotaExceeded',
    message: `Quota exceeded: Your table exceeded quota for imports or query appends per table. ${QUOTAS}`,
    code: 'PERMISSION_DENIED',
    location: 'load_job_per_table.long',
  },
  backendError: {
    status: 503,
    domain: 'global',
    reason: 'backendError',
    message: 'Error encountered during execution. Retrying may solve the problem.',
    code: 'UNAVAILABLE',
  },
} as const satisfies Readonly<Record<string, GoogleError>>

/** cloud.google.com/storage/docs/json_api/v1/status-codes: a limit is a 429, whichever it is. */
export const STORAGE = {
  rateLimitExceeded: (of: string) => ({
    status: 429,
    domain: 'usageLimits',
    reason: 'rateLimitExceeded',
    message: `${of}. Please reduce your request rate. See https://cloud.google.com/storage/docs/gcs429.`,
  }),
  backendError: () => ({
    status: 503,
    domain: 'global',
    reason: 'backendError',
    message: 'We encountered an internal error. Please try again.',
  }),
} as const satisfies Readonly<Record<string, (of: string) => GoogleError>>

/** Whose limit is exceeded, in Cloud Storage's words. */
export function storageLimitOf({ pathname, searchParams }: URL): string {
  const [, bucket, object] = /\/b\/([^/]+)(?:\/o(?:\/([^/]+))?)?/.exec(pathname) ?? []
  const name = object === undefined ? searchParams.get('name') : decodeURIComponent(object)
  if (bucket === undefined || name === null)
    return 'The project exceeded the rate limit for creating and deleting buckets'
  return `The object ${bucket}/${name} exceeded the rate limit for object mutation operations (create, update, and delete)`
}

/** The body of the JSON APIs' first version, which BigQuery and Cloud Storage speak. */
export const bodyOf = ({ status, domain, reason, message, code, location }: GoogleError) => ({
  error: {
    code: status,
    message,
    errors: [{ message, domain, reason, ...(location && { location }) }],
    ...(code && { status: code }),
  },
})
