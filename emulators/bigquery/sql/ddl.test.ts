import { describe, expect, test } from 'vitest'
import { type CatalogView, compile } from './index.ts'

const catalog: CatalogView = {
  relation: () => ({ columns: [{ name: 'a', type: { kind: 'INT64' } }], sql: '"p:ds"."t"' }),
  reference: (path) => ({ projectId: 'p', datasetId: path.at(-2) ?? 'ds', tableId: path.at(-1)! }),
}
const statement = (sql: string) => compile(sql, { catalog, parameters: [], now: 0 })

describe('CREATE TABLE', () => {
  test('defines columns, partitions, clusters and options', () => {
    expect(
      statement(`CREATE OR REPLACE TABLE ds.events (
        id STRING NOT NULL OPTIONS (description = 'its id'),
        tags ARRAY<STRING>,
        items ARRAY<STRUCT<sku STRING NOT NULL, price NUMERIC>>,
        moment TIMESTAMP,
      )
      PARTITION BY TIMESTAMP_TRUNC(moment, HOUR)
      CLUSTER BY id
      OPTIONS (description = 'all events', labels = [('team', 'data')], partition_expiration_days = 1.5,
               require_partition_filter = TRUE, expiration_timestamp = TIMESTAMP '2030-01-01 00:00:00 UTC')`),
    ).toEqual({
      kind: 'CREATE_TABLE',
      orReplace: true,
      ifNotExists: false,
      table: {
        reference: { projectId: 'p', datasetId: 'ds', tableId: 'events' },
        columns: [
          { name: 'id', type: 'STRING', mode: 'REQUIRED', description: 'its id' },
          { name: 'tags', type: 'STRING', mode: 'REPEATED' },
          {
            name: 'items',
            type: 'STRUCT',
            mode: 'REPEATED',
            fields: [
              { name: 'sku', type: 'STRING', mode: 'REQUIRED' },
              { name: 'price', type: 'NUMERIC', mode: 'NULLABLE' },
            ],
          },
          { name: 'moment', type: 'TIMESTAMP', mode: 'NULLABLE' },
        ],
        description: 'all events',
        labels: { team: 'data' },
        expirationTime: Date.parse('2030-01-01T00:00:00Z'),
        partitioning: { type: 'HOUR', field: 'moment', expirationMs: 129_600_000, requireFilter: true },
        clustering: ['id'],
      },
    })
  })

  test.each([
    ['d', { type: 'DAY', field: 'd' }],
    ['DATE(moment)', { type: 'DAY', field: 'moment' }],
    ['DATE_TRUNC(d, MONTH)', { type: 'MONTH', field: 'd' }],
    ['TIMESTAMP_TRUNC(moment, YEAR)', { type: 'YEAR', field: 'moment' }],
    ['_PARTITIONDATE', { type: 'DAY' }],
  ])('PARTITION BY %s', (by, partitioning) => {
    const compiled = statement(`CREATE TABLE ds.t (d DATE, moment TIMESTAMP) PARTITION BY ${by}`)
    expect(compiled).toMatchObject({ table: { partitioning } })
  })

  test('AS SELECT takes its columns from the query', () => {
    expect(
      statement('CREATE TABLE IF NOT EXISTS ds.n AS SELECT a, [a] AS list, STRUCT(1 AS x) AS s FROM ds.t'),
    ).toMatchObject({
      kind: 'CREATE_TABLE_AS_SELECT',
      ifNotExists: true,
      table: {
        columns: [
          { name: 'a', type: 'INT64', mode: 'NULLABLE' },
          { name: 'list', type: 'INT64', mode: 'REPEATED' },
          { name: 's', type: 'STRUCT', mode: 'NULLABLE', fields: [{ name: 'x', type: 'INT64', mode: 'NULLABLE' }] },
        ],
      },
      query: { kind: 'SELECT', tables: [{ tableId: 't' }] },
    })
  })

  test.each([
    ['CREATE TABLE ds.t (a INT64, A STRING)', 'Duplicate column name A'],
    ['CREATE TABLE ds.t (a NUMBER)', 'Type not found: NUMBER at [1:22]'],
    ['CREATE TABLE ds.t (a ARRAY<STRING> NOT NULL)', 'NOT NULL is not allowed on ARRAY columns'],
    ['CREATE TABLE ds.t (a INT64) PARTITION BY b', 'Unrecognized name: b at [1:42]'],
    ['CREATE TABLE ds.t (a INT64) PARTITION BY a', 'PARTITION BY expression must be'],
    ['CREATE TABLE ds.t (a ARRAY<INT64>) CLUSTER BY a', 'not supported for clustering'],
    ['CREATE TABLE ds.t (a INT64) OPTIONS (require_partition_filter = TRUE)', 'only allowed on partitioned tables'],
    ['CREATE TABLE ds.t AS SELECT 1', 'columns must be named'],
    ['CREATE TABLE ds.t AS SELECT 1 AS a, 2 AS a', 'Duplicate column names'],
  ])('%s is refused', (sql, message) => {
    expect(() => statement(sql)).toThrow(message)
  })

  test.each([
    ['CREATE TABLE ds.t (a STRING(10))', 'the parameterized type STRING(10)'],
    ['CREATE TABLE ds.t (a GEOGRAPHY)', 'the type GEOGRAPHY'],
    ['CREATE TABLE ds.t (a INT64 DEFAULT 1)', 'DEFAULT of a column'],
    ['CREATE TABLE ds.t (a INT64) PARTITION BY RANGE_BUCKET(a, GENERATE_ARRAY(0, 10, 1))', 'PARTITION BY RANGE_BUCKET'],
    ["CREATE TABLE ds.t (a INT64) OPTIONS (kms_key_name = 'k')", 'the option kms_key_name'],
    ['CREATE TABLE ds.t LIKE ds.u', 'CREATE TABLE LIKE'],
  ])('%s is refused by name', (sql, what) => {
    expect(() => statement(sql)).toThrow(`unsupported: ${what}`)
  })
})

test('DROP TABLE, CREATE SCHEMA and INSERT name what they are about', () => {
  expect(statement('DROP TABLE IF EXISTS `p.ds.t`')).toMatchObject({
    kind: 'DROP_TABLE',
    ifExists: true,
    table: { tableId: 't' },
  })
  expect(statement('CREATE SCHEMA IF NOT EXISTS p.ds')).toEqual({
    kind: 'CREATE_SCHEMA',
    projectId: 'p',
    datasetId: 'ds',
    ifNotExists: true,
  })
  expect(statement('INSERT ds.t (a) VALUES (1)')).toMatchObject({
    kind: 'INSERT',
    columns: ['a'],
    table: { tableId: 't' },
  })
  expect(() => statement("INSERT INTO ds.t (a) VALUES ('x')")).toThrow(
    'Value has type STRING which cannot be inserted into column a, which has type INT64',
  )
})
