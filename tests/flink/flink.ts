import { join } from 'node:path'
import { systemClock } from '../../clock/index.ts'
import { Flink, type FlinkJob, type RunningFlink, type WrittenReport } from '../../pipeline/index.ts'
import { batchingTopic, type GeneratedMessage, publishTo, runScenario } from '../../src/generator/index.ts'
import type { Backend } from '../harness.ts'

export const JARS = process.env.SLUICE_FLINK_JARS!
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
const GUARD = join(import.meta.dirname, '../offline/process.ts')

export interface FlinkUnderTest extends RunningFlink {
  /** Ids of the messages that some worker has reported as durable. */
  readonly durable: ReadonlySet<string>
}

/** Starts the pipeline on a Flink of its own, against the emulators of a test. */
export async function startFlinkOn(backend: Backend, options: Partial<FlinkJob> = {}): Promise<FlinkUnderTest> {
  await using starting = new AsyncDisposableStack()
  const flink = starting.use(await startFlink())
  const job = starting.use(await flink.run(backend, options))
  const running = starting.move()
  return { ...job, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Starts a Flink that runs the pipeline for one test's emulators after another's. */
export async function startFlink() {
  const log: string[] = []
  const note = (fields: object, message: string) => void log.push(`${message} ${JSON.stringify(fields)}`)
  const flink = await Flink.start({ jars: JARS, log: { info: note, warn: note, error: note } })
  return {
    async run({ settings, environment }: Backend, options: Partial<FlinkJob> = {}): Promise<FlinkUnderTest> {
      const durable = new Set<string>()
      const running = await flink.run({
        settings,
        parallelism: 1,
        checkpointSeconds: 1,
        bundle: { maxMessages: 5000, maxWaitMs: 1000 },
        workerEnvironment: { ...process.env, ...environment },
        workerCommand: [process.execPath, '--import', GUARD, MAIN, 'beam-worker'],
        onLine(line) {
          for (const id of (JSON.parse(line) as WrittenReport).messageIds) durable.add(id)
        },
        onComplaint: (line) => void log.push(line),
        ...options,
      })
      running.ended.catch(() => console.error(log.join('\n'))) // what it died of
      return { ...running, durable }
    },
    [Symbol.asyncDispose]: () => flink[Symbol.asyncDispose](),
  }
}

/** What the subscription would deliver now. */
export async function waiting({ settings }: Backend): Promise<{ receivedMessages?: unknown[] }> {
  const { projectId, resources, endpoints } = settings
  const subscription = `projects/${projectId}/subscriptions/${resources.pipelineSubscription}`
  const answer = await fetch(`http://${endpoints!.pubsub}/v1/${subscription}:pull`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ maxMessages: 10, returnImmediately: true }),
  })
  return (await answer.json()) as { receivedMessages?: unknown[] }
}

export interface Published {
  readonly event_id: string
  readonly message_id: string
}

export async function publishAll(
  { clients, settings }: Backend,
  messages: Iterable<GeneratedMessage>,
): Promise<Published[]> {
  const published: Published[] = []
  await runScenario({
    messages,
    publish: publishTo(batchingTopic(clients.pubsub, settings.resources.topic)),
    clock: systemClock,
    eventsPerMinute: Number.POSITIVE_INFINITY,
    onPublished: ({ eventId: event_id }, message_id) => published.push({ event_id, message_id }),
  })
  return published
}
