import { isDeepStrictEqual } from 'node:util'
import type { BigQuery } from '@google-cloud/bigquery'
import type { OutputsDatabase, Row } from './database.ts'
import { canonicalRow } from './rows.ts'
import type { Scope } from './scope.ts'

/** A question asked twice: of BigQuery's tables in GoogleSQL, and of the raw files in DuckDB's SQL. */
interface Question {
  readonly name: string
  /** `dataset` is qualified by its project; `@prefix` is what the event ids of those meant begin with. */
  readonly googleSql: (dataset: string) => string
  /** `$today` is the day that CURRENT_DATE() was in BigQuery. */
  readonly duckDbSql: string
}

const QUESTIONS: readonly Question[] = [
  {
    name: 'customer order totals, last 30 days',
    googleSql: (dataset) => `
      SELECT customer_id, COUNT(*) AS orders, SUM(total_amount) AS total
      FROM \`${dataset}.orders\`
      WHERE event_date >= CURRENT_DATE() - 30 AND STARTS_WITH(event_id, @prefix)
      GROUP BY customer_id
      ORDER BY total DESC, customer_id`,
    duckDbSql: `
      SELECT customer_id, count(*) AS orders, sum(CAST(line ->> '$.total_amount' AS DECIMAL(38, 9))) AS total
      FROM (SELECT line, line ->> '$.customer_id' AS customer_id FROM raw_lines WHERE event_type = 'order')
      WHERE CAST(CAST(line ->> '$.order_date' AS TIMESTAMPTZ) AS DATE) >= CAST($today AS DATE) - 30
      GROUP BY customer_id
      ORDER BY total DESC, customer_id`,
  },
  {
    name: 'net inventory change, today',
    googleSql: (dataset) => `
      SELECT warehouse_id, product_id, SUM(quantity_change) AS net_change
      FROM \`${dataset}.inventory\`
      WHERE event_date = CURRENT_DATE() AND STARTS_WITH(event_id, @prefix)
      GROUP BY warehouse_id, product_id
      ORDER BY warehouse_id, product_id`,
    duckDbSql: `
      SELECT
        line ->> '$.warehouse_id' AS warehouse_id,
        line ->> '$.product_id' AS product_id,
        sum(CAST(line ->> '$.quantity_change' AS BIGINT)) AS net_change
      FROM raw_lines
      WHERE event_type = 'inventory'
        AND CAST(CAST(line ->> '$.timestamp' AS TIMESTAMPTZ) AS DATE) = CAST($today AS DATE)
      GROUP BY ALL
      ORDER BY warehouse_id, product_id`,
  },
  {
    name: 'activity funnel, last 7 days',
    googleSql: (dataset) => `
      SELECT activity_type, COUNT(*) AS events, COUNT(DISTINCT user_id) AS users
      FROM \`${dataset}.user_activity\`
      WHERE event_date >= CURRENT_DATE() - 7 AND STARTS_WITH(event_id, @prefix)
      GROUP BY activity_type
      ORDER BY users DESC, activity_type`,
    duckDbSql: `
      SELECT
        line ->> '$.activity_type' AS activity_type,
        count(*) AS events,
        count(DISTINCT line ->> '$.user_id') AS users
      FROM raw_lines
      WHERE event_type = 'user_activity'
        AND CAST(CAST(line ->> '$.timestamp' AS TIMESTAMPTZ) AS DATE) >= CAST($today AS DATE) - 7
      GROUP BY ALL
      ORDER BY users DESC, activity_type`,
  },
]

export interface Answer {
  readonly name: string
  readonly rows: number
  /** Whether both answers are the same, row by row and digit by digit. */
  readonly agree: boolean
  readonly bigquery: readonly Row[]
  readonly rawFiles: readonly Row[]
}

/**
 * Asks BigQuery the three questions of the kit's analysts, and holds each answer against the raw files. Both are to be
 * about the same events: with a prefix, about those whose ids begin with it.
 */
export async function askBoth(
  bigquery: BigQuery,
  dataset: string,
  outputs: OutputsDatabase,
  { prefix = '' }: Partial<Scope> = {},
): Promise<Answer[]> {
  const today = await currentDate(bigquery)
  const answers = await Promise.all(
    QUESTIONS.map(async ({ name, googleSql, duckDbSql }) => {
      const [rows] = await bigquery.query({ query: googleSql(dataset), params: { prefix }, useLegacySql: false })
      const fromTables = rows.map(canonicalRow).map(withPlainDecimals)

      const fromFiles = (await outputs.sql(duckDbSql, { today })).map(withPlainDecimals)
      const agree = isDeepStrictEqual(fromTables, fromFiles)
      return { name, rows: fromTables.length, agree, bigquery: fromTables, rawFiles: fromFiles }
    }),
  )
  // Midnight came between the questions: they are not about the same day.
  return (await currentDate(bigquery)) === today ? answers : askBoth(bigquery, dataset, outputs, { prefix })
}

async function currentDate(bigquery: BigQuery): Promise<string> {
  const [rows] = await bigquery.query({ query: 'SELECT CURRENT_DATE() AS today', useLegacySql: false })
  return rows[0].today.value
}

/** BigQuery sends 59.98 where DuckDB's DECIMAL(38, 9) prints 59.980000000; whole numbers may come as text. */
const withPlainDecimals = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainDecimal(value)]))

const plainDecimal = (value: unknown) =>
  (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) || typeof value === 'number'
    ? String(value)
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, '')
    : value
