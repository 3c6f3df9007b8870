import { expect, test } from 'vitest'
import { startPipeline } from '../../pipeline/index.ts'
import { startGenerator } from '../../src/generator/index.ts'
import { createLog } from '../../src/log.ts'
import { isReconciled } from '../../src/outputs/index.ts'
import { type Backend, reconciled, spawnSluice, startBackend } from '../harness.ts'

/** Hears every message of the topic, as any other subscriber would. */
async function listen({ clients, settings }: Backend) {
  const [subscription] = await clients.pubsub.topic(settings.resources.topic).createSubscription('listener')
  const heard = new Map<string, { event_id: string }>()
  let changed = Promise.withResolvers<void>()
  subscription.on('message', (message) => {
    heard.set(message.id, { event_id: message.attributes.event_id! })
    message.ack()
    changed.resolve()
    changed = Promise.withResolvers()
  })
  return {
    heard,
    async count(messages: number) {
      while (heard.size < messages) await changed.promise
    },
    [Symbol.asyncDispose]: () => subscription.close(),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: an answer, whose shape is what the test is about
type Json = any
const json = async (response: Response | Promise<Response>): Promise<Json> => (await response).json()

test('the demo: healthy, samples, a scenario that can be watched, every event of it accounted for, and stopped', async () => {
  await using backend = await startBackend()
  await using listener = await listen(backend)
  const settled = new Set<string>()
  let enough = { messages: 0, reached: () => {} }
  await using _pipeline = await startPipeline({
    ...backend,
    clock: undefined,
    bundle: { maxWaitMs: 50 },
    onBundle({ messageIds }) {
      for (const id of messageIds) settled.add(id)
      if (settled.size >= enough.messages) enough.reached()
    },
  })
  await using generator = await startGenerator({
    ...backend,
    clock: undefined,
    log: createLog('generator', { write() {} }),
  })
  const get = (path: string) => json(fetch(generator.url + path))
  const post = (path: string, body?: object) =>
    fetch(generator.url + path, {
      method: 'POST',
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })

  expect(await get('/health')).toMatchObject({ status: 'ok', topic: backend.settings.resources.topic })
  expect(await get('/sample/inventory')).toMatchObject({ event_type: 'inventory' })
  const single = await json(post('/generate/single/order'))
  expect(single).toMatchObject({ event: { event_type: 'order' }, message_id: expect.stringMatching(/^\d+$/) })

  const started = await post('/scenarios/light_demo/start', { seed: 7, time_scale: 300 })
  expect(started.status).toBe(202)
  const watch = async () => get(started.headers.get('location')!)
  const percents: number[] = []
  let task = await watch()
  while (task.state !== 'completed') {
    percents.push(task.percent)
    task = await watch()
  }
  expect(percents).toEqual(percents.toSorted((a, b) => a - b))
  expect(percents.some((percent) => percent > 0 && percent < 100)).toBe(true)
  expect(task).toMatchObject({ published: 150, failed: 0, percent: 100, last_error: null })

  const dirty = await json(post('/scenarios/dirty_data/start', { time_scale: 300, ordering_key: 'customer' }))
  const batch = { events_per_minute: 60, duration_minutes: 5, event_types: ['order'], environment: 'dev' }
  expect(await json(post('/generate/batch', batch))).toMatchObject({ state: 'completed', by_type: { order: 300 } })
  while ((await get(`/generate/status/${dirty.task_id}`)).state !== 'completed');
  const all = 1 + 150 + 200 + 300
  await listener.count(all)
  expect(listener.heard.get(single.message_id)).toEqual({ event_id: single.event_id })
  await new Promise<void>((resolve) => {
    enough = { messages: all, reached: resolve }
    if (settled.size >= all) resolve()
  })
  const result = await reconciled(backend, [...listener.heard.values()])
  expect(result).toMatchObject({ messages: all, published: all - 10, missing: [], duplicated: [], unexpected: [] })
  expect(Object.values(result.deadLetters).reduce((sum, n) => sum + n)).toBe(20)
  expect(isReconciled(result)).toBe(true)

  const endless = await json(post('/generate/start', { events_per_minute: 6_000, duration_minutes: 60 }))
  const stopped = await json(fetch(`${generator.url}/generate/stop`, { method: 'DELETE' }))
  expect(stopped.tasks).toMatchObject([{ task_id: endless.task_id, state: 'stopped' }])
  expect(await get('/health')).toMatchObject({ running_tasks: 0 })
}, 30_000)

test('a service that is told to end publishes what it has begun, ends well within ten seconds, and lost nothing', async () => {
  await using backend = await startBackend()
  await using listener = await listen(backend)
  await using service = spawnSluice(['generator', '--port', '0'], backend.environment)
  const lines = service.lines[Symbol.asyncIterator]()
  const [url] = /http:\S+(?=,)/.exec((await lines.next()).value) ?? []
  const load = { events_per_minute: 60_000, duration_minutes: 60, malformed_ratio: 0.01 }
  const headers = { 'content-type': 'application/json' }
  const post = (path: string) => fetch(url + path, { method: 'POST', body: JSON.stringify(load), headers })
  expect((await post('/generate/start')).status).toBe(202)
  const batch = post('/generate/batch')
  await listener.count(2_000)
  const asked = performance.now()
  service.kill('SIGTERM')
  const answered = await json(batch)
  expect(await service.ended).toBe(0)
  expect(performance.now() - asked).toBeLessThan(10_000)
  const ends = (await service.complaints).split('\n').flatMap((line) => (line ? [JSON.parse(line)] : []))
  expect(ends.map(({ state }) => state)).toEqual(['stopped', 'stopped'])
  const counted = ends.reduce((sum, { published }) => sum + published, 0)
  expect(ends.find(({ kind }) => kind === 'batch').published).toBe(answered.published)
  await listener.count(counted)
  expect(listener.heard.size).toBe(counted)
}, 30_000)
