import '../../pipeline/beam/sdk.ts'
import { once } from 'node:events'
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js'
import type { LogEntry, LogEntry_List } from 'apache-beam/proto/beam_fn_api'
import { beamFnControlDefinition, beamFnLoggingDefinition } from 'apache-beam/proto/beam_fn_api.grpc-server'
import { ProvisionInfo } from 'apache-beam/proto/beam_provision_api'
import { provisionServiceDefinition } from 'apache-beam/proto/beam_provision_api.grpc-server'
import { Struct } from 'apache-beam/proto/google/protobuf/struct'

/** A runner as a container finds it: it provisions workers, takes their logs, and waits for them to ask for work. */
export class Runner implements AsyncDisposable {
  /** Ids of the workers that asked for work, as they did. */
  readonly workers: string[] = []
  readonly logs: { readonly worker: string; readonly entry: LogEntry }[] = []
  address = ''
  readonly #server = new Server()
  readonly #streams: ServerDuplexStream<unknown, unknown>[] = []
  #changed = Promise.withResolvers<void>()
  #info: (address: string) => ProvisionInfo

  constructor(info: (address: string) => Parameters<typeof ProvisionInfo.create>[0]) {
    this.#info = (address) => ProvisionInfo.create(info(address))
    this.#server.addService(provisionServiceDefinition, {
      getProvisionInfo: (_call: unknown, reply: (error: null, response: object) => void) =>
        reply(null, { info: this.#info(this.address) }),
    })
    this.#server.addService(beamFnControlDefinition, {
      control: (stream: ServerDuplexStream<unknown, unknown>) => {
        this.workers.push(workerOf(stream))
        this.#streams.push(stream)
        this.#tell()
      },
      getProcessBundleDescriptor: () => {},
    })
    this.#server.addService(beamFnLoggingDefinition, {
      logging: (stream: ServerDuplexStream<LogEntry_List, unknown>) => {
        stream.on('data', ({ logEntries }: LogEntry_List) => {
          this.logs.push(...logEntries.map((entry) => ({ worker: workerOf(stream), entry })))
          this.#tell()
        })
        stream.on('end', () => stream.end())
      },
    })
  }

  async listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    )
    this.address = `127.0.0.1:${await promise}`
  }

  /** Resolves as soon as it is so; looks again whenever a worker says something. */
  async until(so: (runner: this) => boolean): Promise<void> {
    while (!so(this)) await this.#changed.promise
  }

  /** Has no more use for its workers. */
  async letGo(): Promise<void> {
    for (const stream of this.#streams.splice(0)) {
      stream.end()
      await once(stream, 'finish')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown()
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

const workerOf = (stream: ServerDuplexStream<unknown, unknown>) => String(stream.metadata.get('worker_id')[0])

/** Pipeline options as Dataflow hands them on: one level deeper than they were given. */
export const options = (sluice: Record<string, string>) => Struct.fromJson({ options: { sluice, streaming: true } })
