import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Listr, type ListrTask } from 'listr2'
import { systemClock } from '../../../clock/index.ts'
import { askBoth, collectOutputs, openOutputs, reconcile } from '../../outputs/index.ts'
import { PATIENCE_MS, type Stack, startStack } from '../../stack/index.ts'
import { count } from '../../text.ts'
import { joinElsewhere } from '../elsewhere.ts'
import { hasItsOwnStack } from '../own-stack.ts'
import { daysOf } from './days.ts'
import { type InputMessage, inputMessages } from './input.ts'
import { type Published, publishAll } from './publish.ts'
import { findWrongReasons, type Report } from './report.ts'
import type { E2eOptions } from './run.ts'

export type Findings = Omit<Report, 'seconds' | 'kept'>

/** What the steps hand on to each other: each relies on those before it. */
interface Run {
  readonly folder: string
  readonly messages: readonly InputMessage[]
  /** Closes what the run has started. */
  readonly closing: AsyncDisposableStack
  stack?: Stack
  published: Published[]
  /** When the first message was published, on the clock of `performance`. */
  begun: number
  found: Partial<Findings>
}

/** The run itself, each step shown while it works. Outputs are collected in `folder`. */
export async function runSteps({ events, seed, json }: E2eOptions, folder: string): Promise<Findings> {
  await using closing = new AsyncDisposableStack()
  const messages = await inputMessages({ events, seed, now: systemClock.now() })
  const run: Run = { folder, messages, closing, published: [], begun: 0, found: {} }
  const steps = [hasItsOwnStack() ? start : joinRunning, publish, settle, judge, ask].map((step) => step(run))
  await new Listr(steps, {
    renderer: json ? 'silent' : 'default',
    fallbackRenderer: 'simple',
    registerSignalListeners: false, // it would end the process before the run is cleaned up
  }).run()
  return run.found as Findings
}

type Step = (run: Run) => ListrTask

const start: Step = (run) => ({
  title: 'Start emulators, table manager and pipeline',
  async task(_, task) {
    const times: string[] = []
    run.stack = run.closing.use(await startStack({ onPart: (part, ms) => times.push(`${part} ${Math.round(ms)} ms`) }))
    task.title = `Started: ${times.join(', ')}`
  },
})

const joinRunning: Step = (run) => ({
  title: 'Find the pipeline that runs elsewhere',
  async task(_, task) {
    run.stack = run.closing.use(await joinElsewhere(daysOf(run.messages, systemClock.now())))
    const { settings, scope } = run.stack
    task.title = `Found ${settings.resources.topic} of ${settings.projectId}; our event ids begin with ${scope?.prefix}`
  },
})

const publish: Step = (run) => ({
  title: `Publish ${count(run.messages.length)} messages`,
  async task(_, task) {
    run.begun = performance.now()
    run.published = await publishAll(run.stack!, run.messages, (n) => {
      task.output = `${count(n)} published`
    })
    task.title = `Published ${count(run.published.length)} messages`
  },
})

const settle: Step = (run) => ({
  title: 'Process them: every row, raw line and dead letter durable',
  async task(_, task) {
    const { settlement, counts } = run.stack!
    const show = () => {
      task.output = `${count(settlement.settled)} of ${count(run.published.length)} durable`
    }
    const watch = setInterval(show, 200)
    const complete = await run.stack!.complete().finally(() => clearInterval(watch))
    const seconds = (performance.now() - run.begun) / 1_000
    task.title = complete
      ? `Processed ${count(run.published.length)} messages`
      : `Gave up: nothing became durable for ${PATIENCE_MS / 1_000} s`
    Object.assign(run.found, {
      eventsPerSecond: settlement.settled / seconds,
      ...(counts && { duplicatesSuppressed: counts.duplicates, unknownFields: counts.unknownFields }),
    } satisfies Partial<Findings>)
  },
})

const judge: Step = (run) => ({
  title: 'Reconcile what was published with what was written',
  async task() {
    const { folder, published } = run
    const { clients, settings, scope } = run.stack!
    await writeFile(join(folder, 'published.ndjson'), published.map((p) => `${JSON.stringify(p)}\n`).join(''))
    await collectOutputs({ clients, settings, folder, ...(scope && { scope }) })
    using outputs = await openOutputs(folder, scope)
    Object.assign(run.found, {
      reconciliation: await reconcile(outputs, published),
      wrongReasons: await findWrongReasons(outputs, published),
    } satisfies Partial<Findings>)
  },
})

const ask: Step = (run) => ({
  title: 'Ask BigQuery and the raw files the same questions',
  async task() {
    const { clients, settings, scope } = run.stack!
    using outputs = await openOutputs(run.folder, scope)
    const dataset = `${settings.projectId}.${settings.resources.dataset}`
    const answers = await askBoth(clients.bigquery, dataset, outputs, scope)
    Object.assign(run.found, { answers } satisfies Partial<Findings>)
  },
})
