import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type BundleReport, type PipelineOptions, startPipeline } from '../../pipeline/index.ts'
import type { Delivery } from '../../pipeline/sources/delivery.ts'
import { pubSubSource } from '../../pipeline/sources/pubsub.ts'
import { events } from '../../src/catalogue/index.ts'
import {
  batchingTopic,
  type GeneratedMessage,
  generateMessages,
  malformed,
  publishTo,
  SeededSource,
} from '../../src/generator/index.ts'
import { isReconciled } from '../../src/outputs/index.ts'
import { ensureDataset } from '../../src/resources.ts'
import { applyTables } from '../../src/tables/index.ts'
import { type Backend, type BackendOptions, reconciled, startBackend } from '../harness.ts'

/** Emulators, and what the pipelines that run against them report. */
interface Stack extends Backend {
  readonly reports: BundleReport[]
  readonly logged: unknown[]
  start(options?: Partial<PipelineOptions>): ReturnType<typeof startPipeline>
  publish(messages: Iterable<GeneratedMessage>): Promise<void>
  /** Resolves once so many different events are settled. */
  settled(count: number): Promise<void>
  settledIds(): Set<string>
}

async function startStack(options?: BackendOptions): Promise<Stack> {
  const backend = await startBackend(options)
  const { clients, settings } = backend
  const reports: BundleReport[] = []
  const logged: unknown[] = []
  let changed = Promise.withResolvers<void>()
  const log = (fields: object) => void logged.push(fields)
  const stack: Stack = {
    ...backend,
    reports,
    logged,
    start: (more) =>
      startPipeline({
        clients,
        settings,
        bundle: { maxMessages: 100, maxWaitMs: 20 },
        log: { info: log, warn: log, error: log },
        onBundle(report) {
          reports.push(report)
          changed.resolve()
          changed = Promise.withResolvers()
        },
        ...more,
      }),
    async publish(published) {
      const publish = publishTo(batchingTopic(clients.pubsub, settings.resources.topic))
      await Promise.all(Array.from(published, publish))
    },
    settledIds: () => new Set(reports.flatMap(({ settled }) => settled)),
    async settled(count) {
      while (stack.settledIds().size < count) await changed.promise
    },
  }
  return stack
}

/** Longer than any lease of the pipeline's subscription. */
const LEASE_MS = 10 * 60_000

const MINUTES = { from: Date.parse('2024-01-15T23:58:00Z'), to: Date.parse('2024-01-16T00:03:00Z') }

const messages = (count: number, seed = 1) => [
  ...generateMessages({ seed, count, eventTimes: MINUTES, malformedRatio: 0.1, duplicateRatio: 0.15 }),
]

const idsOf = (published: readonly GeneratedMessage[]) => new Set(published.map(({ eventId }) => eventId))

const outcomeOf = (backend: Backend, published: readonly GeneratedMessage[]) =>
  reconciled(
    backend,
    published.map(({ eventId }) => ({ event_id: eventId })),
  )

function expectedOf(published: readonly GeneratedMessage[]) {
  const rows: Record<string, number> = {}
  const deadLetters: Record<string, number> = {}
  for (const { eventType, reason } of new Map(published.map((message) => [message.eventId, message])).values()) {
    const table = events.get(eventType)!.table
    if (reason === undefined) rows[table] = (rows[table] ?? 0) + 1
    else deadLetters[reason] = (deadLetters[reason] ?? 0) + 1
  }
  return { rows, deadLetters }
}

test('every event ends as one row and one raw line, every malformed message as a dead letter', async () => {
  await using stack = await startStack()
  const source = new SeededSource(7)
  const published = [...messages(600), ...Array.from(malformed.values(), (make) => make(source))]
  await stack.publish(published)
  await using _ = await stack.start()
  await stack.settled(idsOf(published).size)
  const result = await outcomeOf(stack, published)
  expect(result).toMatchObject({ ...expectedOf(published), missing: [], duplicated: [], unexpected: [] })
  expect(stack.logged).toEqual([])
})

test('before there is a bucket or a table nothing is lost, and once there is everything arrives', async () => {
  await using stack = await startStack({ tables: 'none' })
  const { clients, settings } = stack
  await clients.storage.bucket(settings.resources.bucket).delete()
  await clients.bigquery.dataset(settings.resources.dataset).delete()
  const published = messages(200)
  await stack.publish(published)
  await using _ = await stack.start()
  while (stack.logged.length < 3) await turn()
  expect(stack.settledIds().size).toBe(0)
  await clients.storage.createBucket(settings.resources.bucket)
  await ensureDataset(clients.bigquery, settings)
  await applyTables(clients, settings)
  await stack.settled(idsOf(published).size)
  const result = await outcomeOf(stack, published)
  expect(isReconciled(result)).toBe(true)
})

test('two pipelines share a subscription, and one that starts anew goes on where they stopped', async () => {
  await using stack = await startStack()
  await applyTables(stack.clients, stack.settings)
  const first = messages(300, 1)
  const second = messages(300, 2)
  await using one = await stack.start()
  await using two = await stack.start()
  await stack.publish(first)
  await one[Symbol.asyncDispose]()
  await stack.publish([...first.slice(-100), ...second])
  await two[Symbol.asyncDispose]()
  // What was on its way to a stream that closes is leased, as on Google Cloud, until its deadline passes.
  stack.clock.advance(LEASE_MS)
  await using _ = await stack.start()
  await stack.settled(idsOf([...first, ...second]).size)
  expect(await outcomeOf(stack, [...first, ...second])).toMatchObject({ missing: [], duplicated: [], unexpected: [] })
})

