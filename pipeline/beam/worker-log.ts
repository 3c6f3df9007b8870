import './sdk.ts'
import { type ClientDuplexStream, credentials } from '@grpc/grpc-js'
import {
  type LogControl,
  LogEntry,
  LogEntry_List,
  LogEntry_Severity_Enum as Severity,
} from 'apache-beam/proto/beam_fn_api'
import { BeamFnLoggingClient } from 'apache-beam/proto/beam_fn_api.grpc-client'
import { Timestamp } from 'apache-beam/proto/google/protobuf/timestamp'
import { EAGER } from './call.ts'
import { withId } from './worker-boot.ts'

const LAST_WORDS_MS = 2_000

/** Takes lines of a worker's log to the runner (org.apache.beam.model.fn_execution.v1.BeamFnLogging). */
export class WorkerLog implements AsyncDisposable {
  readonly #client: BeamFnLoggingClient
  readonly #stream: ClientDuplexStream<LogEntry_List, LogControl>
  readonly #over: Promise<unknown>

  /** `endpoint` is host:port. A runner that does not take the lines is no reason to stop working for it. */
  constructor(workerId: string, endpoint: string) {
    this.#client = new BeamFnLoggingClient(endpoint, credentials.createInsecure(), EAGER)
    this.#stream = this.#client.logging(withId(workerId))
    this.#over = new Promise((resolve) => this.#stream.on('status', resolve))
    this.#stream.on('error', () => {}).resume()
  }

  /** `line` is one of the worker's log, or any text. `now` is in milliseconds since the Unix epoch. */
  write(line: string, now: number): void {
    const timestamp = Timestamp.fromDate(new Date(now))
    const entry = LogEntry.create({ severity: severityOf(line), message: line, timestamp })
    if (this.#stream.writable) this.#stream.write(LogEntry_List.create({ logEntries: [entry] }))
  }

  /** What a worker says last is what its runner most wants to know. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.end()
    const timer = setTimeout(() => this.#stream.cancel(), LAST_WORDS_MS)
    await this.#over
    clearTimeout(timer)
    this.#client.close()
  }
}

/** As src/log.ts writes them, by Cloud Logging's names. */
const SEVERITIES: Readonly<Record<string, Severity>> = {
  DEBUG: Severity.DEBUG,
  INFO: Severity.INFO,
  WARNING: Severity.WARN,
  ERROR: Severity.ERROR,
  CRITICAL: Severity.CRITICAL,
}

function severityOf(line: string): Severity {
  const name = /^\{"severity":"([A-Z]+)"/.exec(line)?.[1]
  return SEVERITIES[name ?? ''] ?? Severity.INFO
}
