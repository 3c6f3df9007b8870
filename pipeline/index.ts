import { type Clock, systemClock } from '../clock/index.ts'
import type { Clients } from '../src/clients.ts'
import type { Settings } from '../src/settings.ts'
import type { BundleReport } from './outcome.ts'
import type { BatchLimits } from './runners/batcher.ts'
import { LocalRun, type Log } from './runners/local.ts'
import { cloudStorage } from './sinks/cloud-storage.ts'
import { RawFiles } from './sinks/raw-files.ts'
import { Rows } from './sinks/rows.ts'
import { writeApi } from './sinks/write-api.ts'
import { pubSubSource } from './sources/pubsub.ts'

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
const CLOSE_MS = 60_000

const silent: Log = { info() {}, warn() {}, error() {} }

/**
 * Runs the pipeline in this process: from the pipeline's subscription to raw files and rows. Disposing of it takes no
 * more messages, finishes the bundles that run, acknowledges what is durable and gives back the rest.
 */
export async function startPipeline(options: PipelineOptions): Promise<RunningPipeline> {
  const { clients, settings, clock = systemClock, onBundle = () => {}, log = silent } = options
  const { bucket, dataset, pipelineSubscription } = settings.resources
  const limits = { ...BUNDLE, ...options.bundle }
  const files = cloudStorage(clients.storage.bucket(bucket))
  const tables = writeApi(clients, { projectId: settings.projectId, dataset, clock })
  const maxMessages = limits.maxMessages * BUNDLES_OUT
  return new LocalRun({
    openSource: pubSubSource(clients.pubsub, pipelineSubscription, {
      maxMessages,
      maxBytes: limits.maxBytes * BUNDLES_OUT,
      closeMs: CLOSE_MS,
    }),
    sinks: { rawFiles: new RawFiles(files, tables), rows: new Rows(files, tables) },
    limits,
    bundlesAtOnce: BUNDLES_AT_ONCE,
    maxRetrying: maxMessages / 2,
    clock,
    random: Math.random,
    log,
    onBundle,
  })
}
