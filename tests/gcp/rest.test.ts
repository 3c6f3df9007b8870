import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { events } from '../../src/catalogue/index.ts'
import { connect } from '../../src/clients.ts'
import { collectOutputs } from '../../src/outputs/index.ts'
import { ensureDataset } from '../../src/resources.ts'
import { parseSettings } from '../../src/settings.ts'
import { ensureTable } from '../../src/tables/index.ts'
import { credentialsFile, PROJECT, serviceAccountKey, temporaryFolder } from './service-account.ts'

const key = serviceAccountKey()
const TOKEN = 'made-for-this-test'
const settings = parseSettings({ SLUICE_BACKEND: 'gcp', SLUICE_PROJECT: PROJECT })
const BIGQUERY = `https://bigquery.googleapis.com/bigquery/v2/projects/${PROJECT}`
const STORAGE = 'https://storage.googleapis.com/storage/v1/b'

/** `METHOD URL`, of each request that had the token. */
let asked: string[] = []
const google = setupServer()

beforeEach(() => {
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', credentialsFile(key))
  // Set to nothing, these still lead the clients away from Google's endpoints, and away from their credentials.
  vi.stubEnv('BIGQUERY_EMULATOR_HOST', '')
  vi.stubEnv('STORAGE_EMULATOR_HOST', '')
  asked = []
  google.listen({ onUnhandledFrame: 'error' })
  onTestFinished(() => {
    google.close()
    google.resetHandlers()
    vi.unstubAllEnvs()
  })
  google.use(
    http.post('https://oauth2.googleapis.com/token', () =>
      HttpResponse.json({ access_token: TOKEN, expires_in: 3599, token_type: 'Bearer' }),
    ),
  )
})

type Method = 'get' | 'post'

function answer(method: Method, url: string, body: object | string, status = 200): void {
  google.use(
    http[method](url, ({ request }) => {
      const { pathname, host } = new URL(request.url)
      if (request.headers.get('authorization') !== `Bearer ${TOKEN}`) return new HttpResponse(null, { status: 401 })
      asked.push(`${request.method} ${host}${pathname}`)
      return typeof body === 'string' ? HttpResponse.text(body) : HttpResponse.json(body, { status })
    }),
  )
}

const missing = { error: { code: 404, message: 'Not found', errors: [{ reason: 'notFound' }] } }

test('a table is made at BigQuery’s own address, with the token that Google gave for the key', async () => {
  await using clients = connect(settings)
  const tables = `${BIGQUERY}/datasets/dev_events_dataset/tables`
  answer('get', `${BIGQUERY}/datasets/dev_events_dataset`, missing, 404)
  answer('get', `${tables}/orders`, missing, 404)
  answer('post', tables, { tableReference: { tableId: 'orders' } })
  answer('post', `${BIGQUERY}/datasets`, { datasetReference: { datasetId: 'dev_events_dataset' } })
  expect(await ensureDataset(clients.bigquery, settings)).toBe('created')
  expect(await ensureTable({ clients, settings }, events.get('order')!)).toEqual({
    table: 'orders',
    outcome: 'created',
  })
  expect(asked).toEqual([
    `GET bigquery.googleapis.com/bigquery/v2/projects/${PROJECT}/datasets/dev_events_dataset`,
    `POST bigquery.googleapis.com/bigquery/v2/projects/${PROJECT}/datasets`,
    `GET bigquery.googleapis.com/bigquery/v2/projects/${PROJECT}/datasets/dev_events_dataset/tables/orders`,
    `POST bigquery.googleapis.com/bigquery/v2/projects/${PROJECT}/datasets/dev_events_dataset/tables`,
  ])
})

test('outputs are collected from Cloud Storage’s and BigQuery’s own addresses', async () => {
  await using clients = connect(settings)
  const bucket = `${STORAGE}/${PROJECT}-dev-raw-events`
  const name = 'output/order/2024/01/15/10/30/order_202401151030001.json'
  answer('get', `${BIGQUERY}/datasets/dev_events_dataset/tables/:table`, missing, 404)
  answer('get', bucket, { name: `${PROJECT}-dev-raw-events` })
  answer('get', `${bucket}/o`, { items: [{ name, generation: '1' }] })
  answer('get', `${bucket}/o/:object`, '{"event_type":"order"}\n')
  const folder = join(temporaryFolder(), 'outputs')
  await collectOutputs({ clients, settings, folder })
  expect(readFileSync(join(folder, name), 'utf8')).toBe('{"event_type":"order"}\n')
  expect(existsSync(join(folder, 'tables/orders.ndjson'))).toBe(true)
  expect(new Set(asked.map((request) => request.split('/')[0]))).toEqual(
    new Set(['GET bigquery.googleapis.com', 'GET storage.googleapis.com']),
  )
})
