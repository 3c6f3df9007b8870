import type { FastifyInstance } from 'fastify'
import { invalidArgument, unimplemented } from '../../shared/index.ts'
import { insertAll } from '../model/insert-all.ts'
import { physicalName, quoted } from '../model/physical.ts'
import { type Column, columnType } from '../model/schema.ts'
import { Fields } from '../wire/fields.ts'
import { readInsertRows } from '../wire/insert-rows.ts'
import { readFormatOptions, readResultPage, renderPage } from '../wire/results.ts'
import type { Context } from './context.ts'
import { table } from './paths.ts'

const MOST_ROWS = 100_000

/** cloud.google.com/bigquery/docs/reference/rest/v2/tabledata */
export function tabledataRoutes(app: FastifyInstance, { tables, store }: Context): void {
  app.post('/projects/:projectId/datasets/:datasetId/tables/:tableId/insertAll', async (request) => {
    const body = new Fields(request.body ?? {}, 'tabledata.insertAll')
    body.skip('kind', 'traceId')
    const rows = readInsertRows(body.list('rows') ?? [])
    const skipInvalid = body.flag('skipInvalidRows') ?? false
    const ignoreUnknown = body.flag('ignoreUnknownValues') ?? false
    body.end()
    const faults = await insertAll(tables, tables.get(table(request)), { rows, skipInvalid, ignoreUnknown })
    return {
      kind: 'bigquery#tableDataInsertAllResponse',
      ...(faults.length > 0 && { insertErrors: faults.map(renderFault) }),
    }
  })

  app.get('/projects/:projectId/datasets/:datasetId/tables/:tableId/data', async (request) => {
    const query = Fields.ofQuery(request.query, 'tabledata.list')
    const { startIndex, maxResults = MOST_ROWS } = readResultPage(query)
    const options = readFormatOptions(query, 'formatOptions.')
    const selected = query.text('selectedFields')
    query.end()
    const reference = table(request)
    const found = tables.get(reference)
    const chosen = select(found.definition.columns, selected?.split(','))
    const columns = chosen.map((column) => ({ name: column.name, type: columnType(column) }))
    const limit = Math.min(maxResults, MOST_ROWS)
    const names = columns.map((column) => quoted(column.name)).join(', ')
    const sql = `SELECT ${names} FROM ${physicalName(reference)} LIMIT ${limit} OFFSET ${startIndex}`
    const rows = columns.length === 0 || limit === 0 ? [] : await store.select({ sql, values: [], columns })
    return {
      kind: 'bigquery#tableDataList',
      etag: found.etag,
      totalRows: String(found.rows),
      ...renderPage(columns, { rows, offset: startIndex, total: found.rows }, options),
    }
  })
}

function renderFault({ index, errors }: Awaited<ReturnType<typeof insertAll>>[number]) {
  const stopped = [{ reason: 'stopped', location: '', debugInfo: '', message: '' }]
  const invalid = errors.map(({ location, message }) => ({ reason: 'invalid', location, debugInfo: '', message }))
  return { index, errors: errors.length > 0 ? invalid : stopped }
}

/** The columns named. */
function select(columns: readonly Column[], names: readonly string[] | undefined): readonly Column[] {
  if (!names) return columns
  const nested = names.find((name) => name.includes('.'))
  if (nested) throw unimplemented(`selectedFields with a field of a record (${nested})`)
  const wanted = new Set(names.map((name) => name.trim().toLowerCase()))
  const chosen = columns.filter((column) => wanted.delete(column.name.toLowerCase()))
  if (wanted.size > 0) throw invalidArgument(`Invalid field(s) in selectedFields: ${[...wanted].join(', ')}`)
  return chosen
}
