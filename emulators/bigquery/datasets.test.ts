import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { PROJECT, startForTest } from './testing.ts'

test('a dataset is made, read, listed and deleted', async () => {
  await using service = await startForTest()
  const { bigquery } = service
  const [, made] = await bigquery.createDataset('ds', { location: 'EU', labels: { team: 'a' } })
  expect(made).toMatchObject({
    id: `${PROJECT}:ds`,
    datasetReference: { projectId: PROJECT, datasetId: 'ds' },
    location: 'EU',
    labels: { team: 'a' },
    creationTime: String(service.clock.now()),
  })
  const [read] = await bigquery.dataset('ds').getMetadata()
  expect(read).toMatchObject({ location: 'EU', etag: made.etag })
  const [listed] = await bigquery.getDatasets()
  expect(listed.map(({ id }) => id)).toEqual(['ds'])
  await bigquery.dataset('ds').delete()
  expect(await bigquery.dataset('ds').exists()).toEqual([false])
})

test('a dataset that exists cannot be made again', async () => {
  await using service = await startForTest()
  await service.bigquery.createDataset('ds')
  await expect(service.bigquery.createDataset('ds')).rejects.toMatchObject({
    code: 409,
    message: `Already Exists: Dataset ${PROJECT}:ds`,
    errors: [{ reason: 'duplicate' }],
  })
})

test('a dataset that is not there is named in the error', async () => {
  await using service = await startForTest()
  await expect(service.bigquery.dataset('ds').getMetadata()).rejects.toMatchObject({
    code: 404,
    message: `Not found: Dataset ${PROJECT}:ds`,
    errors: [{ reason: 'notFound' }],
  })
})

test('a project sees only its own datasets', async () => {
  await using service = await startForTest()
  await service.bigquery.createDataset('ds')
  const answer = await fetch(`${service.endpoint}/bigquery/v2/projects/another/datasets`)
  expect(await answer.json()).toEqual({ kind: 'bigquery#datasetList' })
})

test('datasets are listed by pages', async () => {
  await using service = await startForTest()
  for (const name of ['c', 'a', 'b']) await service.bigquery.createDataset(name)
  const [first, next] = await service.bigquery.getDatasets({ maxResults: 2, autoPaginate: false })
  expect(first.map(({ id }) => id)).toEqual(['a', 'b'])
  const [second] = await service.bigquery.getDatasets({ ...next, autoPaginate: false })
  expect(second.map(({ id }) => id)).toEqual(['c'])
})

test('a dataset with tables is deleted only with its contents', async () => {
  await using service = await startForTest()
  const dataset = service.bigquery.dataset('ds')
  await dataset.create()
  await dataset.createTable('t', { schema: 'a:string' })
  await expect(dataset.delete()).rejects.toMatchObject({
    code: 400,
    message: `Dataset ${PROJECT}:ds is still in use`,
    errors: [{ reason: 'resourceInUse' }],
  })
  await dataset.delete({ force: true })
  await dataset.create()
  expect((await dataset.getTables())[0]).toEqual([])
})

test('a patch changes what it names, an update the rest as well', async () => {
  await using service = await startForTest()
  const dataset = service.bigquery.dataset('ds')
  await service.bigquery.createDataset('ds', { description: 'd', labels: { a: '1', b: '2' } })
  const [patched] = await dataset.setMetadata({ friendlyName: 'F', labels: { b: null as never, c: '3' } })
  expect(patched).toMatchObject({ friendlyName: 'F', description: 'd', labels: { a: '1', c: '3' } })
  const url = `${service.endpoint}/bigquery/v2/projects/${PROJECT}/datasets/ds`
  const headers = { 'content-type': 'application/json' }
  const updated = await fetch(url, { method: 'PUT', headers, body: '{"labels":{"d":"4"}}' })
  const body = await updated.json()
  expect(body).toMatchObject({ labels: { d: '4' } })
  expect(body).not.toHaveProperty('description')
})

test('a patch may come as a compressed POST that says so, as from Java', async () => {
  await using service = await startForTest()
  await service.bigquery.createDataset('ds')
  const post = (headers: Record<string, string>) =>
    fetch(`${service.endpoint}/bigquery/v2/projects/${PROJECT}/datasets/ds`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', ...headers },
      body: gzipSync('{"description":"d"}'),
    })
  expect((await post({})).status).toBe(501)
  expect(await (await post({ 'x-http-method-override': 'PATCH' })).json()).toMatchObject({ description: 'd' })
})

test('a change under an old etag is refused', async () => {
  await using service = await startForTest()
  const dataset = service.bigquery.dataset('ds')
  await dataset.create()
  const [{ etag }] = await dataset.getMetadata()
  const url = `${service.endpoint}/projects/${PROJECT}/datasets/ds`
  const patch = (body: object) =>
    fetch(url, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'if-match': etag },
      body: JSON.stringify(body),
    })
  expect((await patch({ description: 'first' })).status).toBe(200)
  const second = await patch({ description: 'second' })
  expect(second.status).toBe(412)
  expect(await second.json()).toMatchObject({ error: { errors: [{ reason: 'conditionNotMet' }] } })
  expect((await dataset.getMetadata())[0].description).toBe('first')
})

test('the tables of a dataset with a default expiration end when their time has come', async () => {
  await using service = await startForTest()
  const { bigquery, clock } = service
  await bigquery.createDataset('ds', { defaultTableExpirationMs: '3600000' })
  await bigquery.dataset('ds').createTable('short', { schema: 'a:string' })
  await bigquery.dataset('ds').createTable('long', {
    schema: 'a:string',
    expirationTime: String(clock.now() + 7_200_000),
  })
  clock.advance(3_600_000)
  await expect.poll(async () => (await bigquery.dataset('ds').getTables())[0].map(({ id }) => id)).toEqual(['long'])
})

test.each(['access', 'defaultEncryptionConfiguration', 'maxTimeTravelHours', 'isCaseInsensitive'])(
  'a dataset with %s is refused by that name',
  async (field) => {
    await using service = await startForTest()
    const value = { access: [{ role: 'READER' }], isCaseInsensitive: true, maxTimeTravelHours: '48' }[field] ?? { a: 1 }
    await expect(service.bigquery.createDataset('ds', { [field]: value })).rejects.toMatchObject({
      code: 501,
      message: expect.stringContaining(field),
    })
  },
)

test.each([
  '/bigquery/v2/projects/p/datasets/d/routines',
  '/upload/bigquery/v2/projects/p/jobs',
  '/discovery/v1/apis/bigquery/v2/rest',
])('what is not there answers 501 by its name: %s', async (path) => {
  await using service = await startForTest()
  const answer = await fetch(service.endpoint + path, { method: 'POST' })
  expect(answer.status).toBe(501)
  expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining(path) } })
})
