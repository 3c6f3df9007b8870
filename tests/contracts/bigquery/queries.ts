import type { BigQuery, Query } from '@google-cloud/bigquery'
import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { BigQueryBackend } from './backend.ts'
import { plain } from './plain.ts'

async function ask(bigquery: BigQuery, query: string | Query): Promise<Record<string, unknown>[]> {
  const [rows] = await bigquery.query(typeof query === 'string' ? { query } : query)
  return rows.map(plain)
}

const COUNTED = "SELECT COUNT(*) AS n FROM UNNEST(['a', 'b', 'c']) AS x WHERE x IN UNNEST(@list)"

export const queries = {
  async 'a parameter of each type reaches the statement'({ bigquery }) {
    const rows = await ask(bigquery, {
      query: `SELECT @text AS text, @whole + 1 AS whole, @price AS price, @day AS day, @made AS made, @truth AS truth,
        @missing IS NULL AS missing, CAST(@octets AS STRING) AS octets`,
      params: {
        text: 'é',
        whole: 41,
        price: '1.50',
        day: bigquery.date('2024-01-15'),
        made: bigquery.timestamp('2024-01-15T10:30:00.123Z'),
        truth: true,
        missing: null,
        octets: 'aGk=',
      },
      types: { price: 'NUMERIC', missing: 'STRING', octets: 'BYTES' },
    })
    expect(rows).toEqual([
      {
        text: 'é',
        whole: 42,
        price: '1.5',
        day: '2024-01-15',
        made: '2024-01-15T10:30:00.123Z',
        truth: true,
        missing: true,
        octets: 'hi',
      },
    ])
  },

  async 'parameters may have no names'({ bigquery }) {
    const query = { query: 'SELECT ? AS a, ? AS b', params: ['x', 2] }
    expect(await ask(bigquery, query)).toEqual([{ a: 'x', b: 2 }])
  },

  async 'a list is a parameter'({ bigquery }) {
    const query = { query: COUNTED, params: { list: ['a', 'c', 'z'] }, types: { list: ['STRING'] } }
    expect(await ask(bigquery, query)).toEqual([{ n: 2 }])
  },

  'a list without elements is a parameter': {
    needs: 'a service that goes on after an empty list',
    async holds({ bigquery }: BigQueryBackend) {
      const query = { query: COUNTED, params: { list: [] }, types: { list: ['STRING'] } }
      expect(await ask(bigquery, query)).toEqual([{ n: 0 }])
    },
  },

  async 'a record is a parameter'({ bigquery }) {
    const query = { query: 'SELECT @r.name AS name, @r.inner.x AS x', params: { r: { name: 'n', inner: { x: 1 } } } }
    expect(await ask(bigquery, query)).toEqual([{ name: 'n', x: 1 }])
  },

  async 'values have the type that SQL gives them, to the last digit'({ bigquery }) {
    const [row] = await ask(
      bigquery,
      `SELECT NUMERIC '0.1' + NUMERIC '0.2' AS price, TIMESTAMP '2024-01-15 10:30:00.123456+00' AS made,
        DATE '2024-01-15' + 30 AS day, 0.1 + 0.2 AS broken, [1, 2] AS list, STRUCT(1 AS a, 'x' AS b) AS record,
        CAST(NULL AS STRING) AS nothing, b'hi' AS octets`,
    )
    expect(row).toEqual({
      price: '0.3',
      made: '2024-01-15T10:30:00.123456Z',
      day: '2024-02-14',
      broken: 0.30000000000000004,
      list: [1, 2],
      record: { a: 1, b: 'x' },
      nothing: null,
      octets: 'aGk=',
    })
  },

  async 'a timestamp that arrives as text is compared as the instant that it is'({ bigquery }) {
    const [row] = await ask(bigquery, {
      query: `SELECT TIMESTAMP '2024-01-15 10:30:59.999999+00' BETWEEN CAST(@low AS TIMESTAMP) AND CAST(@high AS TIMESTAMP) AS inside,
        TIMESTAMP '2024-01-15 10:31:00+00' BETWEEN CAST(@low AS TIMESTAMP) AND CAST(@high AS TIMESTAMP) AS outside`,
      params: { low: '2024-01-15T10:30:00.000Z', high: '2024-01-15T10:30:59.999999Z' },
    })
    expect(row).toEqual({ inside: true, outside: false })
  },

  async 'sums of NUMERIC are exact, and groups are ordered as told'({ bigquery, ...backend }) {
    const table = await backend.table([
      { name: 'customer', type: 'STRING' },
      { name: 'total', type: 'NUMERIC' },
    ])
    const totals = ['0.1', '0.2', '1000000000000000000000.000000001']
    await table.insert(totals.map((total, i) => ({ customer: i < 2 ? 'a' : 'b', total })))
    const name = `${table.dataset.id}.${table.id}`
    const query = `SELECT customer, COUNT(*) AS n, SUM(total) AS total FROM \`${name}\` GROUP BY customer ORDER BY total DESC`
    expect(await ask(bigquery, query)).toEqual([
      { customer: 'b', n: 1, total: '1000000000000000000000.000000001' },
      { customer: 'a', n: 2, total: '0.3' },
    ])
  },

  async 'what lies inside records is reached with UNNEST'({ bigquery, ...backend }) {
    const fields = [
      { name: 'product', type: 'STRING' },
      { name: 'price', type: 'NUMERIC' },
    ]
    const table = await backend.table([
      { name: 'id', type: 'STRING' },
      { name: 'items', type: 'RECORD', mode: 'REPEATED', fields },
    ])
    const items = [
      { product: 'p', price: '0.1' },
      { product: 'q', price: '0.2' },
    ]
    await table.insert([
      { id: 'a', items },
      { id: 'b', items: [] },
    ])
    const query = `SELECT id, SUM(item.price) AS total FROM \`${table.dataset.id}.${table.id}\`, UNNEST(items) AS item GROUP BY id`
    expect(await ask(bigquery, query)).toEqual([{ id: 'a', total: '0.3' }])
  },

  async 'a table is named with its project, with its dataset, or alone in the default dataset'({
    bigquery,
    ...backend
  }) {
    const table = await backend.table([{ name: 'a', type: 'INTEGER' }])
    await table.insert([{ a: 1 }])
    const { dataset } = table
    for (const name of [`${backend.projectId}.${dataset.id}.${table.id}`, `${dataset.id}.${table.id}`]) {
      expect(await ask(bigquery, `SELECT a FROM \`${name}\``)).toEqual([{ a: 1 }])
    }
    expect(
      await ask(bigquery, { query: `SELECT a FROM ${table.id}`, defaultDataset: { datasetId: dataset.id! } }),
    ).toEqual([{ a: 1 }])
  },

  async 'a query that is not SQL is refused: 400, invalidQuery'({ bigquery }) {
    await expect(bigquery.query('SLECT 1')).rejects.toMatchObject({ code: 400, errors: [{ reason: 'invalidQuery' }] })
    await expect(bigquery.query('SELECT absent FROM UNNEST([1]) AS a')).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining('absent'),
      errors: [{ reason: 'invalidQuery' }],
    })
  },

  async 'a query of a table that is not there names it: 404, notFound'({ bigquery, ...backend }) {
    const dataset = await backend.dataset()
    await expect(bigquery.query(`SELECT * FROM ${dataset.id}.absent`)).rejects.toMatchObject({
      code: 404,
      message: expect.stringContaining('absent'),
      errors: [{ reason: 'notFound' }],
    })
  },

  async 'a value that cannot be converted fails the query: 400, invalidQuery'({ bigquery }) {
    await expect(bigquery.query("SELECT CAST('x' AS INT64)")).rejects.toMatchObject({
      code: 400,
      errors: [{ reason: 'invalidQuery' }],
    })
  },

  async 'queries at the same time are answered each with its own'({ bigquery }) {
    const asked = Array.from({ length: 10 }, (_, i) => i)
    const answers = await Promise.all(asked.map((n) => ask(bigquery, { query: 'SELECT @n AS n', params: { n } })))
    expect(answers).toEqual(asked.map((n) => [{ n }]))
  },

  async 'CURRENT_DATE is the day in UTC, and days can be taken from it'({ bigquery }) {
    const query = 'SELECT CURRENT_DATE() AS today, CURRENT_DATE() - 30 < CURRENT_DATE() AS earlier'
    const [row] = await ask(bigquery, query)
    expect(row).toEqual({ today: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), earlier: true })
  },
} satisfies Contract<BigQueryBackend>
