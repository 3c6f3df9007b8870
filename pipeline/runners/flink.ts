import type { FunctionSpec } from 'apache-beam/proto/beam_runner_api'
import type { Settings } from '../../src/settings.ts'
import { pubSubRead } from '../sources/pubsub-portable.ts'
import type { ChildOptions } from './child.ts'
import { describedByJava, type JavaHere, JobServer, tooLate } from './flink-services.ts'
import { javaIsThere } from './java.ts'
import { Job } from './job.ts'
import type { Log } from './local.ts'
import { externalPool, type PortableSource, portablePipeline } from './portable.ts'
import { WorkerPool } from './worker-pool.ts'

export interface FlinkOptions {
  /** The folder with Beam's and Flink's jars, as scripts/fetch-flink.sh leaves it. */
  readonly jars: string
  readonly log: Log
}

export interface FlinkJob {
  readonly settings: Settings
  /** How many slots work at once, each with a worker of its own. */
  readonly parallelism: number
  /** Messages are acknowledged when a checkpoint is complete. */
  readonly checkpointSeconds: number
  /** When a worker's bundle is full; when there is a checkpoint, each ends. */
  readonly bundle: { readonly maxMessages: number; readonly maxWaitMs: number }
  /** The command of a worker's process; see WorkerPool. */
  readonly workerCommand: readonly [string, ...string[]]
  readonly workerEnvironment?: ChildOptions['environment']
  /** A line of a worker's standard output: one for each bundle that is durable. */
  readonly onLine: (line: string) => void
  /** A line of a worker's log. */
  readonly onComplaint: (line: string) => void
  /** In place of the pipeline's subscription. */
  readonly source?: PortableSource
}

export interface RunningFlink extends AsyncDisposable {
  /** Resolves when the job is done or cancelled; rejects when it has failed, or when a part of Flink has died. */
  readonly ended: Promise<unknown>
  /** Process ids of the workers. */
  readonly workers: () => number[]
}

/** Apache Flink in this machine, for one job after another: what takes long to start is started once. */
export class Flink implements AsyncDisposable {
  readonly #java: JavaHere
  readonly #jobServer: JobServer
  readonly #sources = new Map<string, Promise<FunctionSpec>>()

  private constructor(java: JavaHere) {
    this.#java = java
    this.#jobServer = new JobServer(java)
  }

  /** Throws a MissingError where there is no Java, or no jars. The first job waits until Flink is up. */
  static async start({ jars, log }: FlinkOptions): Promise<Flink> {
    return new Flink({ jars, javaVersion: await javaIsThere(jars), log })
  }

  /**
   * Starts a pool of workers and submits the pipeline; resolves when Flink has asked for the first worker. Disposing of it
   * cancels the job and ends its workers: only then may the next be run.
   */
  async run(job: FlinkJob): Promise<RunningFlink> {
    const { workerCommand, workerEnvironment, onLine, onComplaint } = job
    const { log } = this.#java
    await using starting = new AsyncDisposableStack()
    const pool = starting.use(
      new WorkerPool({
        command: workerCommand,
        ...(workerEnvironment && { environment: workerEnvironment }),
        log,
        onLine,
        onComplaint,
      }),
    )
    const pipeline = await portablePipeline({
      source: job.source ?? pubSubRead(await this.#described(job.settings)),
      environment: externalPool(await pool.listen()),
      panes: 'at once',
      bounds: job.settings.timeBounds,
    })
    const submitted = starting.use(
      await Job.submit({
        service: await this.#jobServer.address,
        name: 'sluice',
        pipeline,
        options: pipelineOptions(job),
        cancel: () => this.#jobServer.cancelLast(),
        log,
      }),
    )
    const ended = Promise.race([submitted.ended, this.#jobServer.died])
    ended.catch(() => {}) // for whoever asks
    await Promise.race([pool.asked, ended, tooLate('The job')])
    const running = starting.move()
    return { ended, workers: () => pool.pids, [Symbol.asyncDispose]: () => running.disposeAsync() }
  }

  /** The description of a subscription says nothing of where Pub/Sub is, so it serves every job. */
  #described({ projectId, resources }: Settings): Promise<FunctionSpec> {
    const subscription = `projects/${projectId}/subscriptions/${resources.pipelineSubscription}`
    const described = this.#sources.get(subscription) ?? describedByJava(subscription, this.#java)
    this.#sources.set(subscription, described)
    return described
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#jobServer[Symbol.asyncDispose]()
  }
}

/** org.apache.beam.runners.flink.FlinkPipelineOptions, PortablePipelineOptions and PubsubOptions. */
const pipelineOptions = ({ settings, parallelism, checkpointSeconds, bundle, source }: FlinkJob) => ({
  streaming: true,
  parallelism,
  sdk_worker_parallelism: parallelism,
  checkpointing_interval: checkpointSeconds * 1000,
  // With panes that wait for nothing, all that was read before a checkpoint is durable when it is complete: what Flink
  // lets Pub/Sub forget then does not depend on Flink's state, nor on anybody who would keep it.
  finish_bundle_before_checkpointing: true,
  max_bundle_size: bundle.maxMessages,
  max_bundle_time_mills: bundle.maxWaitMs,
  // A source that has an end is kept for its checkpoints otherwise, and the job never ends.
  ...(source && { shutdown_sources_after_idle_ms: 0 }),
  project: settings.projectId,
  ...(settings.endpoints && {
    pubsub_root_url: `http://${settings.endpoints.pubsub}`,
    credential_factory_class: 'org.apache.beam.sdk.extensions.gcp.auth.NoopCredentialFactory',
  }),
})
