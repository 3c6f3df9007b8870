import { type Clock, systemClock } from '../clock/index.ts'
import type { Clients } from '../src/clients.ts'
import type { Settings } from '../src/settings.ts'
import type { PipelineMetrics } from './metrics/metrics.ts'
import { type OnCall, watchBucket, watchStreams } from './metrics/sink-calls.ts'
import type { BundleReport, WrittenReport } from './outcome.ts'
import type { BatchLimits } from './runners/batcher.ts'
import { CLOSE_MS, LocalRun, type Log } from './runners/local.ts'
import { cloudStorage } from './sinks/cloud-storage.ts'
import { patient } from './sinks/patient.ts'
import { RawFiles } from './sinks/raw-files.ts'
import { Rows } from './sinks/rows.ts'
import { writeApi } from './sinks/write-api.ts'
import { pubSubSource } from './sources/pubsub.ts'
import { runWorker } from './worker.ts'

export type { FailureReport } from './failure-report.ts'
export { createPipelineMetrics, type PipelineMetrics } from './metrics/metrics.ts'
export type { BundleReport, WrittenReport } from './outcome.ts'
export type { BatchLimits } from './runners/batcher.ts'
export { runContainer } from './runners/container.ts'
export type { DataflowChoices } from './runners/dataflow/options.ts'
export { DataflowError } from './runners/dataflow/service.ts'
export {
  type PreparedJob,
  prepareJob,
  type SubmittedJob,
  stageTemplate,
  submitJob,
} from './runners/dataflow.ts'
export { Flink, type FlinkJob, type RunningFlink } from './runners/flink.ts'
export { MissingError } from './runners/java.ts'
export type { Log } from './runners/local.ts'

export interface PipelineOptions {
  readonly clients: Clients
  readonly settings: Settings
  readonly clock?: Clock
  /** Whose time rows say they were written at, where that is not the clock that the pipeline waits by. */
  readonly times?: Pick<Clock, 'now'>
  /** Told of each bundle before its messages are acknowledged. If it throws they are tried again. */
  readonly onBundle?: (report: BundleReport) => void | Promise<void>
  readonly log?: Log
  /** Counts what happens. */
  readonly metrics?: PipelineMetrics
  /** When a bundle is full. Each bundle makes a file and a write stream for each type and minute that it meets. */
  readonly bundle?: Partial<BatchLimits>
}

export interface RunningPipeline extends AsyncDisposable {
  /** Resolves once the pipeline was disposed of; rejects if its source fails for good (no such subscription). */
  readonly stopped: Promise<void>
}

/** The wait is about as long as a bundle takes to fill at full speed: longer only delays, shorter makes more files. */
const BUNDLE: BatchLimits = { maxMessages: 5000, maxBytes: 16 * 1024 * 1024, maxWaitMs: 300 }
const BUNDLES_AT_ONCE = 3
/** Enough for the bundles that run, for as many that wait, and for what is to be tried again. */
const BUNDLES_OUT = 2 * BUNDLES_AT_ONCE + 2

const silent: Log = { info() {}, warn() {}, error() {} }

/**
 * Runs the pipeline in this process: from the pipeline's subscription to raw files and rows. Disposing of it takes no
 * more messages, finishes the bundles that run, acknowledges what is durable and gives back the rest, in 10 s at most.
 */
export async function startPipeline(options: PipelineOptions): Promise<RunningPipeline> {
  const { clients, settings, clock = systemClock, onBundle = () => {}, log = silent, metrics } = options
  const limits = { ...BUNDLE, ...options.bundle }
  const maxMessages = limits.maxMessages * BUNDLES_OUT
  const openSource = pubSubSource(clients.pubsub, settings.resources.pipelineSubscription, {
    maxMessages,
    maxBytes: limits.maxBytes * BUNDLES_OUT,
    closeMs: CLOSE_MS,
  })
  const run = new LocalRun({
    openSource: metrics?.out.watch(openSource) ?? openSource,
    sinks: sinksOf(clients, settings, { clock, ...(metrics && { onCall: metrics.onCall }) }),
    limits,
    timeBounds: settings.timeBounds,
    bundlesAtOnce: BUNDLES_AT_ONCE,
    mostWaiting: { messages: maxMessages / 2, bytes: (limits.maxBytes * BUNDLES_OUT) / 2 },
    clock,
    ...(options.times && { times: options.times }),
    random: Math.random,
    log,
    onBundle(report) {
      metrics?.bundle(report)
      return onBundle(report)
    },
  })
  metrics?.watch(() => run.load)
  return run
}

export interface PipelineWorkerOptions {
  readonly clients: Clients
  readonly settings: Settings
  /** What the runner calls this worker. */
  readonly id: string
  /** host:port of the runner's control service. */
  readonly control: string
  readonly log: Log
  /** Told of each bundle that made something durable; its messages have not been acknowledged yet. */
  readonly onBundle: (report: WrittenReport) => void
}

/** A sink's failure costs a runner all that came since its last checkpoint, so a worker bears with it for so long. */
const PATIENCE_MS = 60_000

/** Works for a portable runner in this process, until the runner lets it go or is gone. Rejects when it
 * can no longer be talked with. */
export function runPipelineWorker({ clients, settings, log, ...worker }: PipelineWorkerOptions): Promise<void> {
  const sinks = patient(sinksOf(clients, settings, { clock: systemClock }), {
    clock: systemClock,
    random: Math.random,
    forMs: PATIENCE_MS,
    onRetry: (error, attempt) => log.warn({ error, attempt }, 'A part of a bundle failed; it will be tried again.'),
  })
  return runWorker({ ...worker, sinks })
}

interface SinkOptions {
  readonly clock: Clock
  readonly onCall?: OnCall
}

function sinksOf(
  clients: Clients,
  settings: Settings,
  { clock, onCall = () => {} }: SinkOptions,
): { readonly rawFiles: RawFiles; readonly rows: Rows } {
  const { bucket, dataset } = settings.resources
  const files = watchBucket(cloudStorage(clients.once.storage.bucket(bucket), clock), clock, onCall)
  const writer = writeApi(
    { ...clients, bigquery: clients.once.bigquery },
    { projectId: settings.projectId, dataset, clock },
  )
  const tables = watchStreams(writer, clock, onCall)
  return { rawFiles: new RawFiles(files, tables), rows: new Rows(files, tables) }
}
