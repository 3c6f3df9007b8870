import { ApiError } from '@google-cloud/storage'
import { expect, test } from 'vitest'
import { permanentFault } from './fault.ts'

const failed = (code: unknown, errors?: object[]) =>
  Object.assign(new Error('Failed.'), { code, ...(errors && { errors }) })

test.each([
  ['INVALID_ARGUMENT', 3],
  ['PERMISSION_DENIED', 7],
  ['FAILED_PRECONDITION', 9],
  ['UNIMPLEMENTED', 12],
  ['UNAUTHENTICATED', 16],
  ['400', 400],
  ['401', 401],
  ['403', 403],
])('%s has to be mended, and it is said how', (_name, code) => {
  expect(permanentFault(failed(code))).toEqual({ code, mend: expect.stringMatching(/./) })
})

test.each([
  ['DEADLINE_EXCEEDED', 4],
  ['NOT_FOUND: the table may be made', 5],
  ['RESOURCE_EXHAUSTED', 8],
  ['ABORTED', 10],
  ['INTERNAL', 13],
  ['UNAVAILABLE', 14],
  ['404: the bucket may be made', 404],
  ['408', 408],
  ['429', 429],
  ['500', 500],
  ['503', 503],
  ['504', 504],
  ['a connection that broke', 'ECONNRESET'],
  ['an error without a code', undefined],
])('%s passes', (_name, code) => {
  expect(permanentFault(failed(code))).toBeUndefined()
})

test('a 403 that is about quota passes', () => {
  expect(permanentFault(failed(403, [{ reason: 'quotaExceeded' }]))).toBeUndefined()
  expect(permanentFault(failed(403, [{ reason: 'accessDenied' }]))).toBeDefined()
})

test("an error of Cloud Storage's own client is read", () => {
  const error = new ApiError({ code: 403, errors: [{ reason: 'forbidden', message: '-', domain: 'global' }] } as never)
  expect(permanentFault(error)?.mend).toMatch('sluice doctor')
})
