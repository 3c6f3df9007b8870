import type { Job } from './job.ts'

/** Something that Google refuses, in words that say how to mend it. */
export class DataflowError extends Error {
  override readonly name = 'DataflowError'
}

/** One request with credentials. Rejects with an error that has the `status` and Google's `data`, as gaxios does. */
export type Request = (request: {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly data?: unknown
}) => Promise<{ readonly data: unknown }>

export interface Place {
  readonly projectId: string
  readonly region: string
}

/** dataflow.googleapis.com, v1b3: projects.locations.jobs. */
export class DataflowService {
  readonly #request: Request
  readonly #place: Place
  readonly #jobs: string

  constructor(request: Request, place: Place) {
    this.#request = request
    this.#place = place
    this.#jobs = `https://dataflow.googleapis.com/v1b3/projects/${place.projectId}/locations/${place.region}/jobs`
  }

  /** Submits a job; `requestId` lets the service know a request that comes again. Resolves with the job's id. */
  async create(job: Job, requestId: string): Promise<string> {
    const answer = await this.#ask<Job>('POST', '', { ...job, clientRequestId: requestId })
    const { id, clientRequestId } = answer
    if (!id) throw new DataflowError('Dataflow took the job, but told no id.')
    // It may answer with the job that runs already in place of an error.
    if (clientRequestId !== undefined && clientRequestId !== requestId) throw alreadyRuns(job.name, id)
    return id
  }

  /** The id of the job that runs under a name. Throws a DataflowError when there is none. */
  async activeJob(name: string): Promise<string> {
    let pageToken = ''
    do {
      const query = new URLSearchParams({ filter: 'ACTIVE', ...(pageToken && { pageToken }) })
      const page = await this.#ask<{ jobs?: Job[]; nextPageToken?: string }>('GET', `?${query}`)
      const found = page.jobs?.find((job) => job.name === name)
      if (found?.id) return found.id
      pageToken = page.nextPageToken ?? ''
    } while (pageToken)
    throw new DataflowError(`no job called ${name} runs in ${this.#place.region}: leave --update out to start one.`)
  }

  async #ask<Answer>(method: 'GET' | 'POST', path: string, data?: unknown): Promise<Answer> {
    try {
      const answer = await this.#request({ method, url: this.#jobs + path, ...(data !== undefined && { data }) })
      return answer.data as Answer
    } catch (thrown) {
      throw explained(thrown, this.#place)
    }
  }
}

const alreadyRuns = (name: string, id?: string) =>
  new DataflowError(
    `a job called ${name} runs already${id ? ` (${id})` : ''}: drain it, replace it with --update, or give this one another --job-name.`,
  )

/** Google's error as google.rpc.Status, which says more than the HTTP status. */
interface Refusal {
  readonly status?: number
  readonly response?: { readonly data?: { readonly error?: { readonly message?: string; readonly status?: string } } }
}

/** Anything but an answer of Google's is passed on as it is. */
function explained(thrown: unknown, { projectId, region }: Place): unknown {
  const { status, response } = thrown as Refusal
  if (status === undefined) return thrown
  const said = response?.data?.error?.message ?? String(thrown)
  const mend = mendOf(status, said, projectId, region)
  return new DataflowError(`Dataflow refuses the job (${status}): ${said}${mend && `\n${mend}`}`, { cause: thrown })
}

function mendOf(status: number, said: string, projectId: string, region: string): string {
  if (/SERVICE_DISABLED|has not been used in project|it is disabled/.test(said)) {
    return `The API is off: gcloud services enable dataflow.googleapis.com compute.googleapis.com --project=${projectId}`
  }
  if (/already exists|already an active job/i.test(said) || status === 409) {
    return 'Drain the job of that name, replace it with --update, or give this one another --job-name.'
  }
  if (status === 401 || status === 403) {
    return 'Whoever submits needs roles/dataflow.developer on the project, and roles/iam.serviceAccountUser on the --service-account.'
  }
  if (status === 404) return `Is ${projectId} the right project, and ${region} one of Dataflow's regions?`
  return status === 429 ? 'A quota of the project is used up: try again later, or ask for more.' : ''
}
