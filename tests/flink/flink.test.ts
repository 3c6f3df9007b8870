import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { messageToText } from '../../pipeline/beam/coders.ts'
import { messageFile } from '../../pipeline/sources/message-file.ts'
import type { Message } from '../../pipeline/transforms/message.ts'
import { generateMessages } from '../../src/generator/index.ts'
import { isReconciled } from '../../src/outputs/index.ts'
import { type Backend, reconciled, startBackend } from '../harness.ts'
import { type FlinkUnderTest, type Published, publishAll, startFlink, startFlinkOn, waiting } from './flink.ts'

const START = Date.parse('2024-01-15T10:30:00Z')
/** Longer than the pipeline's subscription lets anybody keep a message. */
const LEASE_MS = 10 * 60_000
/** How long nothing may become durable before what is left counts as stuck. */
const PATIENCE_MS = 60_000

/** Repeated, malformed and late ones among them. */
function* mixed(count: number, seed: number) {
  const late = Math.round(count / 50)
  const some = { seed, malformedRatio: 0.02, duplicateRatio: 0.05 }
  const day = 86_400_000
  yield* generateMessages({ ...some, count: count - late, eventTimes: { from: START - 300_000, to: START } })
  yield* generateMessages({
    ...some,
    seed: seed + 1,
    count: late,
    eventTimes: { from: START - 2 * day, to: START - day },
  })
}

/** Waits until all is durable. What a dead worker still held comes back when its leases expire. */
async function settle({ clock }: Backend, { durable, ended }: FlinkUnderTest, published: readonly Published[]) {
  let [seen, quietSince] = [-1, performance.now()]
  while (published.some(({ message_id }) => !durable.has(message_id))) {
    await Promise.race([pause(2_000), ended])
    if (durable.size === seen) clock.advance(LEASE_MS)
    else [seen, quietSince] = [durable.size, performance.now()]
    if (performance.now() - quietSince > PATIENCE_MS) return // reconcile will name what is left
  }
}

async function expectReconciled(backend: Backend, published: readonly Published[]) {
  const result = await reconciled(backend, published)
  expect(result.missing).toEqual([])
  expect(result.duplicated).toEqual([])
  expect(isReconciled(result)).toBe(true)
}

async function fileOf(messages: readonly Message[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-flink-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'messages.ndjson')
  await writeFile(path, messages.map((message) => `${messageToText(message)}\n`).join(''))
  return path
}

/** As Pub/Sub would have delivered them. */
const delivered = (messages: Iterable<{ data: Buffer; attributes: Readonly<Record<string, string>> }>): Message[] =>
  Array.from(messages, ({ data, attributes }, i) => ({
    id: `m${i}`,
    data,
    attributes,
    publishTime: new Date(START).toISOString(),
  }))

const publishedOf = (messages: readonly Message[]): Published[] =>
  messages.map(({ id, attributes }) => ({ event_id: attributes.event_id ?? id, message_id: id }))

test('a file of messages becomes files and rows, each event once, and the job is done', async () => {
  await using backend = await startBackend({ start: START })
  const messages = delivered(mixed(500, 1))
  await using flink = await startFlinkOn(backend, { source: messageFile(await fileOf(messages)) })
  expect(await flink.ended).toBe('DONE')
  await expectReconciled(backend, publishedOf(messages))
})

test('bundles of many megabytes, and a message of eight, lose no element on their way through asynchronous stages', async () => {
  await using backend = await startBackend({ start: START })
  const padded = Array.from(
    generateMessages({ seed: 2, count: 6_000, eventTimes: { from: START - 60_000, to: START } }),
  )
  const messages = delivered(
    padded.map(({ data, attributes }, i) => ({
      data,
      attributes: { ...attributes, padding: 'x'.repeat(i === 3_000 ? 8_000_000 : 3_000) },
    })),
  )
  await using flink = await startFlinkOn(backend, {
    source: messageFile(await fileOf(messages)),
    bundle: { maxMessages: 100_000, maxWaitMs: 60_000 },
  })
  expect(await flink.ended).toBe('DONE')
  await expectReconciled(backend, publishedOf(messages))
})

test('20,000 messages of a subscription, and 5,000 more while a worker is killed, become one row and one raw line each', async () => {
  await using backend = await startBackend({ start: START })
  await using flink = await startFlinkOn(backend, { parallelism: 2 })
  const published = await publishAll(backend, mixed(20_000, 3))
  await settle(backend, flink, published)
  await expectReconciled(backend, published)

  const more = await publishAll(backend, mixed(5_000, 5))
  const before = flink.durable.size
  while (flink.durable.size < before + 1_000) await Promise.race([pause(20), flink.ended])
  expect(flink.workers()).toHaveLength(2)
  process.kill(flink.workers()[0]!, 'SIGKILL')
  await settle(backend, flink, [...published, ...more])
  await expectReconciled(backend, [...published, ...more])
})

test('a pipeline that has ended takes no more messages, though its Flink runs on', async () => {
  await using backend = await startBackend({ start: START })
  await using flink = await startFlink()
  const job = await flink.run(backend)
  await settle(backend, job, await publishAll(backend, mixed(50, 7)))
  await job[Symbol.asyncDispose]()
  expect(job.durable.size).toBeGreaterThan(40)
  backend.clock.advance(LEASE_MS) // What it had not acknowledged yet is free.

  await publishAll(backend, generateMessages({ seed: 8, count: 1, eventTimes: { from: START - 60_000, to: START } }))
  await pause(3_000) // Its readers asked far more often.
  expect((await waiting(backend)).receivedMessages?.length).toBeGreaterThan(0)
})
