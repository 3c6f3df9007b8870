import '../beam/sdk.ts'
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'
import type { StartWorkerRequest, StopWorkerRequest } from 'apache-beam/proto/beam_fn_api'
import {
  beamFnExternalWorkerPoolDefinition,
  type IBeamFnExternalWorkerPool,
} from 'apache-beam/proto/beam_fn_api.grpc-server'
import { Child, type ChildOptions } from './child.ts'
import type { Log } from './local.ts'

export interface WorkerPoolOptions {
  /** The command of a worker's process; `--id` and `--control` are added. */
  readonly command: readonly [string, ...string[]]
  /** All of a worker's environment, where that is not this process's own. */
  readonly environment?: ChildOptions['environment']
  readonly log: Log
  /** A line of a worker's standard output. */
  readonly onLine: (line: string) => void
  /** A line of a worker's standard error: its log. */
  readonly onComplaint: (line: string) => void
}

/**
 * Starts and ends worker processes as a runner asks (org.apache.beam.model.fn_execution.v1.BeamFnExternalWorkerPool), each
 * in a process of its own. One that dies is not started again here: its runner notices, and asks for another.
 */
export class WorkerPool implements AsyncDisposable {
  /** Resolves when the runner has asked for a worker. */
  readonly asked: Promise<void>
  readonly #asked = Promise.withResolvers<void>()
  readonly #options: WorkerPoolOptions
  readonly #server = new Server()
  readonly #workers = new Map<string, Child>()

  constructor(options: WorkerPoolOptions) {
    this.#options = options
    this.asked = this.#asked.promise
    const service: IBeamFnExternalWorkerPool = {
      startWorker: answering((request: StartWorkerRequest) => this.#start(request)),
      stopWorker: answering((request: StopWorkerRequest) => this.#stop(request.workerId)),
    }
    this.#server.addService(beamFnExternalWorkerPoolDefinition, service)
  }

  /** Resolves with host:port. */
  async listen(host = '127.0.0.1'): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    this.#server.bindAsync(`${host}:0`, ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    )
    return `${host}:${await promise}`
  }

  /** Process ids of the workers that run. */
  get pids(): number[] {
    return Array.from(this.#workers.values(), ({ pid }) => pid!)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown()
    await Promise.all(Array.from(this.#workers.keys(), (id) => this.#stop(id)))
  }

  async #start({ workerId, controlEndpoint }: StartWorkerRequest): Promise<void> {
    const { command, environment, log, onLine, onComplaint } = this.#options
    await this.#stop(workerId)
    const worker = new Child([...command, '--id', workerId, '--control', controlEndpoint?.url ?? ''], {
      onOutput: onLine,
      onComplaint,
      ...(environment && { environment }),
    })
    this.#workers.set(workerId, worker)
    log.info({ worker: workerId, pid: worker.pid }, 'A worker has started.')
    this.#asked.resolve()
    const gone = (how: unknown) => {
      if (this.#workers.get(workerId) !== worker) return
      this.#workers.delete(workerId)
      if (how === 0) log.info({ worker: workerId }, 'The runner has let a worker go.')
      else log.warn({ worker: workerId, how }, 'A worker has died; the runner goes back to its last checkpoint.')
    }
    worker.ended.then(gone, gone)
  }

  async #stop(workerId: string): Promise<void> {
    const worker = this.#workers.get(workerId)
    this.#workers.delete(workerId)
    await worker?.[Symbol.asyncDispose]()
  }
}

/** Both answers are the same message: an error, or none. */
const answering =
  <Request>(act: (request: Request) => Promise<void>) =>
  ({ request }: ServerUnaryCall<Request, { error: string }>, reply: sendUnaryData<{ error: string }>) =>
    void act(request).then(
      () => reply(null, { error: '' }),
      (error: unknown) => reply(null, { error: String(error) }),
    )
