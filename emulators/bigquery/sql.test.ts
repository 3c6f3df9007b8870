import { expect, test } from 'vitest'
import { compile } from './sql/index.ts'
import { PROJECT, startForTest } from './testing.ts'

test('tables are made, filled, read and dropped by SQL', async () => {
  await using service = await startForTest(compile)
  const { bigquery } = service
  const run = async (query: string) => {
    const [job] = await bigquery.createQueryJob({ query })
    await job.getQueryResults()
    return (await job.getMetadata())[0].statistics.query
  }
  expect(await run('CREATE SCHEMA ds')).toMatchObject({
    statementType: 'CREATE_SCHEMA',
    ddlOperationPerformed: 'CREATE',
    ddlTargetDataset: { projectId: PROJECT, datasetId: 'ds' },
  })
  expect(
    await run(`CREATE TABLE ds.orders (
      id STRING NOT NULL OPTIONS(description='the key'),
      day DATE,
      items ARRAY<STRUCT<product STRING, price NUMERIC>>
    ) PARTITION BY day CLUSTER BY id OPTIONS(description='Orders', labels=[('team', 'a')])`),
  ).toMatchObject({
    statementType: 'CREATE_TABLE',
    ddlOperationPerformed: 'CREATE',
    ddlTargetTable: { projectId: PROJECT, datasetId: 'ds', tableId: 'orders' },
  })
  const [metadata] = await bigquery.dataset('ds').table('orders').getMetadata()
  expect(metadata).toMatchObject({
    schema: {
      fields: [
        { name: 'id', type: 'STRING', mode: 'REQUIRED', description: 'the key' },
        { name: 'day', type: 'DATE' },
        { name: 'items', type: 'RECORD', mode: 'REPEATED', fields: [{ type: 'STRING' }, { type: 'NUMERIC' }] },
      ],
    },
    timePartitioning: { type: 'DAY', field: 'day' },
    clustering: { fields: ['id'] },
    description: 'Orders',
    labels: { team: 'a' },
  })
  await bigquery
    .dataset('ds')
    .table('orders')
    .insert([
      {
        id: 'a',
        day: '2024-01-15',
        items: [
          { product: 'p', price: '1.5' },
          { product: 'q', price: '2' },
        ],
      },
      { id: 'b', day: '2024-01-16' },
    ])
  expect(
    await run(
      'CREATE TABLE ds.totals AS SELECT id, SUM(i.price) AS total FROM ds.orders, UNNEST(items) AS i GROUP BY id',
    ),
  ).toMatchObject({ statementType: 'CREATE_TABLE_AS_SELECT', ddlOperationPerformed: 'CREATE' })
  const [rows] = await bigquery.query('SELECT id, CAST(total AS STRING) AS total FROM ds.totals')
  expect(rows).toEqual([{ id: 'a', total: '3.5' }])
  expect((await bigquery.dataset('ds').table('totals').getMetadata())[0]).toMatchObject({
    numRows: '1',
    numBytes: '19',
  })
  expect(await run('CREATE TABLE IF NOT EXISTS ds.totals (id STRING)')).toMatchObject({ ddlOperationPerformed: 'SKIP' })
  expect(await run('CREATE OR REPLACE TABLE ds.totals (id STRING)')).toMatchObject({ ddlOperationPerformed: 'REPLACE' })
  expect(await run('DROP TABLE ds.totals')).toMatchObject({ ddlOperationPerformed: 'DROP' })
  expect(await run('DROP TABLE IF EXISTS ds.totals')).toMatchObject({ ddlOperationPerformed: 'SKIP' })
  await expect(run('DROP TABLE ds.totals')).rejects.toMatchObject({
    code: 404,
    message: expect.stringContaining(`Not found: Table ${PROJECT}:ds.totals`),
  })
})

test('parameters of every kind reach the statement', async () => {
  await using service = await startForTest(compile)
  const [rows] = await service.bigquery.query({
    query: `SELECT @day AS day, @at AS made, @price AS price, (SELECT COUNT(*) FROM UNNEST(@list)) AS n, @record.name AS name, @bytes AS bytes,
      @record.inner.x AS x, @missing IS NULL AS missing`,
    params: {
      day: service.bigquery.date('2024-01-15'),
      at: service.bigquery.timestamp('2024-01-15T10:30:00Z'),
      price: '1.50',
      list: ['a', 'b'],
      record: { name: 'x', inner: { x: 1 } },
      bytes: 'aGk=',
      missing: null,
    },
    types: { price: 'NUMERIC', list: ['STRING'], missing: 'STRING', bytes: 'BYTES' },
  })
  expect(JSON.parse(JSON.stringify(rows))).toEqual([
    {
      day: { value: '2024-01-15' },
      made: { value: '2024-01-15T10:30:00.000Z' },
      price: '1.5',
      n: 2,
      name: 'x',
      bytes: JSON.parse(JSON.stringify(Buffer.from('hi'))),
      x: 1,
      missing: true,
    },
  ])
})