for (const [who, restarted] of [
  ['one that started since', true] as const,
  ['one that never stopped', false] as const,
]) {
  test(`a table made anew takes up the rows of files whose messages come again, from ${who}`, async () => {
    await using stack = await startStack()
    const { clients, settings } = stack
    const published = messages(50).filter(({ reason }) => reason === undefined)
    await using first = await stack.start()
    await stack.publish(published)
    await stack.settled(idsOf(published).size)
    if (restarted) await first[Symbol.asyncDispose]()
    await clients.bigquery.dataset(settings.resources.dataset).delete({ force: true })
    await ensureDataset(clients.bigquery, settings)
    await applyTables(clients, settings)
    stack.reports.length = 0
    await using again = restarted ? await stack.start() : first
    await stack.publish(published)
    await stack.settled(idsOf(published).size)
    await again[Symbol.asyncDispose]()
    expect(stack.reports.reduce((sum, { rawLines }) => sum + rawLines, 0)).toBe(0)
    const result = await outcomeOf(stack, published)
    expect(isReconciled(result)).toBe(true)
  })
}

test('tables made anew take up the events that share an id in two minutes of a day', async () => {
  await using stack = await startStack()
  const { clients, settings } = stack
  const order = { ...events.get('order')!.sample(new SeededSource(1)), event_type: 'order' }
  const arrived = async (count: number) => {
    const settled = () => stack.reports.flatMap(({ messageIds }) => messageIds)
    while (settled().length < count && stack.logged.length === 0) await turn()
    expect(stack.logged).toEqual([])
  }
  const publishAll = async () => {
    const topic = clients.pubsub.topic(settings.resources.topic)
    const publish = (eventId: string, minute: string) =>
      topic.publishMessage({
        json: { ...order, order_date: `2024-01-15T${minute}:00Z` },
        attributes: { event_id: eventId },
      })
    await publish('x', '10:30')
    await arrived(1)
    await Promise.all([publish('x', '10:31'), publish('y', '10:31')])
    await arrived(3)
  }
  await using first = await stack.start()
  await publishAll()
  await first[Symbol.asyncDispose]()
  await clients.bigquery.dataset(settings.resources.dataset).delete({ force: true })
  await ensureDataset(clients.bigquery, settings)
  await applyTables(clients, settings)
  stack.reports.length = 0
  await using _ = await stack.start()
  await publishAll()
  const query = `SELECT event_id AS id, FORMAT_TIMESTAMP('%R', event_time) AS minute
    FROM ${settings.resources.dataset}.orders ORDER BY minute, id`
  expect((await clients.bigquery.query(query))[0]).toEqual([
    { id: 'x', minute: '10:30' },
    { id: 'x', minute: '10:31' },
    { id: 'y', minute: '10:31' },
  ])
})

test('a message that the source gives back is delivered again without waiting for its lease to end', async () => {
  await using stack = await startStack()
  const { clients, settings } = stack
  const topic = clients.pubsub.topic(settings.resources.topic)
  await topic.createSubscription('without-backoff')
  const limits = { maxMessages: 10, maxBytes: 1024 * 1024, closeMs: 10_000 }
  const delivered: string[] = []
  const again = Promise.withResolvers<void>()
  const source = pubSubSource(
    clients.pubsub,
    'without-backoff',
    limits,
  )((delivery) => {
    delivered.push(delivery.message.id)
    if (delivered.length === 1) return delivery.nack()
    delivery.ack()
    again.resolve()
  })
  const id = await topic.publishMessage({ data: Buffer.from('x') })
  await again.promise
  await source.close()
  expect(delivered).toEqual([id, id])
})

test('a message is the source’s for a minute before its lease must be extended', async () => {
  await using stack = await startStack()
  const { clients, settings } = stack
  const topic = clients.pubsub.topic(settings.resources.topic)
  await topic.createSubscription('leased')
  const limits = { maxMessages: 10, maxBytes: 1024 * 1024, closeMs: 10_000 }
  const deliveries: Delivery[] = []
  const delivered = async (count: number) => {
    while (deliveries.length < count) await turn()
    return deliveries.map(({ message }) => message.id)
  }
  const source = pubSubSource(clients.pubsub, 'leased', limits)((delivery) => deliveries.push(delivery))
  const first = await topic.publishMessage({ data: Buffer.from('x') })
  await delivered(1)
  stack.clock.advance(59_000)
  const second = await topic.publishMessage({ data: Buffer.from('y') })
  expect(await delivered(2)).toEqual([first, second])
  for (const delivery of deliveries) delivery.ack()
  await source.close()
})

test('a pipeline without a subscription says so', async () => {
  await using stack = await startStack()
  const { clients, settings } = stack
  await clients.pubsub.subscription(settings.resources.pipelineSubscription).delete()
  await using pipeline = await stack.start()
  await expect(pipeline.stopped).rejects.toMatchObject({ code: 5 })
})
