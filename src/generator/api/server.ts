import { randomInt } from 'node:crypto'
import { type Clock, systemClock } from '../../../clock/index.ts'
import type { Clients } from '../../clients.ts'
import { createLog, type Logger } from '../../log.ts'
import type { Settings } from '../../settings.ts'
import { batchingTopic, publishInOrderTo, publishTo } from '../publisher.ts'
import { SeededSource } from '../sample-source.ts'
import { Tasks } from '../tasks.ts'
import { createApp } from './app.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { LARGEST_SEED } from './shapes.ts'

export interface GeneratorOptions {
  readonly clients: Pick<Clients, 'pubsub'>
  readonly settings: Settings
  /** 127.0.0.1 unless told otherwise. */
  readonly host?: string
  /** 0, the default, takes a free one. */
  readonly port?: number
  readonly clock?: Clock
  readonly log?: Logger
}

export interface GeneratorServer extends AsyncDisposable {
  readonly url: string
}

/** Together less than the ten seconds that whoever ends a container gives it. */
const STOP_PATIENCE_MS = 7_000
const CLOSE_PATIENCE_MS = 1_000
/** Whoever publishes one event waits for it. */
const ONE_EVENT_TIMEOUT_MS = 10_000
const HEALTH_TIMEOUT_MS = 2_000

/** Serves until it is disposed of, which stops all tasks and waits for the answers to what they have published. */
export async function startGenerator(options: GeneratorOptions): Promise<GeneratorServer> {
  const { clients, settings, host = '127.0.0.1', port = 0, clock = systemClock, log = createLog('generator') } = options
  const { pubsub } = clients
  const name = settings.resources.topic
  const topic = batchingTopic(pubsub, name)
  const impatient = pubsub.topic(name, {
    batching: { maxMessages: 1 },
    gaxOpts: { timeout: ONE_EVENT_TIMEOUT_MS, retry: null },
  })
  const newSeed = () => randomInt(LARGEST_SEED)
  const metrics: Metrics = createMetrics(() => tasks.running.length)
  let started = 0
  const service = newSeed().toString(36)
  const tasks = new Tasks({
    clock,
    publish: metrics.counted(publishTo(topic)),
    publishInOrder: metrics.counted(publishInOrderTo(topic)),
    newId: () => `task-${service}-${++started}`,
    onEnd: ({ id, state, plan, progress }) =>
      log.info({ task_id: id, ...plan, state, ...progress }, `${plan.scenario ?? plan.kind} ${state}`),
  })
  const app = await createApp(
    {
      settings,
      clock,
      tasks,
      metrics,
      newSeed,
      source: new SeededSource(newSeed()),
      publishNow: metrics.counted(publishTo(impatient)),
      findTopic: async () => void (await pubsub.topic(name).getMetadata({ timeout: HEALTH_TIMEOUT_MS, retry: null })),
    },
    log,
  )
  const url = await app.listen({ host, port })
  return {
    url,
    async [Symbol.asyncDispose]() {
      // New requests are refused from here on.
      const closed = app.close()
      const running = tasks.running
      for (const task of running) task.stop()
      await tasks.ended(running, STOP_PATIENCE_MS)
      const late = running.filter(({ isFinished }) => !isFinished)
      if (late.length > 0) log.error({ task_ids: late.map(({ id }) => id) }, 'no answer to what these had published')
      const timer = setTimeout(() => app.server.closeAllConnections(), CLOSE_PATIENCE_MS)
      await closed.finally(() => clearTimeout(timer))
    },
  }
}