test('a list without elements is a parameter', async () => {
  await using service = await startForTest(compile)
  const [rows] = await service.bigquery.query({
    query: 'SELECT "a" IN UNNEST(@texts) AS found, ARRAY_LENGTH(@record.list) AS n',
    params: { texts: [], record: { list: [] } },
    types: { texts: ['STRING'], record: { list: ['NUMERIC'] } },
  })
  expect(rows).toEqual([{ found: false, n: 0 }])
})

test('rows of the Storage Write API and of insertAll are read by one query', async () => {
  await using service = await startForTest(compile)
  await service.bigquery.createDataset('ds')
  const [table] = await service.bigquery.dataset('ds').createTable('t', { schema: 'id:integer,tags:string' })
  await table.insert([{ id: 1, tags: 'x' }])
  const call = service.writer.getClient().appendRows()
  const answer = new Promise((resolve) => call.on('data', resolve))
  call.write({
    writeStream: `projects/${PROJECT}/datasets/ds/tables/t/streams/_default`,
    protoRows: {
      writerSchema: {
        protoDescriptor: {
          name: 'Row',
          field: [{ name: 'id', number: 1, type: 'TYPE_INT64', label: 'LABEL_OPTIONAL' }],
        },
      },
      rows: { serializedRows: [Buffer.from([8, 2])] },
    },
  })
  await answer
  call.end()
  const [rows] = await service.bigquery.query('SELECT id, tags FROM ds.t ORDER BY id DESC')
  expect(rows).toEqual([
    { id: 2, tags: null },
    { id: 1, tags: 'x' },
  ])
})

test('a NULL in a REQUIRED column refuses the whole statement', async () => {
  await using service = await startForTest(compile)
  await service.bigquery.createDataset('ds')
  const creating = service.bigquery.query(
    'CREATE TABLE ds.t (id INT64 NOT NULL) AS SELECT 1 AS id UNION ALL SELECT NULL',
  )
  await expect(creating).rejects.toMatchObject({ code: 400, message: 'Required field id cannot be null' })
  expect(await service.bigquery.dataset('ds').table('t').exists()).toEqual([false])
})

test('INSERT adds its rows to those that are there, and tells how many', async () => {
  await using service = await startForTest(compile)
  const { bigquery } = service
  await bigquery.createDataset('ds')
  await bigquery.query('CREATE TABLE ds.t (id INT64 NOT NULL, name STRING, tags ARRAY<STRING>)')
  const [job] = await bigquery.createQueryJob("INSERT INTO ds.t (name, id) VALUES ('a', 1), ('b', 2)")
  expect((await job.getQueryResults())[2]).toMatchObject({ totalRows: '0', numDmlAffectedRows: '2' })
  expect((await job.getMetadata())[0].statistics.query).toMatchObject({
    statementType: 'INSERT',
    numDmlAffectedRows: '2',
    dmlStats: { insertedRowCount: '2' },
  })
  await bigquery.query("INSERT INTO ds.t SELECT id + 2, name, ['x'] FROM ds.t")
  const [rows] = await bigquery.query('SELECT * FROM ds.t ORDER BY id')
  expect(rows).toEqual([
    { id: 1, name: 'a', tags: [] },
    { id: 2, name: 'b', tags: [] },
    { id: 3, name: 'a', tags: ['x'] },
    { id: 4, name: 'b', tags: ['x'] },
  ])
  const [{ numRows, numBytes }] = await bigquery.dataset('ds').table('t').getMetadata()
  expect({ numRows, numBytes }).toEqual({ numRows: '4', numBytes: String(4 * (8 + 3) + 2 * 3) })
  await expect(bigquery.query("INSERT INTO ds.t (name) VALUES ('c')")).rejects.toMatchObject({
    message: 'Required field id cannot be null',
  })
})
