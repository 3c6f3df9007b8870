import './beam/sdk.ts'
import { status } from '@grpc/grpc-js'
import { BundleProcessor, Worker } from 'apache-beam/worker/worker'
import { type Clock, systemClock } from '../clock/index.ts'
import { carryAnyData } from './beam/data-client.ts'
import './beam/quiet.ts'
import { inBundle, type Services } from './bundle.ts'
import './graph.ts'
import './sources/message-file.ts'
import { Outcome, type WrittenReport } from './outcome.ts'
import './sources/pubsub-bytes.ts'

export interface WorkerOptions {
  /** What the runner calls this worker. */
  readonly id: string
  /** host:port of the runner's control service (org.apache.beam.model.fn_execution.v1.BeamFnControl). */
  readonly control: string
  readonly sinks: Pick<Services, 'rawFiles' | 'rows'>
  readonly clock?: Clock
  /** Told of each bundle that made something durable; its messages have not been acknowledged yet. */
  readonly onBundle: (report: WrittenReport) => void
}

/** The SDK's types keep it to themselves. */
interface Control {
  readonly controlChannel: NodeJS.EventEmitter
}

/**
 * Works for a portable runner in this process, which must do nothing else, until the runner lets it go or is gone.
 * Rejects when it can no longer be talked with.
 */
export async function runWorker({ id, control, ...options }: WorkerOptions): Promise<void> {
  cutBundles(options)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const lost = (error: Error & { code?: number }) =>
    error.code === status.CANCELLED || error.code === status.UNAVAILABLE ? resolve() : reject(error)
  carryAnyData(lost)
  const worker = new Worker(id, { controlUrl: control })
  const { controlChannel } = worker as unknown as Control
  controlChannel.on('end', resolve)
  // A runner mostly goes without a word, and without a listener that would be an uncaught exception.
  controlChannel.on('error', lost)
  await promise
}

/** Gives each bundle services of its own. One that leaves anything undone fails, and the runner does it again. */
function cutBundles({ sinks, clock = systemClock, onBundle }: Omit<WorkerOptions, 'id' | 'control'>): void {
  const { process } = BundleProcessor.prototype
  BundleProcessor.prototype.process = async function (this: BundleProcessor, instructionId: string) {
    const started = clock.now()
    const outcome = new Outcome([], { bundle: instructionId })
    await inBundle({ ...sinks, clock, stamp: () => clock.now(), outcome, messages: [] }, () =>
      process.call(this, instructionId),
    )
    if (outcome.errors.length > 0) throw outcome.errors[0]
    const report = outcome.written((clock.now() - started) / 1000)
    if (report.messageIds.length > 0) onBundle(report)
  }
}
