import type { FastifyInstance, FastifyRequest } from 'fastify'
import { page, ServiceError } from '../../shared/index.ts'
import type { Job, Jobs } from '../model/jobs.ts'
import { Fields } from '../wire/fields.ts'
import { affected, readJob, readLocation, readStatement, renderFault, renderJob } from '../wire/job.ts'
import { readLabels } from '../wire/labels.ts'
import { type ResultPage, readFormatOptions, readResultPage, renderPage } from '../wire/results.ts'
import type { FormatOptions } from '../wire/rows.ts'
import { renderResultSchema } from '../wire/schema.ts'
import type { Context } from './context.ts'
import { project } from './paths.ts'

/** How long jobs.query and jobs.getQueryResults wait unless told otherwise. */
const TIMEOUT_MS = 10_000

/** cloud.google.com/bigquery/docs/reference/rest/v2/jobs */
export function jobRoutes(app: FastifyInstance, { jobs }: Context): void {
  app.post('/projects/:projectId/jobs', async (request) => {
    const job = jobs.start(readJob(project(request), request.body))
    if (job.request.dryRun) await finished(jobs, job)
    return renderJob(job)
  })

  app.post('/projects/:projectId/queries', async (request) => {
    const { timeoutMs, options, maxResults, ...query } = readQuery(request)
    const job = jobs.start({ ...query, configuration: { query: { query: query.sql, useLegacySql: false } } })
    if (job.request.dryRun) await finished(jobs, job)
    await jobs.wait(job, timeoutMs)
    return { ...renderResults(job, { startIndex: 0, maxResults }, options), kind: 'bigquery#queryResponse' }
  })

  app.get('/projects/:projectId/queries/:jobId', async (request) => {
    const query = Fields.ofQuery(request.query, 'jobs.getQueryResults')
    query.skip('location')
    const [timeoutMs, asked] = [query.integer('timeoutMs') ?? TIMEOUT_MS, readResultPage(query)]
    const options = readFormatOptions(query, 'formatOptions.')
    query.end()
    const job = findJob(jobs, request)
    await jobs.wait(job, timeoutMs)
    return { ...renderResults(job, asked, options), kind: 'bigquery#getQueryResultsResponse' }
  })

  app.get('/projects/:projectId/jobs/:jobId', async (request) => renderJob(findJob(jobs, request)))

  app.get('/projects/:projectId/jobs', async (request) => {
    const query = Fields.ofQuery(request.query, 'jobs.list')
    query.skip('projection', 'allUsers')
    const asked = { pageSize: query.integer('maxResults') ?? 0, pageToken: query.text('pageToken') ?? '' }
    const states = [query.any('stateFilter') ?? []].flat().map((state) => String(state).toUpperCase())
    const from = query.integer('minCreationTime') ?? 0
    const until = query.integer('maxCreationTime') ?? Number.POSITIVE_INFINITY
    query.end()
    const matching = jobs
      .list(project(request))
      .filter((job) => states.length === 0 || states.includes(job.state))
      .filter((job) => job.creationTime >= from && job.creationTime <= until)
    const { items, nextPageToken } = page(matching, newestFirst, asked)
    return {
      kind: 'bigquery#jobList',
      jobs: items.map((job) => ({
        ...renderJob(job),
        state: job.state,
        ...(job.error && { errorResult: renderFault(job.error) }),
      })),
      ...(nextPageToken && { nextPageToken }),
    }
  })

  app.post('/projects/:projectId/jobs/:jobId/cancel', async (request) => {
    const job = findJob(jobs, request)
    jobs.cancel(job)
    return { kind: 'bigquery#jobCancelResponse', job: renderJob(job) }
  })

  app.delete('/projects/:projectId/jobs/:jobId/delete', async (request, reply) => {
    jobs.delete(findJob(jobs, request))
    return reply.code(204).send()
  })
}

const findJob = (jobs: Jobs, request: FastifyRequest): Job =>
  jobs.get(project(request), (request.params as { jobId: string }).jobId)

/** Sorts as text, as paging needs it. */
const newestFirst = (job: Job) => String(Number.MAX_SAFE_INTEGER - job.number).padStart(16, '0')

/** A dry run answers at once, leaves no job behind, and its error is the request's. */
async function finished(jobs: Jobs, job: Job): Promise<void> {
  await job.done
  jobs.delete(job)
  if (job.error) throw atQuery(job.error)
}

/** A job's error as the answer to a request: what is wrong with the query is wrong with the parameter `q`. */
const atQuery = ({ code, message, options }: ServiceError) =>
  new ServiceError(code, message, {
    ...options,
    ...(options.reason === 'invalidQuery' && { location: { type: 'parameter', name: 'q' } }),
  })

/** QueryRequest */
function readQuery(request: FastifyRequest) {
  const query = new Fields(request.body ?? {}, 'jobs.query')
  const statement = readStatement(project(request), query)
  query.skip('kind', 'jobCreationMode', 'priority') // a job is always made: its mode is only a wish
  readLabels(query)
  const format = query.object('formatOptions')
  const options = format ? readFormatOptions(format) : { useInt64Timestamp: false }
  format?.end()
  const read = {
    ...statement,
    ...readLocation(query.text('location')),
    dryRun: query.flag('dryRun') ?? false,
    requestId: query.text('requestId') || undefined,
    timeoutMs: query.integer('timeoutMs') ?? TIMEOUT_MS,
    maxResults: query.count('maxResults') ?? undefined,
    options,
  }
  query.end()
  return read
}

function renderResults(job: Job, { startIndex, maxResults }: ResultPage, options: FormatOptions) {
  const { outcome, error, reference } = job
  if (error) throw atQuery(error)
  if (!outcome) return { jobReference: reference, jobComplete: false }
  const { columns, rows, ddl, insertedRows } = outcome
  const part = rows.slice(startIndex, maxResults === undefined ? undefined : startIndex + maxResults)
  return {
    jobReference: reference,
    jobComplete: true,
    cacheHit: false,
    totalBytesProcessed: String(outcome.bytesProcessed),
    ...((columns.length > 0 || !ddl) && { schema: renderResultSchema(columns) }),
    totalRows: String(rows.length),
    ...(part.length > 0 && renderPage(columns, { rows: part, offset: startIndex, total: rows.length }, options)),
    ...(insertedRows !== undefined && affected(insertedRows)),
    ...(ddl && { ddlOperationPerformed: ddl.operation }),
    ...(ddl?.table && { ddlTargetTable: ddl.table }),
  }
}
