import { expect, test } from 'vitest'
import { PROJECT, startForTest } from './testing.ts'

const fields = [
  { name: 'id', type: 'STRING', mode: 'REQUIRED', description: 'the key' },
  { name: 'day', type: 'DATE' },
  { name: 'price', type: 'NUMERIC' },
  { name: 'items', type: 'RECORD', mode: 'REPEATED', fields: [{ name: 'quantity', type: 'INTEGER' }] },
]
type Field = { name: string; type: string; mode?: string; fields?: Field[] }

async function withDataset() {
  const service = await startForTest()
  await service.bigquery.createDataset('ds')
  return { ...service, dataset: service.bigquery.dataset('ds'), [Symbol.asyncDispose]: service[Symbol.asyncDispose] }
}

test('a table keeps its schema, partitioning, clustering, labels and descriptions', async () => {
  await using service = await withDataset()
  const [, made] = await service.dataset.createTable('orders', {
    schema: { fields },
    timePartitioning: { type: 'DAY', field: 'day' },
    clustering: { fields: ['id', 'day'] },
    labels: { team: 'a' },
    description: 'Orders',
  })
  expect(made).toMatchObject({
    id: `${PROJECT}:ds.orders`,
    type: 'TABLE',
    schema: {
      fields: fields.map((field) => ({
        mode: 'NULLABLE',
        ...field,
        ...(field.fields && { fields: [{ mode: 'NULLABLE' }] }),
      })),
    },
    timePartitioning: { type: 'DAY', field: 'day' },
    clustering: { fields: ['id', 'day'] },
    labels: { team: 'a' },
    description: 'Orders',
    numRows: '0',
    numBytes: '0',
  })
  expect((await service.dataset.table('orders').getMetadata())[0]).toEqual(made)
})

test('of tables made at the same time under one name one is made, the others exist already', async () => {
  await using service = await withDataset()
  const made = await Promise.allSettled([1, 2, 3].map(() => service.dataset.createTable('t', { schema: 'a:string' })))
  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const refused = made.find((result) => result.status === 'rejected')
  expect(refused?.reason).toMatchObject({
    code: 409,
    message: `Already Exists: Table ${PROJECT}:ds.t`,
    errors: [{ reason: 'duplicate' }],
  })
})

test('a table that is not there, or whose dataset is not, is named in the error', async () => {
  await using service = await withDataset()
  await expect(service.dataset.table('t').getMetadata()).rejects.toMatchObject({
    code: 404,
    message: `Not found: Table ${PROJECT}:ds.t`,
  })
  await expect(service.bigquery.dataset('no').table('t').getMetadata()).rejects.toMatchObject({
    message: `Not found: Dataset ${PROJECT}:no`,
  })
})

test('tables are listed by name and by page, and gone when deleted', async () => {
  await using service = await withDataset()
  for (const name of ['b', 'a', 'c']) await service.dataset.createTable(name, { schema: 'a:string' })
  await service.dataset.table('b').delete()
  const [first, next] = await service.dataset.getTables({ maxResults: 1, autoPaginate: false })
  expect(first.map(({ id }) => id)).toEqual(['a'])
  const [second] = await service.dataset.getTables({ ...next, autoPaginate: false })
  expect(second.map(({ id }) => id)).toEqual(['c'])
})

test('columns can be appended, also inside records, and the old rows have NULL there', async () => {
  await using service = await withDataset()
  const [table] = await service.dataset.createTable('t', { schema: { fields } })
  await table.insert([{ id: '1', items: [{ quantity: 2 }] }])
  const [id, day, price, items] = fields as [Field, Field, Field, Field]
  await table.setMetadata({
    schema: {
      fields: [
        { ...id, mode: 'NULLABLE' },
        day,
        price,
        { ...items, fields: [...items.fields!, { name: 'note', type: 'STRING' }] },
        { name: 'extra', type: 'STRING', mode: 'REPEATED' },
      ],
    },
  })
  await table.insert([{ items: [{ quantity: 3, note: 'n' }], extra: ['x'] }])
  const [rows] = await table.getRows()
  expect(rows).toEqual([
    { id: '1', day: null, price: null, items: [{ quantity: 2, note: null }], extra: [] },
    { id: null, day: null, price: null, items: [{ quantity: 3, note: 'n' }], extra: ['x'] },
  ])
})

test('a schema change that BigQuery would refuse is refused in its words, and changes nothing', async () => {
  await using service = await withDataset()
  const [table] = await service.dataset.createTable('t', { schema: { fields } })
  const changed = { fields: [{ ...fields[0]!, type: 'INTEGER' }, ...fields.slice(1)] }
  await expect(table.setMetadata({ schema: changed })).rejects.toMatchObject({
    code: 400,
    message: `Provided Schema does not match Table ${PROJECT}:ds.t. Field id has changed type from STRING to INTEGER`,
    errors: [{ reason: 'invalid' }],
  })
  expect((await table.getMetadata())[0].schema.fields[0].type).toBe('STRING')
})

test('a patch leaves what it does not name, and null takes away', async () => {
  await using service = await withDataset()
  const [table] = await service.dataset.createTable('t', { schema: 'a:string', description: 'd', labels: { a: '1' } })
  await table.setMetadata({ friendlyName: 'F' })
  expect((await table.getMetadata())[0]).toMatchObject({ friendlyName: 'F', description: 'd', labels: { a: '1' } })
  await table.setMetadata({ description: null as never })
  expect((await table.getMetadata())[0]).not.toHaveProperty('description')
})

