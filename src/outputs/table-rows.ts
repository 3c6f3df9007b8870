import type { BigQuery, Table } from '@google-cloud/bigquery'
import { decodeRow, type Field, type RawRow } from './cells.ts'

type Row = Record<string, unknown>

/** One page of `tabledata.list`, `jobs.query` or `jobs.getQueryResults`. */
interface Page {
  readonly rows?: readonly RawRow[]
  readonly pageToken?: string
  readonly schema?: { readonly fields: readonly Field[] }
  readonly jobComplete?: boolean
  readonly jobReference?: { readonly jobId: string; readonly location?: string }
  /** A number as text. */
  readonly totalBytesProcessed?: string
}

// The client's own paging has an option to leave the cells as they are, but sends it on to BigQuery, which knows no such.
const MICROSECONDS = { 'formatOptions.useInt64Timestamp': true }

/** Every row of a table, in JSON as decodeRow tells. */
export async function* tableRows(table: Table): AsyncGenerator<Row> {
  const [{ schema }] = await table.getMetadata()
  let pageToken: string | undefined
  do {
    const [page]: [Page, unknown] = await table.request({ uri: '/data', qs: { ...MICROSECONDS, pageToken } })
    for (const row of page.rows ?? []) yield decodeRow(schema.fields, row)
    pageToken = page.pageToken
  } while (pageToken)
}

/** Every row that a query answers, in JSON as decodeRow tells. `parameters` are texts; `onBytes` hears what it processed. */
export async function* queryRows(
  bigquery: BigQuery,
  query: string,
  parameters: Readonly<Record<string, string>>,
  onBytes: (bytesProcessed: number) => void = () => {},
): AsyncGenerator<Row> {
  const queryParameters = Object.entries(parameters).map(([name, value]) => ({
    name,
    parameterType: { type: 'STRING' },
    parameterValue: { value },
  }))
  const formatOptions = { useInt64Timestamp: true }
  const json = { query, useLegacySql: false, parameterMode: 'NAMED', queryParameters, formatOptions }
  let page = await request(bigquery, { method: 'POST', uri: '/queries', json })
  const { jobId, location } = page.jobReference ?? {}
  for (;;) {
    for (const row of page.rows ?? []) yield decodeRow(page.schema?.fields ?? [], row)
    const { jobComplete, pageToken } = page
    if (jobComplete !== false && !pageToken) return onBytes(Number(page.totalBytesProcessed ?? 0))
    page = await request(bigquery, { uri: `/queries/${jobId}`, qs: { ...MICROSECONDS, location, pageToken } })
  }
}

const request = (bigquery: BigQuery, options: Parameters<BigQuery['request']>[0]): Promise<Page> =>
  new Promise((resolve, reject) => bigquery.request(options, (error, page) => (error ? reject(error) : resolve(page))))
