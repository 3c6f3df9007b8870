import { type Clock, systemClock } from '../clock/index.ts'
import type { Clients } from '../src/clients.ts'
import type { Settings } from '../src/settings.ts'
import type { PipelineMetrics } from './metrics/metrics.ts'
import { watchBucket, watchStreams } from './metrics/sink-calls.ts'
import type { BundleReport } from './outcome.ts'
import type { BatchLimits } from './runners/batcher.ts'
import { CLOSE_MS, LocalRun, type Log } from './runners/local.ts'
import { cloudStorage } from './sinks/cloud-storage.ts'
import { RawFiles } from './sinks/raw-files.ts'
import { Rows } from './sinks/rows.ts'
import { writeApi } from './sinks/write-api.ts'
import { pubSubSource } from './sources/pubsub.ts'

export { createPipelineMetrics, type PipelineMetrics } from './metrics/metrics.ts'
export type { BundleReport } from './outcome.ts'
export type { BatchLimits } from './runners/batcher.ts'
export type { Log } from './runners/local.ts'

export interface PipelineOptions {
  readonly clients: Clients
  readonly settings: Settings
  readonly clock?: Clock
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

const BUNDLE: BatchLimits = { maxMessages: 5000, maxBytes: 16 * 1024 * 1024, maxWaitMs: 500 }
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
  const { bucket, dataset, pipelineSubscription } = settings.resources
  const limits = { ...BUNDLE, ...options.bundle }
  const onCall = metrics?.onCall ?? (() => {})
  const files = watchBucket(cloudStorage(clients.once.storage.bucket(bucket), clock), clock, onCall)
  const writer = writeApi(
    { ...clients, bigquery: clients.once.bigquery },
    { projectId: settings.projectId, dataset, clock },
  )
  const tables = watchStreams(writer, clock, onCall)
  const maxMessages = limits.maxMessages * BUNDLES_OUT
  const openSource = pubSubSource(clients.pubsub, pipelineSubscription, {
    maxMessages,
    maxBytes: limits.maxBytes * BUNDLES_OUT,
    closeMs: CLOSE_MS,
  })
  const run = new LocalRun({
    openSource: metrics?.out.watch(openSource) ?? openSource,
    sinks: { rawFiles: new RawFiles(files, tables), rows: new Rows(files, tables) },
    limits,
    timeBounds: settings.timeBounds,
    bundlesAtOnce: BUNDLES_AT_ONCE,
    mostWaiting: { messages: maxMessages / 2, bytes: (limits.maxBytes * BUNDLES_OUT) / 2 },
    clock,
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
