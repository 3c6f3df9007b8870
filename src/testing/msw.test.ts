import { BigQuery } from '@google-cloud/bigquery'
import { Storage } from '@google-cloud/storage'
import { PassThroughClient } from 'google-auth-library'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { order } from '../../pipeline/tests/sample-message.ts'
import { startStack, type TestStack } from './index.ts'
import { bigqueryFails, storageFails } from './msw.ts'

const server = setupServer()
/** What BigQuery and Cloud Storage answered, mocked or not, in order. */
let statuses: number[] = []
let stack: TestStack
let storage: Storage
let bigquery: BigQuery

beforeAll(async () => {
  server.listen({ onUnhandledFrame: 'bypass' })
  for (const event of ['response:mocked', 'response:bypass'] as const) {
    server.events.on(event, ({ response }) => void statuses.push(response.status))
  }
  stack = await startStack()
  const { environment, settings } = stack
  const { projectId } = settings
  const retryOptions = { maxRetryDelay: 1 } // in seconds
  storage = new Storage({ projectId, retryOptions, apiEndpoint: environment.STORAGE_EMULATOR_HOST! })
  const authClient = new PassThroughClient()
  bigquery = new BigQuery({ projectId, retryOptions, apiEndpoint: environment.BIGQUERY_EMULATOR_HOST!, authClient })
  await bigquery
    .dataset(settings.resources.dataset)
    .createTable('notes', { schema: [{ name: 'text', type: 'STRING' }] })
}, 20_000)
afterAll(async () => {
  await stack[Symbol.asyncDispose]()
  server.close()
})
beforeEach(() => {
  server.resetHandlers()
  statuses = []
})

const bucket = () => storage.bucket(stack.settings.resources.bucket)
const notes = () => bigquery.dataset(stack.settings.resources.dataset).table('notes')

/** With a generation that must match, Google's client knows that an upload may be repeated. */
const ONCE = { preconditionOpts: { ifGenerationMatch: 0 }, resumable: false }

test('an upload that Cloud Storage refuses for a while is tried again by Google’s client, and is there once', async () => {
  const call = /^POST \/upload/
  server.use(storageFails('rateLimitExceeded', { call }), storageFails('backendError', { call }))
  await bucket().file('notes/a.txt').save('content', ONCE)
  expect(statuses).toEqual([429, 503, 200])
  const [files] = await bucket().getFiles({ prefix: 'notes/a', versions: true })
  expect(files.map(({ name }) => name)).toEqual(['notes/a.txt'])
  expect(String(await bucket().file('notes/a.txt').download())).toBe('content')
})

test('an upload that might overwrite something is not tried again, and its refusal names the object', async () => {
  server.use(storageFails('rateLimitExceeded'))
  const refused = bucket().file('notes/ä b.txt').save('content', { resumable: false })
  await expect(refused).rejects.toMatchObject({
    code: 429,
    errors: [{ domain: 'usageLimits', reason: 'rateLimitExceeded' }],
    message: `The object ${bucket().name}/notes/ä b.txt exceeded the rate limit for object mutation operations (create, update, and delete). Please reduce your request rate. See https://cloud.google.com/storage/docs/gcs429.`,
  })
  expect(statuses).toEqual([429])
  expect(await bucket().file('notes/ä b.txt').exists()).toEqual([false])
})

test('a download is refused as text, and a bucket in the name of its project', async () => {
  server.use(storageFails('backendError', { times: 1, call: /^GET .*\/o\// }))
  const { STORAGE_EMULATOR_HOST } = stack.environment
  const download = await fetch(`${STORAGE_EMULATOR_HOST}/storage/v1/b/${bucket().name}/o/x?alt=media`)
  expect([download.status, await download.text()]).toEqual([503, 'We encountered an internal error. Please try again.'])
  server.use(storageFails('rateLimitExceeded', { call: /^POST .*\/b$/, retryAfterSeconds: 7 }))
  const made = await fetch(`${STORAGE_EMULATOR_HOST}/storage/v1/b?project=p`, { method: 'POST', body: '{"name":"b"}' })
  expect(made.headers.get('retry-after')).toBe('7')
  expect(await made.json()).toEqual({
    error: {
      code: 429,
      errors: [{ domain: 'usageLimits', message: expect.any(String), reason: 'rateLimitExceeded' }],
      message: expect.stringMatching(/^The project exceeded the rate limit for creating and deleting buckets\./),
    },
  })
})

test('rows that BigQuery refuses for a while are sent again by Google’s client, and are there once', async () => {
  server.use(bigqueryFails('backendError', { times: 2, call: /\/insertAll$/ }))
  await notes().insert({ text: 'a' })
  expect(statuses).toEqual([503, 503, 200])
  const [rows] = await notes().getRows()
  expect(rows).toEqual([{ text: 'a' }])
})

test.for([
  ['rateLimitExceeded', /^Exceeded rate limits: /], // which passes: to try again is up to who called
  ['quotaExceeded', /^Quota exceeded: /],
] as const)('%s of BigQuery is a 403, which Google’s client hands on at once', async ([reason, message]) => {
  server.use(bigqueryFails(reason, { times: 5 }))
  await expect(notes().insert({ text: 'b' })).rejects.toMatchObject({
    code: 403,
    message: expect.stringMatching(message),
    errors: [{ domain: 'usageLimits', reason }],
  })
  expect(statuses).toEqual([403])
})

test('other machines with the same paths answer for themselves', async () => {
  server.use(
    storageFails('backendError', { times: 5 }),
    bigqueryFails('backendError', { times: 5 }),
    http.get('https://gitlab.example.com/*', () => HttpResponse.text('theirs')),
  )
  expect(await (await fetch('https://gitlab.example.com/projects/1')).text()).toBe('theirs')
  expect(await (await fetch('https://gitlab.example.com/b/1')).text()).toBe('theirs')
})

test('the pipeline goes on beside msw, and stands what Cloud Storage says to it', async () => {
  server.use(storageFails('backendError', { call: /^POST \/upload/ }))
  await stack.publish(order)
  await stack.settled()
  expect(statuses).toContain(503)
  await expect(stack).toReconcile()
})
