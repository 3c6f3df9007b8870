import { expect, test } from 'vitest'
import { startPipeline } from '../../pipeline/index.ts'
import { type Event, events } from '../../src/catalogue/index.ts'
import { SeededSource } from '../../src/generator/index.ts'
import { isReconciled } from '../../src/outputs/index.ts'
import { reconciled, startBackend } from '../harness.ts'

const EACH = 100

test('while the appends to one table hang, the events of the others arrive, and then its own', async () => {
  const restored = Promise.withResolvers<void>()
  let hanging = 0
  await using backend = await startBackend({
    faults(call, routing) {
      if (!call.endsWith('.AppendRows') || !routing.includes('/tables/orders/')) return undefined
      hanging++
      return { until: restored.promise }
    },
  })
  const { clients, settings, clock } = backend
  const topic = clients.pubsub.topic(settings.resources.topic)
  const source = new SeededSource(1)
  const publish = async (type: string) => {
    const json: Event = { ...events.get(type)!.sample(source), event_type: type }
    return topic.publishMessage({ json })
  }
  const orders = await Promise.all(Array.from({ length: EACH }, () => publish('order')))
  const others = await Promise.all(Array.from({ length: EACH }, () => publish('user_activity')))

  const durable = new Set<string>()
  let changed = Promise.withResolvers<void>()
  await using pipeline = await startPipeline({
    clients,
    settings,
    bundle: { maxMessages: 20, maxWaitMs: 50 },
    onBundle({ messageIds }) {
      for (const id of messageIds) durable.add(id)
      changed.resolve()
      changed = Promise.withResolvers()
    },
  })
  const arrived = async (ids: readonly string[]) => {
    while (!ids.every((id) => durable.has(id))) await changed.promise
  }
  await arrived(others)
  expect(orders.filter((id) => durable.has(id))).toEqual([])
  expect(hanging).toBeGreaterThan(0)
  restored.resolve()
  const clockMoves = setInterval(() => clock.advance(10_000), 500) // what was given back comes again after a while
  await arrived(orders).finally(() => clearInterval(clockMoves))
  await pipeline[Symbol.asyncDispose]()
  const published = [...orders, ...others].map((id) => ({ event_id: id, message_id: id }))
  expect(isReconciled(await reconciled(backend, published))).toBe(true)
}, 60_000)
