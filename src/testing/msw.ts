/**
 * `sluice/testing/msw`: handlers for msw, with which BigQuery and Cloud Storage answer as Google does when it says no. To be
 * had with `server.listen({ onUnhandledFrame: 'bypass' })`, so that every other request goes where it would have gone.
 */
import './grpc-beside-msw.ts'
import { type HttpHandler, HttpResponse, http } from 'msw'
import { BIGQUERY, bodyOf, type GoogleError, STORAGE, storageLimitOf } from './google-errors.ts'

export interface FailingRequests {
  /** How many requests fail, the first ones that match; 1 unless told otherwise. Then the next handler is asked. */
  readonly times?: number
  /** What matches, of `POST /upload/storage/v1/b/BUCKET/o`: method and path. All of the service's unless given. */
  readonly call?: RegExp
  /** The header Retry-After, which neither service sends and neither of Google's clients for Node heeds. */
  readonly retryAfterSeconds?: number
}

/** The first requests to BigQuery that match fail: `bigqueryFails('backendError', { times: 2, call: /insertAll/ })`. */
export const bigqueryFails = (reason: keyof typeof BIGQUERY, options: FailingRequests = {}): HttpHandler =>
  fails(/^(\/upload)?(\/bigquery\/v2)?\/projects\//, () => BIGQUERY[reason], options)

/** The first requests to Cloud Storage's JSON API that match fail. */
export const storageFails = (reason: keyof typeof STORAGE, options: FailingRequests = {}): HttpHandler =>
  fails(
    /^(\/(resumable\/)?upload|\/download)?(\/storage\/v1)?\/b(\/|$)/,
    (url) => STORAGE[reason](storageLimitOf(url)),
    options,
  )

/** Google itself, or an emulator on this machine: another server may have the same paths. */
const HOST = /(^|\.)googleapis\.com$|^localhost$|^127\.|^\[::1\]$/

function fails(
  path: RegExp,
  error: (url: URL) => GoogleError,
  { times = 1, call, retryAfterSeconds }: FailingRequests,
): HttpHandler {
  let left = times
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  const isMeant = ({ url, method }: Request) => {
    const { hostname, pathname } = new URL(url)
    return HOST.test(hostname) && path.test(pathname) && (call?.test(`${method} ${pathname}`) ?? true)
  }
  return http.all(
    ({ request }) => left > 0 && isMeant(request),
    ({ request }) => {
      if (left-- <= 0) return undefined
      const url = new URL(request.url)
      const found = error(url)
      const init = { status: found.status, headers }
      // Where content was asked for, Cloud Storage refuses it as text.
      const isContent = url.searchParams.get('alt') === 'media' || url.pathname.startsWith('/download/')
      return isContent ? HttpResponse.text(found.message, init) : HttpResponse.json(bodyOf(found), init)
    },
  )
}
