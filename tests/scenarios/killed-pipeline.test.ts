import { expect, test } from 'vitest'
import { systemClock } from '../../clock/index.ts'
import { batchingTopic, generateMessages, publishTo, runScenario } from '../../src/generator/index.ts'
import { isReconciled } from '../../src/outputs/index.ts'
import { type Backend, reconciled, spawnSluice, startBackend } from '../harness.ts'

const EVENTS = 5_000
const START = Date.parse('2024-01-15T10:30:00Z')
/** Longer than the pipeline's subscription lets a dead process keep its messages. */
const LEASE_MS = 10 * 60_000

/** What was published; `reason` where it must become a dead letter. */
async function publish({ clients, settings }: Backend): Promise<{ event_id: string; message_id: string }[]> {
  const published: { event_id: string; message_id: string }[] = []
  await runScenario({
    messages: generateMessages({
      seed: 20240115,
      count: EVENTS,
      eventTimes: { from: START - 300_000, to: START },
      malformedRatio: 0.005,
      duplicateRatio: 0.01,
    }),
    publish: publishTo(batchingTopic(clients.pubsub, settings.resources.topic)),
    clock: systemClock,
    eventsPerMinute: Number.POSITIVE_INFINITY,
    onPublished: ({ eventId: event_id }, message_id) => published.push({ event_id, message_id }),
  })
  return published
}

/** Runs a pipeline process until it has reported so many bundles, and kills it; returns what it reported as durable. */
async function runAndKill(backend: Backend, afterBundles: number): Promise<string[]> {
  await using pipeline = spawnSluice(['pipeline', '--bundle-messages', '250'], backend.environment)
  const durable: string[] = []
  let bundles = 0
  for await (const line of pipeline.lines) {
    durable.push(...JSON.parse(line).messageIds)
    // Another bundle is on its way at this instant, and this one is being acknowledged.
    if (++bundles === afterBundles) pipeline.kill('SIGKILL')
  }
  expect(await pipeline.ended).toBe('SIGKILL')
  return durable
}

/** Runs a pipeline process until every message is durable; ends it as an operator would. */
async function runToTheEnd(backend: Backend, outstanding: Set<string>): Promise<void> {
  await using pipeline = spawnSluice(['pipeline', '--bundle-messages', '250'], backend.environment)
  for await (const line of pipeline.lines) {
    for (const id of JSON.parse(line).messageIds) outstanding.delete(id)
    if (outstanding.size === 0) pipeline.kill('SIGTERM')
  }
  expect(await pipeline.ended).toBe(0)
}

test('a pipeline that is killed again and again in the middle of its work loses nothing and repeats nothing', async () => {
  await using backend = await startBackend({ start: START })
  const published = await publish(backend)
  expect(published).toHaveLength(EVENTS)

  const outstanding = new Set(published.map(({ message_id }) => message_id))
  for (const bundles of [1, 3, 2]) {
    for (const id of await runAndKill(backend, bundles)) outstanding.delete(id)
    backend.clock.advance(LEASE_MS)
  }
  expect(outstanding.size).toBeGreaterThan(EVENTS / 2)
  await runToTheEnd(backend, outstanding)

  const result = await reconciled(backend, published)
  expect(result.missing).toEqual([])
  expect(result.duplicated).toEqual([])
  expect(isReconciled(result)).toBe(true)
}, 60_000)
