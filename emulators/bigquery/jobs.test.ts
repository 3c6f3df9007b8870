import { expect, test } from 'vitest'
import { PROJECT, startForTest } from './testing.ts'

const ENDLESS = 'DUCKDB n INT64: SELECT count(*) FROM range(100000000000) a, range(1000) b'

test('a query with parameters answers rows', async () => {
  await using service = await startForTest()
  const [rows] = await service.bigquery.query({
    query: 'DUCKDB a INT64, b STRING, c TIMESTAMP: SELECT $1, $2, $3',
    params: [1, 'x', new Date('2024-01-15T10:30:00.5Z')],
    types: ['INT64', 'STRING', 'TIMESTAMP'],
  })
  expect(rows).toEqual([{ a: 1, b: 'x', c: expect.objectContaining({ value: '2024-01-15T10:30:00.500Z' }) }])
})

test('lists and records are parameters, too', async () => {
  await using service = await startForTest()
  const [rows] = await service.bigquery.query({
    query: 'DUCKDB a INT64, b STRING: SELECT list_sum($1), $2.name',
    params: { list: [1, 2, 3], record: { name: 'x', size: 1.5 } },
  })
  expect(rows).toEqual([{ a: 6, b: 'x' }])
})

test('a table is read as it was after the last write', async () => {
  await using service = await startForTest()
  const { bigquery } = service
  await bigquery.createDataset('ds')
  const [table] = await bigquery.dataset('ds').createTable('t', { schema: 'a:integer' })
  await table.insert([{ a: 1 }])
  expect((await bigquery.query('READ ds.t'))[0]).toEqual([{ a: 1 }])
  expect((await bigquery.query({ query: 'READ t', defaultDataset: { datasetId: 'ds' } }))[0]).toEqual([{ a: 1 }])
  expect((await bigquery.query(`READ ${PROJECT}.ds.t`))[0]).toEqual([{ a: 1 }])
})

test('a result is read page by page', async () => {
  await using service = await startForTest()
  const [job] = await service.bigquery.createQueryJob('DUCKDB n INT64: SELECT * FROM range(25)')
  const read: number[] = []
  for (let next: object | null | undefined = { maxResults: 10 }; next; ) {
    const [rows, after]: [{ n: number }[], (object | null)?, ...unknown[]] = await job.getQueryResults({
      ...next,
      autoPaginate: false,
    })
    expect(rows.length).toBeLessThanOrEqual(10)
    read.push(...rows.map(({ n }) => n))
    next = after
  }
  expect(read).toEqual(Array.from({ length: 25 }, (_, i) => i))
})

test('a job tells its statistics, and is listed with the newest first', async () => {
  await using service = await startForTest()
  const { bigquery } = service
  await bigquery.createDataset('ds')
  const [table] = await bigquery.dataset('ds').createTable('t', { schema: 'a:integer' })
  await table.insert([{ a: 1 }, { a: 2 }])
  const [job] = await bigquery.createQueryJob({ query: 'READ ds.t', jobId: 'mine' })
  await job.getQueryResults()
  const [metadata] = await job.getMetadata()
  expect(metadata).toMatchObject({
    id: `${PROJECT}:US.mine`,
    status: { state: 'DONE' },
    configuration: { jobType: 'QUERY', query: { query: 'READ ds.t' } },
    statistics: {
      totalBytesProcessed: '16',
      query: { statementType: 'SELECT', cacheHit: false, referencedTables: [{ datasetId: 'ds', tableId: 't' }] },
    },
  })
  await bigquery.query('READ ds.t')
  const [jobs] = await bigquery.getJobs()
  expect(jobs.map(({ id }) => id)).toEqual([expect.stringContaining('job_'), 'mine'])
})

test('a job id can be used once', async () => {
  await using service = await startForTest()
  const run = () => service.bigquery.createQueryJob({ query: 'DUCKDB n INT64: SELECT 1', jobId: 'mine' })
  await run()
  await expect(run()).rejects.toMatchObject({
    code: 409,
    message: `Already Exists: Job ${PROJECT}:US.mine`,
    errors: [{ reason: 'duplicate' }],
  })
})

test('a query that is not SQL is an invalidQuery, also as the end of a job', async () => {
  await using service = await startForTest()
  const invalid = {
    code: 400,
    errors: [{ reason: 'invalidQuery', location: 'q', message: 'Syntax error: Unexpected identifier' }],
  }
  await expect(service.bigquery.query('SLECT 1')).rejects.toMatchObject(invalid)
  const [job] = await service.bigquery.createQueryJob('SLECT 1')
  await expect(job.getQueryResults()).rejects.toMatchObject(invalid)
  const answer = await fetch(`${service.endpoint}/bigquery/v2/projects/${PROJECT}/jobs/${job.id}`)
  expect(await answer.json()).toMatchObject({
    status: {
      state: 'DONE',
      errorResult: { reason: 'invalidQuery', location: 'query', message: 'Syntax error: Unexpected identifier' },
    },
  })
})

