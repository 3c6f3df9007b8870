import { expect, test } from 'vitest'
import { PROJECT, startForTest } from './testing.ts'

async function withTable() {
  const service = await startForTest()
  await service.bigquery.createDataset('ds')
  const schema = {
    fields: [
      { name: 'id', type: 'INTEGER', mode: 'REQUIRED' },
      { name: 'at', type: 'TIMESTAMP' },
      { name: 'price', type: 'NUMERIC' },
    ],
  }
  const [table] = await service.bigquery.dataset('ds').createTable('t', { schema })
  const post = async (body: string) => {
    const url = `${service.endpoint}/bigquery/v2/projects/${PROJECT}/datasets/ds/tables/t/insertAll`
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    return { status: answer.status, body: (await answer.json()) as { insertErrors?: object[] } }
  }
  return { ...service, table, post, [Symbol.asyncDispose]: service[Symbol.asyncDispose] }
}
interface Rows {
  rows: { f: { v: string }[] }[]
}
const ids = async ({ table }: Awaited<ReturnType<typeof withTable>>) => (await table.getRows())[0].map(({ id }) => id)

test('rows go in in their order', async () => {
  await using service = await withTable()
  await service.table.insert([{ id: 2 }, { id: 1, price: '1.50', at: '2024-01-15T10:30:00Z' }])
  expect(await ids(service)).toEqual([2, 1])
})

test('one bad row stops the others, and every fault is told with its place', async () => {
  await using service = await withTable()
  const rows = [{ json: { id: 1 } }, { json: { id: 'x', y: 1 } }]
  const { status, body } = await service.post(JSON.stringify({ rows }))
  expect(status).toBe(200)
  expect(body.insertErrors).toEqual([
    { index: 0, errors: [{ reason: 'stopped', location: '', debugInfo: '', message: '' }] },
    {
      index: 1,
      errors: [
        { reason: 'invalid', location: 'y', debugInfo: '', message: 'no such field: y.' },
        { reason: 'invalid', location: 'id', debugInfo: '', message: 'Cannot convert value to integer (bad value): x' },
      ],
    },
  ])
  expect(await ids(service)).toEqual([])
})

test('the client throws a PartialFailureError that holds the row', async () => {
  await using service = await withTable()
  await expect(service.table.insert([{ at: 'x' }])).rejects.toMatchObject({
    name: 'PartialFailureError',
    errors: [{ row: { at: 'x' }, errors: [{ reason: 'invalid' }, { reason: 'invalid' }] }],
  })
})

test('with skipInvalidRows the good rows go in', async () => {
  await using service = await withTable()
  await service.table.insert([{ id: 1 }, { id: 'x' }, { id: 3 }], { skipInvalidRows: true }).catch(() => {})
  expect(await ids(service)).toEqual([1, 3])
})

test('with ignoreUnknownValues unknown fields are left out', async () => {
  await using service = await withTable()
  await service.table.insert([{ id: 1, y: 1 }], { ignoreUnknownValues: true })
  expect(await ids(service)).toEqual([1])
})

test('an insertId goes in once a minute', async () => {
  await using service = await withTable()
  const insert = () => service.table.insert([{ insertId: 'a', json: { id: 1 } }], { raw: true })
  await insert()
  await insert()
  service.clock.advance(59_000)
  await insert()
  expect(await ids(service)).toEqual([1])
  service.clock.advance(60_000)
  await insert()
  expect(await ids(service)).toEqual([1, 1])
})

test('an insertId of a request that was refused is not remembered', async () => {
  await using service = await withTable()
  const row = { insertId: 'a', json: { id: 1 } }
  await service.table.insert([row, { insertId: 'b', json: {} }], { raw: true }).catch(() => {})
  await service.table.insert([row], { raw: true })
  expect(await ids(service)).toEqual([1])
})

test('a number keeps all its digits, whether it comes as a text or not', async () => {
  await using service = await withTable()
  await service.post('{"rows":[{"json":{"id":9223372036854775807,"price":0.123456789012345678}}]}')
  const [rows] = await service.table.getRows({ wrapIntegers: true })
  expect(rows[0].id.value).toBe('9223372036854775807')
  expect(rows[0].price.toString()).toBe('0.123456789')
})

test('a request without rows, or with a template suffix, is refused', async () => {
  await using service = await withTable()
  expect(await service.post('{"rows":[]}')).toMatchObject({ status: 400 })
  const template = await service.post('{"rows":[{"json":{"id":1}}],"templateSuffix":"_x"}')
  expect(template).toMatchObject({
    status: 501,
    body: { error: { message: expect.stringContaining('templateSuffix') } },
  })
})

test.each([
  ['a field beside json', '{"json":{"id":1},"bogus":1}', 'bogus'],
  ['a list for json', '{"json":[1]}', 'json'],
  ['a text for json', '{"json":"x"}', 'json'],
  ['a number for a row', '1', 'rows[0]'],
])('a row with %s is refused by name, and nothing goes in', async (_, row, name) => {
  await using service = await withTable()
  expect(await service.post(`{"rows":[${row}],"skipInvalidRows":true,"ignoreUnknownValues":true}`)).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining(name), errors: [{ reason: 'invalid' }] } },
  })
  expect(await ids(service)).toEqual([])
})

test('rows are listed by page, from an index, and by column', async () => {
  await using service = await withTable()
  await service.table.insert([0, 1, 2, 3].map((id) => ({ id, at: 1_705_314_600 + id })))
  const [first, next] = await service.table.getRows({ maxResults: 3, autoPaginate: false })
  expect(first.map(({ id }) => id)).toEqual([0, 1, 2])
  const [second, end] = await service.table.getRows({ ...next, autoPaginate: false })
  expect(second.map(({ id }) => id)).toEqual([3])
  expect(end).toBeNull()
  const [some] = await service.table.getRows({ startIndex: '2', selectedFields: 'at' })
  expect(some).toEqual([
    { at: expect.objectContaining({ value: '2024-01-15T10:30:02.000Z' }) },
    { at: expect.objectContaining({ value: '2024-01-15T10:30:03.000Z' }) },
  ])
})

test.each([
  ['maxResults=-1', 'maxResults'],
  ['startIndex=-1', 'startIndex'],
  ['pageToken=row-99999999999999999999', 'page token'],
])('a page of rows with %s is refused by name', async (query, name) => {
  await using service = await withTable()
  const [job] = await service.bigquery.createQueryJob('READ ds.t')
  const base = `${service.endpoint}/bigquery/v2/projects/${PROJECT}`
  for (const path of ['datasets/ds/tables/t/data', `queries/${job.id}`]) {
    const answer = await fetch(`${base}/${path}?${query}`)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      error: { message: expect.stringContaining(name), errors: [{ reason: 'invalid' }] },
    })
  }
})

test('a timestamp is seconds with a fraction unless the client asks for microseconds', async () => {
  await using service = await withTable()
  await service.table.insert([{ id: 1, at: '2024-01-15T10:30:00Z' }])
  const url = `${service.endpoint}/bigquery/v2/projects/${PROJECT}/datasets/ds/tables/t/data`
  const read = async (query: string) => ((await (await fetch(url + query)).json()) as Rows).rows[0]!.f[1]!.v
  expect(await read('')).toBe('1.7053146E9')
  expect(await read('?formatOptions.useInt64Timestamp=true')).toBe('1705314600000000')
})
