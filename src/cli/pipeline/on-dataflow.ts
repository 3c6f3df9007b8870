import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { type PreparedJob, prepareJob, stageTemplate, submitJob } from '../../../pipeline/index.ts'
import { type Clients, connect, connectRest } from '../../clients.ts'
import { parseSettings, type Settings } from '../../settings.ts'
import { chosenBackend } from '../chosen-backend.ts'
import { subscriptionIsThere } from '../reachable.ts'
import { UserError } from '../user-error.ts'
import type { DataflowCommand } from './dataflow-choices.ts'

interface Choices extends DataflowCommand {
  readonly bundleMessages?: number
  readonly bundleSeconds?: number
}

/** A minute's messages are handed on this long after the first of them; a raw file has at most so many lines anyway. */
const PANES = { everyMs: 10_000, maxMessages: 5_000 }

/**
 * Submits the pipeline to Dataflow, prints one JSON line about the job, and leaves it running there. With --dry-run,
 * --job-file or --template it only writes the job.
 */
export async function submitToDataflow(choices: Choices): Promise<void> {
  const { dryRun, jobFile, template, bundleMessages, bundleSeconds } = choices
  const settings = parseSettings()
  const panes = {
    everyMs: bundleSeconds ? bundleSeconds * 1_000 : PANES.everyMs,
    maxMessages: bundleMessages ?? PANES.maxMessages,
  }
  const onlyWritten = dryRun === true || jobFile !== undefined
  if (!onlyWritten) refuseEmulators(settings)
  const prepared = await prepareJob(settings, choices, panes)
  if (onlyWritten) return await write(prepared, jobFile)
  await using clients = connect(await chosenBackend())
  await subscriptionIsThere(clients, settings)
  if (template !== undefined) return await stageTemplate(prepared, template, { storage: clients.storage, onProgress })
  console.log(JSON.stringify(await submit(prepared, clients, settings)))
}

function refuseEmulators({ endpoints, backend }: Settings): void {
  if (!endpoints) return
  throw new UserError(
    `Dataflow is on Google Cloud, but SLUICE_BACKEND is ${backend}: set it to gcp, or add --dry-run to see the job.`,
  )
}

async function write({ job, graph }: PreparedJob, file: string | undefined): Promise<void> {
  const text = `${JSON.stringify(job, null, 2)}\n`
  if (file === undefined) return void process.stdout.write(text)
  await writeFile(file, text)
  await writeFile(`${file}.pb`, graph.bytes)
  onProgress(`The job is in ${file}, and the graph that belongs at ${graph.url} in ${file}.pb.`)
}

function submit(prepared: PreparedJob, { storage }: Clients, settings: Settings) {
  const rest = connectRest(settings)
  return submitJob(prepared, {
    storage,
    // With its id, a job that is submitted again after an answer was lost is still one job.
    request: (request) => rest.request({ ...request, retryConfig: { retry: 3, httpMethodsToRetry: ['GET', 'POST'] } }),
    requestId: randomUUID(),
    onProgress,
  })
}

/** Standard output is for the job. */
const onProgress = (what: string) => console.error(what)
