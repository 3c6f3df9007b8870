import { once } from 'node:events'
import { createServer } from 'node:net'
import type { FunctionSpec } from 'apache-beam/proto/beam_runner_api'
import { describePubSubRead } from '../sources/pubsub-portable.ts'
import { Java, type JavaOptions } from './java.ts'

export type JavaHere = Pick<JavaOptions, 'jars' | 'javaVersion' | 'log'>

const EXPANSION_SERVICE = 'org.apache.beam.sdk.expansion.service.ExpansionService'
const JOB_SERVER = 'org.apache.beam.runners.flink.FlinkJobServerDriver'
const START_MS = 90_000
const CANCEL_MS = 5_000

/** Beam's job server. In its process it runs each job on a Flink that is started for the job, and ends with it. */
export class JobServer implements AsyncDisposable {
  /** host:port of its job service. */
  readonly address: Promise<string>
  /** Rejects when it ends, with its last lines. */
  readonly died: Promise<never>
  readonly #process: Java
  /** host:port of the REST API of the Flink that was started last. */
  #flink: string | undefined
  #isCancelling = false

  constructor({ log, ...java }: JavaHere) {
    const { promise, resolve } = Promise.withResolvers<string>()
    this.#process = new Java({
      ...java,
      log: {
        info: (fields, text) => log.info(fields, text),
        warn: (fields, text) => log.warn(fields, text),
        // A job that is cancelled is to Flink one that fails.
        error: (fields, text) => (this.#isCancelling ? log.info(fields, text) : log.error(fields, text)),
      },
      main: JOB_SERVER,
      args: [
        '--job-host=127.0.0.1',
        '--job-port=0',
        '--artifact-port=0',
        '--expansion-port=-1',
        '--flink-master=[local]',
      ],
      maxHeapMb: 1024,
      onLine: (line) => {
        const address = /JobService started on (\S+)/.exec(line)?.[1]
        if (address) resolve(address)
        const flink = /Rest endpoint listening at (\S+)/.exec(line)?.[1]
        if (!flink) return
        this.#flink = flink
        this.#isCancelling = false
      },
    })
    this.died = this.#process.died()
    this.died.catch(() => {}) // for whoever asks
    this.address = Promise.race([promise, this.died, tooLate('The job server')])
    this.address.catch(() => {}) // for whoever asks
  }

  /** Cancels what runs on the Flink that was started last. Beam's own cancel lets it run on, with nobody who waits for it. */
  async cancelLast(): Promise<void> {
    if (this.#flink === undefined) return
    this.#isCancelling = true
    const jobs = `http://${this.#flink}/jobs`
    const signal = AbortSignal.timeout(CANCEL_MS)
    const found = (await (await fetch(jobs, { signal })).json()) as { jobs: { id: string }[] }
    await Promise.all(found.jobs.map(({ id }) => fetch(`${jobs}/${id}?mode=cancel`, { method: 'PATCH', signal })))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]()
  }
}

/** A subscription, `projects/…/subscriptions/…`, as Beam's Java source: an expansion service is started for this alone. */
export async function describedByJava(subscription: string, java: JavaHere): Promise<FunctionSpec> {
  const expansionService = `127.0.0.1:${await freePort()}`
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
  return await Promise.race([describePubSubRead({ subscription, expansionService }), service.died()])
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

/** Rejects after 90 s. */
export const tooLate = async (what: string): Promise<never> => {
  await new Promise((resolve) => setTimeout(resolve, START_MS).unref())
  throw new Error(`${what} has not started within ${START_MS / 1000} s.`)
}