test('a value that cannot be converted fails the query when it runs', async () => {
  await using service = await startForTest()
  await expect(service.bigquery.query("DUCKDB n INT64: SELECT CAST('x' AS BIGINT)")).rejects.toMatchObject({
    code: 400,
    errors: [{ reason: 'invalidQuery' }],
  })
})

test.each([
  ['READ ds.no', 404, `Not found: Table ${PROJECT}:ds.no was not found in location US`],
  ['READ no.t', 404, `Not found: Dataset ${PROJECT}:no was not found in location US`],
  ['READ elsewhere.ds.t', 403, 'Access Denied: Table elsewhere:ds.t'],
  ['READ t', 400, 'Table "t" must be qualified with a dataset (e.g. dataset.table).'],
])('%s fails as a query does', async (query, code, message) => {
  await using service = await startForTest()
  await service.bigquery.createDataset('ds')
  await expect(service.bigquery.query(query)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
})

test('a job finds a dataset only in its location; one without a location finds all', async () => {
  await using service = await startForTest()
  const { bigquery } = service
  const [dataset] = await bigquery.createDataset('ds', { location: 'EU' })
  const [table] = await dataset.createTable('t', { schema: 'a:integer' })
  const elsewhere = { code: 404, message: `Not found: Dataset ${PROJECT}:ds was not found in location US` }
  for (const query of ['READ ds.t', 'READ ds.INFORMATION_SCHEMA.TABLES']) {
    await expect(bigquery.query({ query, location: 'US' })).rejects.toMatchObject(elsewhere)
    await expect(bigquery.query({ query, location: 'eu' })).resolves.toBeDefined()
    await expect(bigquery.query(query)).resolves.toBeDefined()
  }
  const into = { query: 'DUCKDB a INT64: SELECT 1', destination: table, location: 'US' }
  const [job] = await bigquery.createQueryJob(into)
  await expect(job.getQueryResults()).rejects.toMatchObject(elsewhere)
})

test('a dry run checks the statement, tells its schema and leaves no job', async () => {
  await using service = await startForTest()
  const [job] = await service.bigquery.createQueryJob({ query: 'DUCKDB n INT64: SELECT 1', dryRun: true })
  expect(job.metadata.statistics.query.schema.fields).toEqual([{ name: 'n', type: 'INTEGER', mode: 'NULLABLE' }])
  expect((await service.bigquery.getJobs())[0]).toEqual([])
  await expect(service.bigquery.createQueryJob({ query: 'SLECT', dryRun: true })).rejects.toMatchObject({ code: 400 })
})

test('a query that runs longer than the client waits is not complete, and can be cancelled', async () => {
  await using service = await startForTest()
  const post = (path: string, body: object) =>
    fetch(`${service.endpoint}/bigquery/v2/projects/${PROJECT}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const asking = post('queries', { query: ENDLESS, useLegacySql: false, timeoutMs: 5_000 })
  await expect.poll(async () => (await service.bigquery.getJobs())[0].length).toBe(1)
  service.clock.advance(5_000)
  const { jobComplete, jobReference } = (await (await asking).json()) as {
    jobComplete: boolean
    jobReference: { jobId: string }
  }
  expect(jobComplete).toBe(false)
  const job = service.bigquery.job(jobReference.jobId)
  await job.cancel()
  await expect(job.getQueryResults()).rejects.toMatchObject({ errors: [{ reason: 'stopped' }] })
})

test('the same requestId is the same job', async () => {
  await using service = await startForTest()
  const ask = async () => {
    const answer = await fetch(`${service.endpoint}/projects/${PROJECT}/queries`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'DUCKDB n INT64: SELECT 1', useLegacySql: false, requestId: 'r' }),
    })
    return ((await answer.json()) as { jobReference: { jobId: string } }).jobReference.jobId
  }
  expect(await ask()).toBe(await ask())
})

test.each<[string, object]>([
  ['legacy SQL', { configuration: { query: { query: 'x' } } }],
  ['load', { configuration: { load: { sourceUris: ['gs://b/o'] } } }],
  ['extract', { configuration: { extract: { destinationUri: 'gs://b/o' } } }],
  ['load', { configuration: { load: {} } }],
  ['copy', { configuration: { copy: {} } }],
  ['extract', { configuration: { jobType: 'EXTRACT' } }],
  ['createSession', { configuration: { query: { query: 'x', useLegacySql: false, createSession: true } } }],
  [
    'connectionProperties',
    { configuration: { query: { query: 'x', useLegacySql: false, connectionProperties: [{}] } } },
  ],
])('a job with %s is refused by that name', async (name, body) => {
  await using service = await startForTest()
  const answer = await fetch(`${service.endpoint}/bigquery/v2/projects/${PROJECT}/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.status).toBe(501)
  expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining(name) } })
})

