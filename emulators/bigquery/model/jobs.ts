import type { Clock } from '../../../clock/index.ts'
import { alreadyExists, notFound, ServiceError, toServiceError } from '../../shared/index.ts'
import { type Outcome, runStatement, type StatementRequest, type Statements } from './statement.ts'

/** The service keeps jobs for six months and results for a day; here memory sets the limit. */
const MOST_JOBS = 1_000
const MOST_ROWS = 1_000_000

export interface JobReference {
  readonly projectId: string
  readonly jobId: string
  readonly location: string
}

export interface JobRequest extends StatementRequest {
  /** Absent: the service chooses. */
  readonly jobId?: string
  /** Of jobs.query: the same id again means the same job, not another run. */
  readonly requestId?: string
  /** How long it may run before it is cancelled. */
  readonly timeoutMs?: number
  /** The configuration as the client sent it, for jobs.get. */
  readonly configuration: object
}

export interface Job {
  readonly reference: JobReference
  /** Counts all jobs: the later, the higher. */
  readonly number: number
  readonly request: JobRequest
  readonly creationTime: number
  state: 'RUNNING' | 'DONE'
  endTime?: number
  outcome?: Outcome
  error?: ServiceError
  /** Settles when the job is done, well or not; never rejects. */
  done: Promise<void>
  readonly cancellation: AbortController
}

/** The query jobs of all projects. */
export class Jobs {
  readonly #jobs = new Map<string, Job>()
  readonly #statements: Statements
  readonly #clock: Clock
  #count = 0

  constructor(statements: Statements) {
    this.#statements = statements
    this.#clock = statements.clock
  }

  /** Throws ALREADY_EXISTS when the client's id is taken. */
  start(request: JobRequest): Job {
    const { requestId } = request
    const repeated = requestId && this.#jobs.values().find((job) => job.request.requestId === requestId)
    if (repeated) return repeated
    this.#count++
    const { projectId, location, jobId = `job_${String(this.#count).padStart(8, '0')}` } = request
    const reference = { projectId, jobId, location }
    const key = keyOf(reference)
    if (this.#jobs.has(key)) {
      throw alreadyExists(`Already Exists: Job ${projectId}:${location}.${jobId}`, { reason: 'duplicate' })
    }
    const creationTime = this.#clock.now()
    const cancellation = new AbortController()
    const done = Promise.resolve()
    const job: Job = { reference, number: this.#count, request, creationTime, state: 'RUNNING', cancellation, done }
    job.done = this.#run(job)
    this.#jobs.set(key, job)
    this.#forget()
    return job
  }

  async #run(job: Job): Promise<void> {
    const { timeoutMs } = job.request
    const timedOut = () => job.cancellation.abort(tooLong(timeoutMs))
    const stop = timeoutMs ? this.#clock.at(job.creationTime + timeoutMs, timedOut) : undefined
    try {
      job.outcome = await runStatement(this.#statements, job.request, job.cancellation.signal)
    } catch (thrown) {
      job.error = toServiceError(thrown)
    }
    stop?.()
    job.state = 'DONE'
    job.endTime = this.#clock.now()
  }

  get(projectId: string, jobId: string): Job {
    const job = this.#jobs.get(keyOf({ projectId, jobId }))
    if (!job) throw notFound(`Not found: Job ${projectId}:${jobId}`)
    return job
  }

  /** The newest first. */
  list(projectId: string): Job[] {
    return [...this.#jobs.values()].filter(({ reference }) => reference.projectId === projectId).reverse()
  }

  cancel(job: Job): void {
    if (job.state === 'RUNNING') job.cancellation.abort(cancelled())
  }

  delete(job: Job): void {
    this.#jobs.delete(keyOf(job.reference))
  }

  /** Whether the job was done before the time was up. */
  async wait(job: Job, timeoutMs: number): Promise<boolean> {
    const timeUp = Promise.withResolvers<void>()
    const stop = this.#clock.at(this.#clock.now() + timeoutMs, timeUp.resolve)
    await Promise.race([job.done, timeUp.promise])
    stop()
    return job.state === 'DONE'
  }

  /** Lets go of the oldest jobs that are done, so that memory does not grow with their number. */
  #forget(): void {
    let rows = this.#jobs.values().reduce((sum, job) => sum + (job.outcome?.rows.length ?? 0), 0)
    for (const [key, job] of this.#jobs) {
      if (this.#jobs.size <= MOST_JOBS && rows <= MOST_ROWS) return
      if (job.state !== 'DONE') continue
      rows -= job.outcome?.rows.length ?? 0
      this.#jobs.delete(key)
    }
  }

  /** Cancels what still runs, and waits for its end. */
  async close(): Promise<void> {
    const running = this.#jobs
      .values()
      .filter((job) => job.state === 'RUNNING')
      .toArray()
    for (const job of running) this.cancel(job)
    await Promise.all(running.map((job) => job.done))
  }
}

const keyOf = ({ projectId, jobId }: Pick<JobReference, 'projectId' | 'jobId'>) => `${projectId}:${jobId}`

const tooLong = (timeoutMs = 0) =>
  new ServiceError('CANCELLED', `Operation timed out after ${timeoutMs / 1000} seconds.`, { reason: 'stopped' })

const cancelled = () =>
  new ServiceError('CANCELLED', 'Job execution was cancelled: User requested cancellation', { reason: 'stopped' })
