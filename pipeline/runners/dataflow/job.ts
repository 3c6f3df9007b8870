import { createHash } from 'node:crypto'
import type { Pipeline } from 'apache-beam/proto/beam_runner_api'
import { DockerPayload, Pipeline as PipelineProto } from 'apache-beam/proto/beam_runner_api'
import type { DataflowOptions } from './options.ts'

/** dataflow.v1b3.Job, as far as it is used here (dataflow.googleapis.com, projects.locations.jobs). */
export interface Job {
  readonly id?: string
  readonly name: string
  readonly projectId: string
  readonly location: string
  readonly type: 'JOB_TYPE_STREAMING'
  readonly environment: Readonly<Record<string, unknown>>
  readonly labels?: Readonly<Record<string, string>>
  readonly steps: readonly []
  readonly clientRequestId?: string
  readonly replaceJobId?: string
  readonly transformNameMapping?: Readonly<Record<string, string>>
  readonly currentState?: string
}

/** The graph as it is staged, and where. */
export interface StagedGraph {
  readonly url: string
  readonly bytes: Uint8Array
}

/** Its name is that of its content, so that nobody overwrites what a running job or a template points to. */
export function stagedGraph(pipeline: Pipeline, { stagingLocation, jobName }: DataflowOptions): StagedGraph {
  const bytes = PipelineProto.toBinary(pipeline)
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  return { bytes, url: `${stagingLocation}/${jobName}/${hash}/pipeline.pb` }
}

/** Those that Beam's Python and Go SDKs set for each streaming job, and the last two that one-threaded SDKs need. */
const EXPERIMENTS = [
  'beam_fn_api',
  'use_unified_worker',
  'use_runner_v2',
  'use_portable_job_submission',
  'enable_streaming_engine',
  'enable_windmill_service',
  'use_multiple_sdk_containers',
  'use_sibling_sdk_workers',
]

const SDK = { name: 'Apache Beam SDK for TypeScript', version: '2.49.0' }
/** Of the job's description: 6 is that of Beam's Go SDK, 8 of Python's. */
const VERSION = { job_type: 'FNAPI_STREAMING', major: '8' }

/** The job that runs a staged graph. It has no steps: the service makes them of the graph. */
export function jobOf(pipeline: Pipeline, graph: StagedGraph, options: DataflowOptions): Job {
  const { projectId, region, jobName, zone, kmsKey, serviceOption, label, renamed, tempLocation } = options
  const experiments = [...new Set([...EXPERIMENTS, ...options.experiment])]
  return {
    name: jobName,
    projectId,
    location: region,
    type: 'JOB_TYPE_STREAMING',
    environment: {
      userAgent: SDK,
      version: VERSION,
      experiments,
      tempStoragePrefix: tempLocation.replace(/^gs:\/\//, 'storage.googleapis.com/'),
      serviceAccountEmail: options.serviceAccount,
      ...(zone === undefined ? { workerRegion: region } : { workerZone: zone }),
      ...(kmsKey !== undefined && { serviceKmsKeyName: kmsKey }),
      ...(serviceOption.length > 0 && { serviceOptions: serviceOption }),
      workerPools: [workerPool(pipeline, options)],
      sdkPipelineOptions: { options: pipelineOptions(graph.url, experiments, options) },
    },
    ...(Object.keys(label).length > 0 && { labels: label }),
    ...(Object.keys(renamed).length > 0 && { transformNameMapping: renamed }),
    steps: [],
  }
}

function workerPool(pipeline: Pipeline, options: DataflowOptions) {
  const { image, machineType, maxWorkers, workers, network, subnetwork, publicIps, bundlesPerWorker } = options
  return {
    kind: 'harness',
    machineType,
    autoscalingSettings: { algorithm: 'AUTOSCALING_ALGORITHM_BASIC', maxNumWorkers: maxWorkers },
    ...(workers !== undefined && { numWorkers: workers }),
    ...(bundlesPerWorker !== undefined && { numThreadsPerWorker: bundlesPerWorker }),
    ...(network !== undefined && { network }),
    ...(subnetwork !== undefined && { subnetwork }),
    ipConfiguration: publicIps ? 'WORKER_IP_PUBLIC' : 'WORKER_IP_PRIVATE',
    workerHarnessContainerImage: image,
    sdkHarnessContainerImages: sdkImages(pipeline),
  }
}

const MANY_CORES = 'beam:protocol:multi_core_bundle_processing:v1'

/** One for each environment that a transform runs in. */
function sdkImages({ components }: Pipeline) {
  const { transforms, environments } = components!
  const used = new Set(Object.values(transforms).map(({ environmentId }) => environmentId))
  return Object.entries(environments)
    .filter(([id]) => used.has(id))
    .map(([environmentId, { payload, capabilities }]) => ({
      containerImage: DockerPayload.fromBinary(payload).containerImage,
      environmentId,
      capabilities,
      useSingleCorePerContainer: !capabilities.includes(MANY_CORES),
    }))
}

/** What the service and the workers read. `sluice` becomes the workers' environment: see ../../worker-boot.ts. */
const pipelineOptions = (pipelineUrl: string, experiments: readonly string[], options: DataflowOptions) => ({
  pipelineUrl,
  experiments,
  streaming: true,
  jobName: options.jobName,
  project: options.projectId,
  region: options.region,
  tempLocation: options.tempLocation,
  sluice: { SLUICE_BACKEND: 'gcp', SLUICE_PROJECT: options.projectId, SLUICE_ENV: options.environment },
})
