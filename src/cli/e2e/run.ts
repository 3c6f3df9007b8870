import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Listr } from 'listr2'
import { systemClock } from '../../../clock/index.ts'
import { batchingTopic, publishTo, runScenario } from '../../generator/index.ts'
import {
  type Answer,
  askBoth,
  collectOutputs,
  type OutputsDatabase,
  openOutputs,
  reconcile,
} from '../../outputs/index.ts'
import { type Stack, startStack } from '../stack.ts'
import { count } from '../text.ts'
import { UserError } from '../user-error.ts'
import { type InputMessage, inputMessages } from './input.ts'
import { isGood, type Report, summary, type WrongReason } from './report.ts'

export interface E2eOptions {
  readonly events: number
  readonly seed: number
  readonly keep?: string
  readonly json?: true
}

interface Published {
  readonly event_id: string
  readonly message_id: string
  /** The reason of its dead letter, if it must become one. */
  readonly reason?: string
}

/** How long nothing may settle before what is missing counts as lost. */
const PATIENCE_MS = 30_000

/** Runs, prints the report and sets the exit code. */
export async function run(options: E2eOptions): Promise<void> {
  const started = performance.now()
  const kept = options.keep === undefined ? undefined : await emptyFolder(options.keep)
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'sluice-e2e-')))
  try {
    const found = await steps(options, folder)
    const seconds = (performance.now() - started) / 1_000
    const report: Report = { ...found, seconds, ...(kept && { kept }) }
    console.log(options.json ? JSON.stringify(report, null, 2) : `\n${summary(report)}`)
    process.exitCode = isGood(report) ? 0 : 1
  } finally {
    if (!kept) await rm(folder, { recursive: true })
  }
}

/** The run itself, each step shown while it works. */
async function steps(options: E2eOptions, folder: string): Promise<Omit<Report, 'seconds' | 'kept'>> {
  await using closing = new AsyncDisposableStack()
  let stack!: Stack
  let published: Published[] = []
  let eventsPerSecond = 0
  let reconciliation!: Report['reconciliation']
  let wrongReasons!: WrongReason[]
  let answers!: Answer[]
  const messages = await inputMessages({ events: options.events, seed: options.seed, now: systemClock.now() })
  let begun = 0
  const tasks = new Listr(
    [
      {
        title: 'Start emulators, table manager and pipeline',
        async task(_, task) {
          const times: string[] = []
          stack = closing.use(await startStack((part, ms) => times.push(`${part} ${Math.round(ms)} ms`)))
          task.title = `Started: ${times.join(', ')}`
        },
      },
      {
        title: `Publish ${count(messages.length)} messages`,
        async task(_, task) {
          begun = performance.now()
          published = await publishAll(stack, messages, (n) => {
            task.output = `${count(n)} published`
          })
          task.title = `Published ${count(published.length)} messages`
        },
      },
      {
        title: 'Process them: every row, raw line and dead letter durable',
        async task(_, task) {
          const watch = setInterval(() => {
            task.output = `${count(stack.settlement.settled)} of ${count(published.length)} durable`
          }, 200)
          const complete = await stack.settlement.complete(PATIENCE_MS).finally(() => clearInterval(watch))
          eventsPerSecond = stack.settlement.settled / ((performance.now() - begun) / 1_000)
          if (complete) task.title = `Processed ${count(published.length)} messages`
          else task.title = `Gave up: nothing became durable for ${PATIENCE_MS / 1_000} s`
        },
      },
      {
        title: 'Reconcile what was published with what was written',
        async task() {
          await writeFile(join(folder, 'published.ndjson'), published.map((p) => `${JSON.stringify(p)}\n`).join(''))
          await collectOutputs({ clients: stack.clients, settings: stack.settings, folder })
          using outputs = await openOutputs(folder)
          reconciliation = await reconcile(outputs, published)
          wrongReasons = await findWrongReasons(outputs, published)
        },
      },
      {
        title: 'Ask BigQuery and the raw files the same questions',
        async task() {
          const { clients, settings } = stack
          using outputs = await openOutputs(folder)
          const dataset = `${settings.projectId}.${settings.resources.dataset}`
          answers = await askBoth(clients.bigquery, dataset, outputs)
        },
      },
    ],
    { renderer: options.json ? 'silent' : 'default', fallbackRenderer: 'simple' },
  )
  await tasks.run()
  const { duplicates, unknownFields } = stack.counts
  return { reconciliation, answers, wrongReasons, duplicatesSuppressed: duplicates, unknownFields, eventsPerSecond }
}

async function publishAll(
  { clients, settings, settlement }: Stack,
  messages: readonly InputMessage[],
  onProgress: (published: number) => void,
): Promise<Published[]> {
  const published: Published[] = []
  const failures: unknown[] = []
  await runScenario({
    messages: messages.map((message) => ({ ...message, eventId: message.attributes.event_id ?? '' })),
    publish: publishTo(batchingTopic(clients.pubsub, settings.resources.topic)),
    clock: systemClock,
    eventsPerMinute: Number.POSITIVE_INFINITY,
    onPublished({ eventId, reason }, message_id) {
      settlement.publish(message_id)
      published.push({ event_id: eventId || message_id, message_id, ...(reason && { reason }) })
      if (published.length % 500 === 0) onProgress(published.length)
    },
    onFailed: (_message, error) => failures.push(error),
  })
  if (failures.length > 0) {
    throw new Error(`${failures.length} messages could not be published.`, { cause: failures[0] })
  }
  return published
}

/** A malformed message must be told apart from others by its reason, not only end as some dead letter. */
async function findWrongReasons(outputs: OutputsDatabase, published: readonly Published[]): Promise<WrongReason[]> {
  const rows = await outputs.sql(
    "SELECT event_id, line ->> '$.reason' AS reason FROM table_rows WHERE table_name = 'dead_letters'",
  )
  const actual = new Map(rows.map(({ event_id, reason }) => [String(event_id), String(reason)]))
  return published.flatMap(({ event_id, reason: expected = 'none' }) => {
    const found = actual.get(event_id) ?? 'none'
    return found === expected ? [] : [{ event_id, expected, actual: found }]
  })
}

async function emptyFolder(path: string): Promise<string> {
  const folder = resolve(path)
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length > 0)
    throw new UserError(`--keep needs an empty folder, and ${folder} is not empty.`)
  return folder
}
