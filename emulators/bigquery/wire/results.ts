import { invalidArgument, unimplemented } from '../../shared/index.ts'
import type { StructField } from '../model/schema.ts'
import type { Row } from '../model/value.ts'
import type { Fields } from './fields.ts'
import { type FormatOptions, renderRow } from './rows.ts'

/** BigQuery ends a page when it has so many bytes (cloud.google.com/bigquery/docs/paging-results). */
const PAGE_BYTES = 10_000_000

export interface ResultPage {
  readonly startIndex: number
  /** Absent: as many as a page holds. */
  readonly maxResults?: number
}

/** The paging of jobs.getQueryResults and tabledata.list: a token is the index of the row that comes next. */
export function readResultPage(query: Fields): ResultPage {
  const [pageToken, maxResults] = [query.text('pageToken'), query.count('maxResults')]
  const startIndex = query.count('startIndex') ?? 0
  if (pageToken && !/^row-\d{1,15}$/.test(pageToken)) throw invalidArgument(`Invalid page token: ${pageToken}`)
  return {
    startIndex: pageToken ? Number(pageToken.slice('row-'.length)) : startIndex,
    ...(typeof maxResults === 'number' && { maxResults }),
  }
}

/** Of a query string, where the names hold a point, or of a request's `formatOptions`. */
export function readFormatOptions(fields: Fields, prefix = ''): FormatOptions {
  const useInt64Timestamp = fields.flag(`${prefix}useInt64Timestamp`) ?? false
  const output = fields.text(`${prefix}timestampOutputFormat`)
  if (output && output !== 'TIMESTAMP_OUTPUT_FORMAT_UNSPECIFIED' && output !== 'FLOAT64' && output !== 'INT64') {
    throw unimplemented(`formatOptions.timestampOutputFormat ${output}`)
  }
  return { useInt64Timestamp: useInt64Timestamp || output === 'INT64' }
}

/** `rows` from `startIndex` on; `offset` says which row of the whole result `rows` begins with. */
export function renderPage(
  columns: readonly StructField[],
  { rows, offset, total }: { rows: readonly Row[]; offset: number; total: number },
  options: FormatOptions,
) {
  const cells = []
  let bytes = 0
  for (const row of rows) {
    const rendered = renderRow(columns, row, options)
    bytes += JSON.stringify(rendered).length
    if (bytes > PAGE_BYTES && cells.length > 0) break
    cells.push(rendered)
  }
  const next = offset + cells.length
  return { rows: cells, ...(next < total && cells.length > 0 && { pageToken: `row-${next}` }) }
}
