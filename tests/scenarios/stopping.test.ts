import { expect, test } from 'vitest'
import type { Fault } from '../../emulators/index.ts'
import { batchingTopic, generateMessages, publishTo } from '../../src/generator/index.ts'
import { isReconciled } from '../../src/outputs/index.ts'
import { type Backend, reconciled, spawnSluice, startBackend } from '../harness.ts'

const START = Date.parse('2024-01-15T10:30:00Z')
/** Longer than the pipeline's subscription lets a dead process keep its messages. */
const LEASE_MS = 10 * 60_000
const EVENTS = 300

const ARGUMENTS = ['pipeline', '--bundle-messages', '50']

async function publish({ clients, settings }: Backend): Promise<{ event_id: string; message_id: string }[]> {
  const publishOne = publishTo(batchingTopic(clients.pubsub, settings.resources.topic))
  const messages = [...generateMessages({ seed: 3, count: EVENTS, eventTimes: { from: START - 60_000, to: START } })]
  return Promise.all(
    messages.map(async (message) => ({ event_id: message.eventId, message_id: await publishOne(message) })),
  )
}

/** Runs a pipeline until all these messages are durable. */
async function runToTheEnd(backend: Backend, outstanding: Set<string>): Promise<void> {
  await using pipeline = spawnSluice(ARGUMENTS, backend.environment)
  for await (const line of pipeline.lines) {
    for (const id of JSON.parse(line).messageIds) outstanding.delete(id)
    if (outstanding.size === 0) pipeline.kill('SIGTERM')
  }
  expect(await pipeline.ended).toBe(0)
}

test.each([
  ['Cloud Storage', /\/storage\/v1\//],
  ['BigQuery', /^google\.cloud\.bigquery\./],
])(
  'on SIGTERM a pipeline ends well within 10 s though %s never answers, and another does its work',
  async (_name, calls) => {
    const asked = Promise.withResolvers<void>()
    const restored = Promise.withResolvers<void>()
    let isHanging = false
    const faults = (call: string): Fault | undefined => {
      if (!isHanging || !calls.test(call)) return undefined
      asked.resolve()
      return { until: restored.promise }
    }
    await using backend = await startBackend({ start: START, faults })
    const published = await publish(backend)
    isHanging = true
    await using pipeline = spawnSluice(ARGUMENTS, backend.environment)
    await asked.promise
    const began = performance.now()
    pipeline.kill('SIGTERM')
    expect(await pipeline.ended).toBe(0)
    expect(performance.now() - began).toBeLessThan(10_000)
    expect(await pipeline.complaints).toContain('they will be delivered again')

    isHanging = false
    restored.resolve()
    backend.clock.advance(LEASE_MS)
    await runToTheEnd(backend, new Set(published.map(({ message_id }) => message_id)))
    expect(isReconciled(await reconciled(backend, published))).toBe(true)
  },
  60_000,
)
