import { join } from 'node:path'
import { systemClock } from '../../clock/index.ts'
import { type FlinkOptions, type RunningFlink, startFlink, type WrittenReport } from '../../pipeline/index.ts'
import { batchingTopic, type GeneratedMessage, publishTo, runScenario } from '../../src/generator/index.ts'
import type { Backend } from '../harness.ts'

export const JARS = process.env.SLUICE_FLINK_JARS!
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
const GUARD = join(import.meta.dirname, '../offline/process.ts')

export interface FlinkUnderTest extends RunningFlink {
  /** Ids of the messages that some worker has reported as durable. */
  readonly durable: ReadonlySet<string>
}

/** Starts the pipeline on a Flink in this machine, against the emulators of a test. */
export async function startFlinkOn(
  { settings, environment }: Backend,
  options: Partial<FlinkOptions> = {},
): Promise<FlinkUnderTest> {
  const durable = new Set<string>()
  const log: string[] = []
  const note = (fields: object, message: string) => void log.push(`${message} ${JSON.stringify(fields)}`)
  const running = await startFlink({
    settings,
    jars: JARS,
    parallelism: 1,
    checkpointSeconds: 1,
    bundle: { maxMessages: 5000, maxWaitMs: 1000 },
    workerCommand: [
      'env',
      ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      process.execPath,
      '--import',
      GUARD,
      MAIN,
      'beam-worker',
    ],
    log: { info: note, warn: note, error: note },
    onLine(line) {
      for (const id of (JSON.parse(line) as WrittenReport).messageIds) durable.add(id)
    },
    onComplaint: (line) => void log.push(line),
    ...options,
  })
  running.ended.catch(() => console.error(log.join('\n'))) // what it died of
  return { ...running, durable, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() }
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
