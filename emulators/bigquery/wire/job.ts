import { wire as codes, invalidArgument, type ServiceError, unimplemented } from '../../shared/index.ts'
import type { DatasetReference } from '../model/dataset.ts'
import type { Job, JobRequest } from '../model/jobs.ts'
import { readDestination } from './destination.ts'
import { Fields } from './fields.ts'
import { readLabels } from './labels.ts'
import { readParameters } from './parameters.ts'
import { renderResultSchema } from './schema.ts'

/** JobConfigurationQuery's and QueryRequest's hints: they cost or save money and time, and change no answer. */
const HINTS = ['useQueryCache', 'flattenResults', 'allowLargeResults', 'maximumBillingTier']

/** The body of jobs.insert: `{ jobReference?, configuration: { query: … } }`. */
export function readJob(projectId: string, body: unknown): JobRequest {
  const job = new Fields(body ?? {}, 'jobs.insert')
  job.skip('kind', 'id', 'etag', 'selfLink', 'status', 'statistics', 'user_email')
  const reference = job.object('jobReference')
  const configuration = job.object('configuration')
  if (!configuration) throw invalidArgument('Required parameter is missing: configuration', { reason: 'required' })
  const timeoutMs = configuration.integer('jobTimeoutMs') ?? undefined
  const type = configuration.text('jobType')?.toLowerCase() // what the service fills in; some clients send it back
  const other = ['load', 'copy', 'extract'].find((kind) => kind === type || configuration.any(kind))
  if (other) throw unimplemented(`a ${other} job`)
  const query = configuration.object('query')
  if (!query) throw invalidArgument('Required parameter is missing: configuration.query', { reason: 'required' })
  readLabels(configuration)
  const statement = readStatement(projectId, query)
  const destination = readDestination(projectId, query)
  query.skip('priority')
  query.end()
  const dryRun = configuration.flag('dryRun') ?? false
  configuration.end()
  const place = readReference(reference)
  job.end()
  return {
    ...statement,
    ...place,
    destination,
    timeoutMs,
    dryRun,
    configuration: (body as { configuration: object }).configuration,
  }
}

function readReference(reference: Fields | null | undefined) {
  reference?.skip('projectId')
  const [jobId, location] = [reference?.text('jobId'), reference?.text('location')]
  if (jobId && !/^[\w-]{1,1024}$/.test(jobId)) {
    throw invalidArgument(
      `Invalid job ID "${jobId}". Job IDs must be alphanumeric (plus underscores and dashes) and must be at most 1024 characters long.`,
    )
  }
  return { ...(jobId && { jobId }), ...readLocation(location) }
}

/** The service chooses a location where the client does not. */
export const readLocation = (given: string | null | undefined) =>
  given ? { location: given, fixedLocation: true } : {}

/** What jobs.query and a query job have in common. */
export function readStatement(projectId: string, query: Fields): Omit<JobRequest, 'configuration' | 'dryRun'> {
  query.skip(...HINTS)
  const sql = query.needed('query')
  const legacy = query.flag('useLegacySql') ?? true // the API's default
  if (legacy && !/^\s*#standardSQL/i.test(sql)) throw unimplemented('legacy SQL (useLegacySql, which defaults to true)')
  const parameters = readParameters(query.list('queryParameters'))
  const mode = query.text('parameterMode')?.toUpperCase()
  if (mode && mode !== 'NAMED' && mode !== 'POSITIONAL') throw invalidArgument(`Invalid parameterMode: ${mode}`)
  const given = query.object('defaultDataset')
  const defaultDataset: DatasetReference | undefined = given
    ? { projectId: given.text('projectId') || projectId, datasetId: given.needed('datasetId') }
    : undefined
  const mostBytes = query.integer('maximumBytesBilled') ?? undefined
  return { projectId, location: 'US', sql, parameters, defaultDataset, mostBytes }
}

/** ErrorProto */
export const renderFault = (error: ServiceError) => ({
  reason: error.options.reason ?? codes[error.code].reason,
  ...(error.options.reason === 'invalidQuery' && { location: 'query' }),
  message: error.message,
})

export function renderJob(job: Job) {
  const { error, request } = job
  const { jobId, ...place } = job.reference
  const reference = request.dryRun ? place : job.reference
  return {
    kind: 'bigquery#job',
    id: `${place.projectId}:${place.location}.${request.dryRun ? '' : jobId}`,
    etag: Buffer.from(`${job.number} ${job.state}`).toString('base64'),
    selfLink: `/bigquery/v2/projects/${place.projectId}/jobs/${jobId}?location=${place.location}`,
    user_email: 'emulator@localhost',
    jobReference: reference,
    configuration: { jobType: 'QUERY', ...request.configuration },
    status: {
      state: job.state,
      ...(error && { errorResult: renderFault(error), errors: [renderFault(error)] }),
    },
    statistics: renderStatistics(job),
  }
}

/** DML's counts, in a job's statistics and in the answer to a query. */
export const affected = (insertedRows: number) => ({
  numDmlAffectedRows: String(insertedRows),
  dmlStats: { insertedRowCount: String(insertedRows) },
})

function renderStatistics({ creationTime, endTime, outcome, request }: Job) {
  const bytes = String(outcome?.bytesProcessed ?? 0)
  return {
    creationTime: String(creationTime),
    startTime: String(creationTime),
    ...(endTime !== undefined && {
      endTime: String(endTime),
      finalExecutionDurationMs: String(endTime - creationTime),
    }),
    totalBytesProcessed: bytes,
    ...(outcome && {
      query: {
        statementType: outcome.statementType,
        totalBytesProcessed: bytes,
        totalBytesBilled: '0',
        cacheHit: false,
        referencedTables: outcome.referencedTables,
        ...(request.dryRun && { schema: renderResultSchema(outcome.columns) }),
        ...(outcome.insertedRows !== undefined && affected(outcome.insertedRows)),
        ...(outcome.ddl && { ddlOperationPerformed: outcome.ddl.operation }),
        ...(outcome.ddl?.table && { ddlTargetTable: outcome.ddl.table }),
        ...(outcome.ddl?.dataset && { ddlTargetDataset: outcome.ddl.dataset }),
      },
    }),
    ...(request.dryRun && { dryRun: true }),
  }
}
