import '../beam/sdk.ts'
import { type ClientReadableStream, credentials } from '@grpc/grpc-js'
import {
  JobMessage_MessageImportance as Importance,
  type JobMessagesResponse,
  JobState_Enum as State,
} from 'apache-beam/proto/beam_job_api'
import { JobServiceClient } from 'apache-beam/proto/beam_job_api.grpc-client'
import type { Pipeline } from 'apache-beam/proto/beam_runner_api'
import { Struct } from 'apache-beam/proto/google/protobuf/struct'
import { call, EAGER, ready } from '../beam/call.ts'
import type { Log } from './local.ts'

export interface JobOptions {
  /** host:port of the job service. */
  readonly service: string
  readonly name: string
  readonly pipeline: Pipeline
  /** Beam's pipeline options, in snake_case. */
  readonly options: Readonly<Record<string, string | number | boolean>>
  /** Has the runner cancel the job. Not asked of the job service, which would only cease to watch it. */
  readonly cancel: () => Promise<void>
  readonly log: Log
}

/** How long a job may take to end. */
const END_MS = 10_000

/** A pipeline that a job service runs (org.apache.beam.model.job_management.v1.JobService). */
export class Job implements AsyncDisposable {
  /** Resolves when the job is done or cancelled; rejects when it has failed, with the runner's reason. */
  readonly ended: Promise<'DONE' | 'CANCELLED'>
  readonly #client: JobServiceClient
  readonly #jobId: string
  readonly #messages: ClientReadableStream<JobMessagesResponse>
  readonly #cancel: () => Promise<void>
  #cancelled = false

  private constructor(client: JobServiceClient, jobId: string, { cancel, log }: JobOptions) {
    this.#client = client
    this.#jobId = jobId
    this.#messages = client.getMessageStream({ jobId })
    this.#cancel = cancel
    this.ended = this.#watch(log).catch((error: unknown) => {
      if (this.#cancelled) return 'CANCELLED'
      throw error
    })
    this.ended.catch(() => {}) // for whoever asks
  }

  /** Waits for the service, too. */
  static async submit(job: JobOptions): Promise<Job> {
    const { service, name, pipeline, options } = job
    const client = new JobServiceClient(service, credentials.createInsecure(), EAGER)
    await ready(client)
    const pipelineOptions = Struct.fromJson(
      Object.fromEntries(Object.entries(options).map(([name, value]) => [`beam:option:${name}:v1`, value])),
    )
    // Nothing is staged: the workers have their code, and the runner its jars.
    const { preparationId } = await call(client.prepare.bind(client), { pipeline, pipelineOptions, jobName: name })
    const { jobId } = await call(client.run.bind(client), { preparationId, retrievalToken: '' })
    return new Job(client, jobId, job)
  }

  /** Cancels the job if it still runs, and waits until it has ended, but not for long. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancelled = true
    const timer = setTimeout(() => this.#messages.cancel(), END_MS)
    await this.#cancel().catch(() => this.#messages.cancel())
    await this.ended.catch(() => {})
    clearTimeout(timer)
    this.#client.close()
  }

  async #watch(log: Log): Promise<'DONE' | 'CANCELLED'> {
    let reason = 'it gives no reason.'
    for await (const { response } of this.#messages) {
      if (response.oneofKind === 'messageResponse') {
        const { messageText, importance } = response.messageResponse
        if (importance === Importance.JOB_MESSAGE_ERROR) reason = messageText
        else if (importance === Importance.JOB_MESSAGE_WARNING) log.warn({ job: this.#jobId }, messageText)
      } else if (response.oneofKind === 'stateResponse') {
        const { state } = response.stateResponse
        // A runner may call it a failure to be cancelled.
        const told = this.#cancelled && state === State.FAILED ? State.CANCELLED : state
        log.info({ job: this.#jobId }, `The job is ${State[told]}.`)
        if (state === State.DONE) return 'DONE'
        if (state === State.CANCELLED) return 'CANCELLED'
        if (state === State.FAILED) throw new Error(`The job has failed: ${reason}`)
      }
    }
    throw new Error('The job service has ended.')
  }
}
