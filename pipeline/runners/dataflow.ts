import type { Storage } from '@google-cloud/storage'
import type { Settings } from '../../src/settings.ts'
import type { Panes } from '../beam/panes.ts'
import { dataflowPubSub } from '../sources/pubsub-dataflow.ts'
import { type Job, jobOf, type StagedGraph, stagedGraph } from './dataflow/job.ts'
import { type DataflowChoices, type DataflowOptions, dataflowOptions } from './dataflow/options.ts'
import { DataflowError, DataflowService, type Request } from './dataflow/service.ts'
import { dockerImage, portablePipeline } from './portable.ts'

/** A job that nobody has submitted, and the graph that it points to. */
export interface PreparedJob {
  readonly job: Job
  readonly graph: StagedGraph
  readonly options: DataflowOptions
}

/** Throws a SettingsError that names every fault. Asks nobody. */
export async function prepareJob(settings: Settings, choices: DataflowChoices, panes: Panes): Promise<PreparedJob> {
  const options = dataflowOptions(settings, choices)
  const pipeline = await portablePipeline({
    source: dataflowPubSub(options.subscription),
    environment: dockerImage(options.image),
    panes,
    bounds: settings.timeBounds,
  })
  const graph = stagedGraph(pipeline, options)
  return { job: jobOf(pipeline, graph, options), graph, options }
}

export interface Submission {
  readonly storage: Storage
  readonly request: Request
  /** Unique; lets the service know a submission that comes again. */
  readonly requestId: string
  readonly onProgress: (what: string) => void
}

export interface SubmittedJob {
  readonly id: string
  readonly name: string
  readonly console: string
  /** The command that ends it when all that it has read is written. */
  readonly drain: string
}

/** Uploads the graph and submits the job, or replaces the one that runs under its name. Throws a DataflowError. */
export async function submitJob(prepared: PreparedJob, submission: Submission): Promise<SubmittedJob> {
  const { job, options } = prepared
  const { projectId, region, jobName, update } = options
  await stageGraph(prepared, submission)
  const service = new DataflowService(submission.request, options)
  const replaced = update ? await service.activeJob(jobName) : undefined
  if (replaced !== undefined) submission.onProgress(`Replacing job ${replaced}.`)
  const id = await service.create(
    { ...job, ...(replaced !== undefined && { replaceJobId: replaced }) },
    submission.requestId,
  )
  submission.onProgress(`Dataflow has taken the job: ${id}.`)
  return {
    id,
    name: jobName,
    console: `https://console.cloud.google.com/dataflow/jobs/${region}/${id}?project=${projectId}`,
    drain: `gcloud dataflow jobs drain ${id} --region=${region} --project=${projectId}`,
  }
}

/** Uploads the graph, and the job as a classic template to `url` (gs://…), for whoever launches it. Throws a DataflowError. */
export async function stageTemplate(
  prepared: PreparedJob,
  url: string,
  submission: Pick<Submission, 'storage' | 'onProgress'>,
): Promise<void> {
  await stageGraph(prepared, submission)
  await upload(submission.storage, url, JSON.stringify(prepared.job, null, 2))
  submission.onProgress(`The template is at ${url}.`)
}

async function stageGraph({ graph }: PreparedJob, { storage, onProgress }: Pick<Submission, 'storage' | 'onProgress'>) {
  await upload(storage, graph.url, Buffer.from(graph.bytes))
  onProgress(`The graph (${graph.bytes.length} bytes) is at ${graph.url}.`)
}

async function upload(storage: Storage, url: string, content: string | Buffer): Promise<void> {
  const [, bucket, path] = /^gs:\/\/([^/]+)\/(.+)$/.exec(url) ?? []
  if (bucket === undefined || path === undefined) throw new DataflowError(`${url} is not gs://BUCKET/OBJECT.`)
  try {
    await storage.bucket(bucket).file(path).save(content, { resumable: false })
  } catch (thrown) {
    const { code, message } = thrown as { code?: unknown; message?: string }
    if (typeof code !== 'number') throw thrown
    const mend =
      code === 404
        ? `There is no bucket ${bucket}: gcloud storage buckets create gs://${bucket}`
        : `Whoever submits needs roles/storage.objectUser on ${bucket}.`
    throw new DataflowError(`${url} cannot be written (${code}): ${message}\n${mend}`, { cause: thrown })
  }
}
