import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Settings } from '../../src/settings.ts'
import { pubSubRead } from '../sources/pubsub-portable.ts'
import { Java, type JavaOptions, javaIsThere } from './java.ts'
import { Job } from './job.ts'
import type { Log } from './local.ts'
import { externalPool, type PortableSource, portablePipeline } from './portable.ts'
import { WorkerPool } from './worker-pool.ts'

export interface FlinkOptions {
  readonly settings: Settings
  /** The folder with Beam's and Flink's jars, as scripts/fetch-flink.sh leaves it. */
  readonly jars: string
  /** How many slots work at once, each with a worker of its own. */
  readonly parallelism: number
  /** Messages are acknowledged when a checkpoint is complete. */
  readonly checkpointSeconds: number
  /** When a worker's bundle is full; when there is a checkpoint, each ends. */
  readonly bundle: { readonly maxMessages: number; readonly maxWaitMs: number }
  /** The command of a worker's process; see WorkerPool. */
  readonly workerCommand: readonly [string, ...string[]]
  readonly log: Log
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

const EXPANSION_SERVICE = 'org.apache.beam.sdk.expansion.service.ExpansionService'
const JOB_SERVER = 'org.apache.beam.runners.flink.FlinkJobServerDriver'
const START_MS = 90_000

/**
 * Runs the pipeline on an Apache Flink of its own: starts Beam's expansion service, its job server with Flink in it and a
 * pool of workers, and submits the job. Disposing of it cancels the job and ends all that was started. Rejects with a
 * MissingError where there is no Java, or no jars.
 */
export async function startFlink(options: FlinkOptions): Promise<RunningFlink> {
  const { jars, workerCommand, log, onLine, onComplaint } = options
  const java = { jars, javaVersion: await javaIsThere(jars), log }
  await using starting = new AsyncDisposableStack()
  const pool = starting.use(new WorkerPool({ command: workerCommand, log, onLine, onComplaint }))
  const jobServer = startJobServer(java)
  starting.use(jobServer.process)
  const source = options.source ?? (await subscription(options.settings, java))
  const pipeline = await portablePipeline({
    source,
    environment: externalPool(await pool.listen()),
    panes: 'at once',
    bounds: options.settings.timeBounds,
  })
  const service = await jobServer.address
  const job = starting.use(
    await Job.submit({ service, name: 'sluice', pipeline, options: pipelineOptions(options), log }),
  )
  const running = starting.move()
  const ended = Promise.race([job.ended, jobServer.process.died()])
  ended.catch(() => {}) // for whoever asks
  return { ended, workers: () => pool.pids, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

type JavaHere = Pick<JavaOptions, 'jars' | 'javaVersion' | 'log'>

function startJobServer(java: JavaHere) {
  const { promise, resolve } = Promise.withResolvers<string>()
  const process = new Java({
    ...java,
    main: JOB_SERVER,
    args: [
      '--job-host=127.0.0.1',
      '--job-port=0',
      '--artifact-port=0',
      '--expansion-port=-1',
      '--flink-master=[local]',
    ],
    maxHeapMb: 1024,
    onLine(line) {
      const address = /JobService started on (\S+)/.exec(line)?.[1]
      if (address) resolve(address)
    },
  })
  const died = process.died()
  died.catch(() => {}) // whoever awaits the address is told
  return { process, address: Promise.race([promise, died, tooLate('The job server')]) }
}

/** The pipeline's subscription, as a Java source whose description the expansion service makes once. */
async function subscription({ projectId, resources }: Settings, java: JavaHere): Promise<PortableSource> {
  const expansionService = `127.0.0.1:${await freePort()}`
  return async (root) => {
    await using service = new Java({
      ...java,
      main: EXPANSION_SERVICE,
      args: [
        expansionService.split(':')[1]!,
        '--defaultEnvironmentType=EMBEDDED',
        '--experiments=use_deprecated_read',
        '--filesToStage=',
      ],
      maxHeapMb: 256,
    })
    const read = pubSubRead({
      subscription: `projects/${projectId}/subscriptions/${resources.pipelineSubscription}`,
      expansionService,
    })
    return await Promise.race([read(root), service.died()])
  }
}

/** org.apache.beam.runners.flink.FlinkPipelineOptions, PortablePipelineOptions and PubsubOptions. */
const pipelineOptions = ({ settings, parallelism, checkpointSeconds, bundle, source }: FlinkOptions) => ({
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

const tooLate = async (what: string): Promise<never> => {
  await new Promise((resolve) => setTimeout(resolve, START_MS).unref())
  throw new Error(`${what} has not started within ${START_MS / 1000} s.`)
}
