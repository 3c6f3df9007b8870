import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pipeline } from 'apache-beam/proto/beam_runner_api'
import { expect, onTestFinished, test } from 'vitest'
import { type Answers, type Google, startGoogle } from '../gcp/google.ts'
import { runSluice } from '../harness.ts'
import { faultsOf, v1b3 } from './discovery.ts'

interface SentJob {
  readonly name: string
  readonly clientRequestId: string
  readonly replaceJobId?: string
  readonly environment: { readonly sdkPipelineOptions: { readonly options: { readonly pipelineUrl: string } } }
}

/** Dataflow as far as its published schema goes: takes a job that it knows all of, and lists those that run. */
function dataflow(running: readonly { name: string; id: string }[] = []) {
  const jobs: SentJob[] = []
  const { create } = v1b3.methods
  const path = `/${create.path}`.replace('{projectId}', 'acme-shop').replace('{location}', 'europe-west1')
  const refuse = (status: number, message: string) => ({ status, body: { error: { code: status, message } } })
  const answer: Answers[string] = (what, body) => {
    const [method, url] = what.split(' ') as [string, string]
    const { pathname, searchParams } = new URL(url, v1b3.rootUrl)
    if (pathname !== path) return refuse(404, `There is no ${pathname}.`)
    if (method === 'GET') {
      const unknown = [...searchParams.keys()].filter((name) => !(name in v1b3.methods.list.parameters))
      if (unknown.length > 0) return refuse(400, `Unknown name ${unknown}`)
      // A page for each job, so that whoever looks has to turn them.
      const page = Number(searchParams.get('pageToken') ?? 0)
      const next = page + 1 < running.length ? { nextPageToken: String(page + 1) } : {}
      return { status: 200, body: { jobs: running.slice(page, page + 1), ...next } }
    }
    const job = JSON.parse(body) as SentJob
    const faults = faultsOf('Job', job)
    if (faults.length > 0) return refuse(400, faults.join(', '))
    if (running.some(({ name }) => name === job.name) && !job.replaceJobId) {
      return refuse(409, `The workflow could not be created. Causes: There is already an active job named ${job.name}.`)
    }
    jobs.push(job)
    return { status: 200, body: { ...job, id: '2026-01-15_02_30_00-1', currentState: 'JOB_STATE_PENDING' } }
  }
  return { jobs, answers: { 'dataflow.googleapis.com': answer } }
}

const BUCKET = 'acme-shop-dev-raw-events'
const ARGUMENTS = [
  ...['pipeline', '--runner', 'dataflow', '--machine-type', 'n2-standard-2', '--max-workers', '5'],
  ...['--image', 'europe-west1-docker.pkg.dev/acme-shop/dev-sluice/sluice:1a2b3c4'],
  ...['--temp-location', `gs://${BUCKET}/dataflow`],
]

const start = async (answers: Answers): Promise<[Google, (...args: string[]) => ReturnType<typeof runSluice>]> => {
  const google = await startGoogle(answers)
  const environment = { ...google.environment, SLUICE_REGION: 'europe-west1' }
  expect(await runSluice(['provision'], environment)).toMatchObject({ exitCode: 0 })
  return [google, (...args) => runSluice([...ARGUMENTS, ...args], environment)]
}

test('the graph is uploaded and the job submitted, with credentials, over TLS', async () => {
  const { jobs, answers } = dataflow()
  const [google, submit] = await start(answers)
  await using _google = google
  const { exitCode, output, complaints } = await submit()
  expect({ exitCode, complaints }).toEqual({
    exitCode: 0,
    complaints: expect.stringMatching(/^The graph \(\d+ bytes\) is at gs:.*\nDataflow has taken the job: 2026.*\n$/),
  })
  expect(JSON.parse(output)).toEqual({
    id: '2026-01-15_02_30_00-1',
    name: 'dev-pipeline-dataflow',
    console: 'https://console.cloud.google.com/dataflow/jobs/europe-west1/2026-01-15_02_30_00-1?project=acme-shop',
    drain: 'gcloud dataflow jobs drain 2026-01-15_02_30_00-1 --region=europe-west1 --project=acme-shop',
  })
  expect(jobs).toHaveLength(1)
  expect(jobs[0]!.clientRequestId).toMatch(/^[0-9a-f-]{36}$/)
  const graph = await uploaded(google, jobs[0]!.environment.sdkPipelineOptions.options.pipelineUrl)
  expect(Object.keys(Pipeline.fromBinary(graph).components!.transforms).length).toBeGreaterThan(8)
})