test('a table changed under an old etag is refused', async () => {
  await using service = await withDataset()
  const [table] = await service.dataset.createTable('t', { schema: 'a:string' })
  const [{ etag }] = await table.getMetadata()
  await table.setMetadata({ description: 'newer' })
  const answer = await fetch(`${service.endpoint}/bigquery/v2/projects/${PROJECT}/datasets/ds/tables/t`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', 'if-match': etag },
    body: '{"description":"older"}',
  })
  expect(answer.status).toBe(412)
})

test('the partitioning of a table cannot change', async () => {
  await using service = await withDataset()
  const [table] = await service.dataset.createTable('t', { schema: { fields } })
  await expect(table.setMetadata({ timePartitioning: { type: 'DAY', field: 'day' } })).rejects.toMatchObject({
    code: 400,
    message: expect.stringContaining('partitioning'),
  })
})

test('how long partitions are kept cannot be changed here, and is refused by name', async () => {
  await using service = await withDataset()
  const timePartitioning = { type: 'DAY', field: 'day' }
  const [table] = await service.dataset.createTable('t', { schema: { fields }, timePartitioning })
  const longer = table.setMetadata({ timePartitioning: { ...timePartitioning, expirationMs: '86400000' } })
  await expect(longer).rejects.toMatchObject({
    code: 501,
    message: expect.stringContaining('timePartitioning.expirationMs'),
  })
})

test('a table counts its rows and their logical bytes', async () => {
  await using service = await withDataset()
  const [table] = await service.dataset.createTable('t', { schema: { fields } })
  await table.insert([{ id: 'abc', day: '2024-01-15', price: '1.5', items: [{ quantity: 1 }, { quantity: null }] }])
  const [{ numRows, numBytes }] = await table.getMetadata()
  expect({ numRows, numBytes }).toEqual({ numRows: '1', numBytes: String(2 + 3 + 8 + 16 + 8) })
})

test.each<[string, object, string]>([
  [
    'a partition column that is not there',
    { timePartitioning: { type: 'DAY', field: 'x' } },
    'The field specified for partitioning cannot be found in the schema.',
  ],
  [
    'a partition column of another type',
    { timePartitioning: { type: 'DAY', field: 'id' } },
    'The field specified for time partitioning can only be of type TIMESTAMP, DATE or DATETIME. The type found is: STRING.',
  ],
  [
    'a clustering column that is not there',
    { clustering: { fields: ['x'] } },
    'The field specified for clustering cannot be found in the schema. Invalid field: x.',
  ],
  [
    'a clustering column of a type without order',
    { clustering: { fields: ['items'] } },
    'Clustering is not supported on column items',
  ],
  [
    'more than four clustering columns',
    { clustering: { fields: ['id', 'day', 'price', 'id', 'day'] } },
    'Clustering needs 1 to 4 fields',
  ],
  [
    'a column twice',
    { schema: { fields: [...fields, { name: 'ID', type: 'STRING' }] } },
    'Field ID already exists in schema',
  ],
  ['a column of no type', { schema: { fields: [{ name: 'x', type: 'TEXT' }] } }, 'TEXT is not a valid value'],
  [
    'a record without fields',
    { schema: { fields: [{ name: 'x', type: 'RECORD' }] } },
    'Field x is type RECORD but has no schema',
  ],
])('%s is an invalid table', async (_what, options, message) => {
  await using service = await withDataset()
  const creating = service.dataset.createTable('t', { schema: { fields }, ...options })
  await expect(creating).rejects.toMatchObject({ code: 400, message: expect.stringContaining(message) })
})

test.each<[string, object]>([
  ['type VIEW', { type: 'VIEW' }],
  ['view', { view: 'SELECT 1' }],
  ['materializedView', { materializedView: { query: 'SELECT 1' } }],
  ['externalDataConfiguration', { externalDataConfiguration: { sourceFormat: 'CSV' } }],
  ['cloneDefinition', { cloneDefinition: { cloneTime: '2024-01-15T00:00:00Z' } }],
  ['rangePartitioning', { rangePartitioning: { field: 'a' } }],
  ['requirePartitionFilter', { timePartitioning: { type: 'DAY', field: 'day' }, requirePartitionFilter: true }],
  ['timePartitioning.expirationMs', { timePartitioning: { type: 'DAY', field: 'day', expirationMs: '86400000' } }],
  ['timePartitioning.field', { timePartitioning: { type: 'DAY' } }],
  ['policyTags', { schema: { fields: [{ name: 'a', type: 'STRING', policyTags: { names: ['x'] } }] } }],
  ['defaultValueExpression', { schema: { fields: [{ name: 'a', type: 'STRING', defaultValueExpression: "'x'" }] } }],
  ['GEOGRAPHY', { schema: { fields: [{ name: 'a', type: 'GEOGRAPHY' }] } }],
])('a table with %s is refused by that name', async (name, options) => {
  await using service = await withDataset()
  const creating = service.dataset.createTable('t', { schema: { fields }, ...options })
  await expect(creating).rejects.toMatchObject({ code: 501, message: expect.stringContaining(name) })
})

test('a partition decorator is refused by name', async () => {
  await using service = await withDataset()
  await expect(service.dataset.table('t$20240115').getMetadata()).rejects.toMatchObject({
    code: 501,
    message: expect.stringContaining('t$20240115'),
  })
})

test('a table cannot be told to have expired', async () => {
  await using service = await withDataset()
  const refused = { code: 400, message: expect.stringContaining('expirationTime'), errors: [{ reason: 'invalid' }] }
  const past = { expirationTime: String(service.clock.now()) }
  await expect(service.dataset.createTable('t', { schema: 'a:integer', ...past })).rejects.toMatchObject(refused)
  const [table] = await service.dataset.createTable('t', { schema: 'a:integer' })
  await expect(table.setMetadata(past)).rejects.toMatchObject(refused)
  expect((await table.getMetadata())[0].expirationTime).toBeUndefined()
})