test('INFORMATION_SCHEMA tells the tables and columns of a dataset', async () => {
  await using service = await startForTest()
  const { bigquery } = service
  await bigquery.createDataset('ds')
  expect((await bigquery.query('READ ds.INFORMATION_SCHEMA.TABLES'))[0]).toEqual([])
  await bigquery.dataset('ds').createTable('t', {
    schema: {
      fields: [
        { name: 'day', type: 'DATE', mode: 'REQUIRED' },
        { name: 'tags', type: 'STRING', mode: 'REPEATED' },
      ],
    },
    timePartitioning: { type: 'DAY', field: 'day' },
    clustering: { fields: ['day'] },
  })
  const [tables] = await bigquery.query('READ ds.INFORMATION_SCHEMA.TABLES')
  expect(tables).toMatchObject([
    {
      table_name: 't',
      table_type: 'BASE TABLE',
      creation_time: { value: new Date(service.clock.now()).toISOString() },
    },
  ])
  const [columns] = await bigquery.query(`READ ${PROJECT}.ds.INFORMATION_SCHEMA.COLUMNS`)
  expect(columns).toMatchObject([
    {
      column_name: 'day',
      ordinal_position: 1,
      data_type: 'DATE',
      is_nullable: 'NO',
      is_partitioning_column: 'YES',
      clustering_ordinal_position: 1,
    },
    {
      column_name: 'tags',
      ordinal_position: 2,
      data_type: 'ARRAY<STRING>',
      is_nullable: 'YES',
      clustering_ordinal_position: null,
    },
  ])
  await expect(bigquery.query('READ ds.INFORMATION_SCHEMA.VIEWS')).rejects.toMatchObject({ code: 501 })
})

test('the rows of a query go to its destination table, in the way it says', async () => {
  await using service = await startForTest()
  const { bigquery } = service
  await bigquery.createDataset('ds')
  const destination = bigquery.dataset('ds').table('t')
  const run = async (query: string, options: object = {}) => {
    const [job] = await bigquery.createQueryJob({ query, destination, ...options })
    return (await job.getQueryResults())[0]
  }
  expect(await run('DUCKDB a INT64: SELECT 1', { clustering: { fields: ['a'] } })).toEqual([{ a: 1 }])
  expect((await destination.getMetadata())[0]).toMatchObject({ numRows: '1', clustering: { fields: ['a'] } })
  await expect(run('DUCKDB a INT64: SELECT 2')).rejects.toMatchObject({ code: 409 })
  expect(await run('DUCKDB a INT64: SELECT 2', { writeDisposition: 'WRITE_APPEND' })).toEqual([{ a: 1 }, { a: 2 }])
  expect(await run('DUCKDB a INT64: SELECT 3', { writeDisposition: 'WRITE_TRUNCATE' })).toEqual([{ a: 3 }])
  const wider = 'DUCKDB a INT64, b STRING: SELECT 4, 42'
  await expect(run(wider, { writeDisposition: 'WRITE_APPEND' })).rejects.toMatchObject({
    message: 'Invalid schema update. Cannot add fields (field: b)',
  })
  const growing = { writeDisposition: 'WRITE_APPEND', schemaUpdateOptions: ['ALLOW_FIELD_ADDITION'] }
  expect(await run(wider, growing)).toEqual([
    { a: 3, b: null },
    { a: 4, b: '42' },
  ])
})

test('a destination that may not be made must be there', async () => {
  await using service = await startForTest()
  await service.bigquery.createDataset('ds')
  const destination = service.bigquery.dataset('ds').table('t')
  const query = { query: 'DUCKDB a INT64: SELECT 1', destination, createDisposition: 'CREATE_NEVER' }
  const [job] = await service.bigquery.createQueryJob(query)
  await expect(job.getQueryResults()).rejects.toMatchObject({ code: 404, message: `Not found: Table ${PROJECT}:ds.t` })
})

test('a job that runs longer than it may is stopped', async () => {
  await using service = await startForTest()
  const [job] = await service.bigquery.createQueryJob({ query: ENDLESS, jobTimeoutMs: 1_000 })
  service.clock.advance(1_000)
  await expect(job.getQueryResults()).rejects.toMatchObject({ errors: [{ reason: 'stopped' }] })
})

test('a query that would read more than it may is not run', async () => {
  await using service = await startForTest()
  await service.bigquery.createDataset('ds')
  const [table] = await service.bigquery.dataset('ds').createTable('t', { schema: 'a:integer' })
  await table.insert([{ a: 1 }])
  await expect(service.bigquery.query({ query: 'READ ds.t', maximumBytesBilled: '1000' })).rejects.toMatchObject({
    message: 'Query exceeded limit for bytes billed: 1000. 10485760 or higher required.',
  })
})