/** What lies at gs://BUCKET/OBJECT. */
async function uploaded({ emulators }: Google, url: string): Promise<Uint8Array> {
  const [, bucket, object] = /^gs:\/\/([^/]+)\/(.+)$/.exec(url)!
  const { host, port } = emulators.storage
  const response = await fetch(
    `http://${host}:${port}/storage/v1/b/${bucket}/o/${encodeURIComponent(object!)}?alt=media`,
  )
  expect(response.status).toBe(200)
  return response.bytes()
}

test('a name that is taken is told, with what to do about it', async () => {
  const { jobs, answers } = dataflow([{ name: 'dev-pipeline-dataflow', id: 'old' }])
  const [google, submit] = await start(answers)
  await using _google = google
  const { exitCode, complaints } = await submit()
  expect(exitCode).toBe(2)
  expect(complaints).toContain('sluice: Dataflow refuses the job (409): ')
  expect(complaints).toContain('replace it with --update')
  expect((await submit('--update', '--job-name', 'another')).complaints).toContain('no job called another runs')
  expect(jobs).toEqual([])
})

test('--update replaces the job that runs under the name, wherever it is in the list', async () => {
  const { jobs, answers } = dataflow([
    { name: 'another', id: 'other' },
    { name: 'dev-pipeline-dataflow', id: 'old' },
  ])
  const [google, submit] = await start(answers)
  await using _google = google
  expect(await submit('--update', '--renamed', 'writeRows=rows')).toMatchObject({ exitCode: 0 })
  expect(jobs).toMatchObject([{ replaceJobId: 'old', transformNameMapping: { writeRows: 'rows' } }])
})

test('an API that is off and a bucket that is missing are told apart', async () => {
  const refused = {
    error: { code: 403, message: 'Cloud Dataflow API has not been used in project 1 before or it is disabled.' },
  }
  const [google, submit] = await start({ 'dataflow.googleapis.com': () => ({ status: 403, body: refused }) })
  await using _google = google
  expect((await submit()).complaints).toContain('gcloud services enable dataflow.googleapis.com')
  expect((await submit('--staging-location', 'gs://acme-nowhere/x')).complaints).toContain(
    'There is no bucket acme-nowhere',
  )
})

test('--template leaves a job that Terraform can launch, and launches nothing', async () => {
  const { jobs, answers } = dataflow()
  const [google, submit] = await start(answers)
  await using _google = google
  expect(await submit('--template', `gs://${BUCKET}/templates/sluice`)).toMatchObject({ exitCode: 0, output: '' })
  expect(jobs).toEqual([])
  const job = JSON.parse(Buffer.from(await uploaded(google, `gs://${BUCKET}/templates/sluice`)).toString()) as SentJob
  expect(faultsOf('Job', job)).toEqual([])
  expect(await uploaded(google, job.environment.sdkPipelineOptions.options.pipelineUrl)).toHaveProperty('length')
})

const OFFLINE = { SLUICE_PROJECT: 'acme-shop', SLUICE_REGION: 'europe-west1' }

test('--dry-run prints the job on any backend, and asks nobody', async () => {
  const { exitCode, output } = await runSluice([...ARGUMENTS, '--dry-run'], OFFLINE)
  expect(exitCode).toBe(0)
  expect(faultsOf('Job', JSON.parse(output))).toEqual([])
})

test('--job-file writes the job, and the graph beside it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-test-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'job.json')
  expect(await runSluice([...ARGUMENTS, '--job-file', file], OFFLINE)).toMatchObject({ exitCode: 0, output: '' })
  expect(faultsOf('Job', JSON.parse(await readFile(file, 'utf8')))).toEqual([])
  expect(Pipeline.fromBinary(await readFile(`${file}.pb`)).components).toBeDefined()
})

test('nothing is submitted from emulators, nor are options of another runner ignored', async () => {
  const { exitCode, complaints } = await runSluice(ARGUMENTS, OFFLINE)
  expect({ exitCode, complaints }).toEqual({
    exitCode: 2,
    complaints:
      'sluice: Dataflow is on Google Cloud, but SLUICE_BACKEND is embedded: set it to gcp, or add --dry-run to see the job.\n',
  })
  const local = await runSluice(['pipeline', '--max-workers', '5'], OFFLINE)
  expect(local).toMatchObject({ exitCode: 2, complaints: 'sluice: --max-workers is for --runner dataflow alone.\n' })
})
