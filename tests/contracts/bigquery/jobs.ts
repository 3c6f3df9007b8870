import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { BigQueryBackend } from './backend.ts'

const TEN = 'SELECT n FROM UNNEST(GENERATE_ARRAY(1, 10)) AS n ORDER BY n'

export const jobs = {
  async 'the result of a job is read page by page'({ bigquery }) {
    const [job] = await bigquery.createQueryJob(TEN)
    const read: number[] = []
    for (let next: object | null | undefined = { maxResults: 4 }; next; ) {
      const [rows, after]: [{ n: number }[], (object | null)?, ...unknown[]] = await job.getQueryResults({
        ...next,
        autoPaginate: false,
      })
      expect(rows.length).toBeLessThanOrEqual(4)
      read.push(...rows.map(({ n }) => n))
      next = after
    }
    expect(read).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  },

  async 'a job tells what it ran, and that it is done'({ bigquery }) {
    const [job] = await bigquery.createQueryJob(TEN)
    await job.getQueryResults()
    expect((await job.getMetadata())[0]).toMatchObject({
      status: { state: 'DONE' },
      configuration: { jobType: 'QUERY', query: { query: TEN } },
      statistics: { query: { statementType: 'SELECT' } },
    })
  },

  async 'the id of a job can be used once: 409, duplicate'({ bigquery }) {
    const jobId = `contract-${randomUUID()}`
    await bigquery.createQueryJob({ query: TEN, jobId })
    await expect(bigquery.createQueryJob({ query: TEN, jobId })).rejects.toMatchObject({
      code: 409,
      errors: [{ reason: 'duplicate' }],
    })
  },

  async 'a job that is not there is notFound: 404'({ bigquery }) {
    const job = bigquery.job(`contract-${randomUUID()}`)
    await expect(job.getMetadata()).rejects.toMatchObject({ code: 404, errors: [{ reason: 'notFound' }] })
  },

  async 'a job that fails is made all the same, and ends with its reason: invalidQuery'({ bigquery }) {
    const [job] = await bigquery.createQueryJob('SLECT 1')
    await expect(job.getQueryResults()).rejects.toMatchObject({ code: 400, errors: [{ reason: 'invalidQuery' }] })
    // The client throws what it finds in the status.
    await expect(job.getMetadata().then(([{ status }]) => status)).resolves.toMatchObject({
      state: 'DONE',
      errorResult: { reason: 'invalidQuery' },
    })
  },

  async 'a dry run tells the schema and the bytes, and runs nothing'({ bigquery, ...backend }) {
    const dataset = await backend.dataset()
    const query = `CREATE TABLE ${dataset.id}.made AS SELECT 1 AS a`
    await bigquery.createQueryJob({ query, dryRun: true })
    expect(await dataset.table('made').exists()).toEqual([false])
    const [job] = await bigquery.createQueryJob({ query: TEN, dryRun: true })
    expect(job.metadata.statistics).toMatchObject({
      totalBytesProcessed: '0',
      query: { schema: { fields: [{ name: 'n', type: 'INTEGER' }] } },
    })
    await expect(bigquery.createQueryJob({ query: 'SLECT', dryRun: true })).rejects.toMatchObject({ code: 400 })
  },

  async 'the rows of a query go to its destination table, in the way it says'({ bigquery, ...backend }) {
    const dataset = await backend.dataset()
    const destination = dataset.table('made')
    const run = async (query: string, writeDisposition?: string) => {
      const [job] = await bigquery.createQueryJob({ query, destination, writeDisposition })
      await job.getQueryResults()
      return (await destination.getRows())[0]
    }
    expect(await run('SELECT 1 AS a')).toEqual([{ a: 1 }])
    await expect(run('SELECT 2 AS a')).rejects.toMatchObject({ errors: [{ reason: 'duplicate' }] })
    expect(await run('SELECT 3 AS a', 'WRITE_APPEND')).toEqual([{ a: 1 }, { a: 3 }])
    expect(await run('SELECT 4 AS a', 'WRITE_TRUNCATE')).toEqual([{ a: 4 }])
  },

  async 'tables are made and dropped by SQL'({ bigquery, ...backend }) {
    const dataset = await backend.dataset()
    await bigquery.query(`CREATE TABLE ${dataset.id}.made (id STRING NOT NULL OPTIONS(description='the key'), day DATE)
      PARTITION BY day CLUSTER BY id OPTIONS(labels=[('team', 'shop')])`)
    expect((await dataset.table('made').getMetadata())[0]).toMatchObject({
      schema: {
        fields: [
          { name: 'id', type: 'STRING', mode: 'REQUIRED', description: 'the key' },
          { name: 'day', type: 'DATE' },
        ],
      },
      timePartitioning: { type: 'DAY', field: 'day' },
      clustering: { fields: ['id'] },
      labels: { team: 'shop' },
    })
    await bigquery.query(`DROP TABLE ${dataset.id}.made`)
    expect(await dataset.table('made').exists()).toEqual([false])
  },

  async 'INSERT adds rows, and the job tells how many'({ bigquery, ...backend }) {
    const table = await backend.table([{ name: 'a', type: 'INTEGER' }])
    const [job] = await bigquery.createQueryJob(`INSERT INTO ${table.dataset.id}.${table.id} (a) VALUES (1), (2)`)
    await job.getQueryResults()
    expect((await job.getMetadata())[0].statistics.query).toMatchObject({
      statementType: 'INSERT',
      numDmlAffectedRows: '2',
    })
    expect((await table.getRows())[0]).toEqual([{ a: 1 }, { a: 2 }])
  },

  async 'INFORMATION_SCHEMA.TABLES tells the tables of a dataset'({ bigquery, ...backend }) {
    const table = await backend.table([{ name: 'a', type: 'INTEGER' }])
    const query = `SELECT table_name, table_type FROM ${table.dataset.id}.INFORMATION_SCHEMA.TABLES`
    expect((await bigquery.query(query))[0]).toEqual([{ table_name: table.id, table_type: 'BASE TABLE' }])
  },

  async 'INFORMATION_SCHEMA.COLUMNS tells the columns of a table'({ bigquery, ...backend }) {
    const table = await backend.table(
      [
        { name: 'day', type: 'DATE', mode: 'REQUIRED' },
        { name: 'tags', type: 'STRING', mode: 'REPEATED' },
      ],
      { timePartitioning: { type: 'DAY', field: 'day' } },
    )
    const query = `SELECT column_name, ordinal_position, data_type, is_nullable, is_partitioning_column
      FROM ${table.dataset.id}.INFORMATION_SCHEMA.COLUMNS ORDER BY ordinal_position`
    expect((await bigquery.query(query))[0]).toMatchObject([
      { column_name: 'day', data_type: 'DATE', is_nullable: 'NO', is_partitioning_column: 'YES' },
      { column_name: 'tags', data_type: 'ARRAY<STRING>', is_partitioning_column: 'NO' },
    ])
  },
} satisfies Contract<BigQueryBackend>
