import { setImmediate as turn } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { manualClock } from '../../../clock/index.ts'
import { events, validate } from '../../catalogue/index.ts'
import { parseSettings } from '../../settings.ts'
import type { GeneratedMessage } from '../message.ts'
import { SeededSource } from '../sample-source.ts'
import { Tasks } from '../tasks.ts'
import { createApp } from './app.ts'
import { createMetrics } from './metrics.ts'

/** A service with a topic of the test's own, served over HTTP. */
async function serve(publish: (message: GeneratedMessage) => Promise<string> = async () => '17') {
  const clock = manualClock()
  let ids = 0
  const published: GeneratedMessage[] = []
  const counted = createMetrics(() => tasks.running.length)
  const send = counted.counted((message) => {
    published.push(message)
    return publish(message)
  })
  const tasks = new Tasks({ clock, publish: send, publishInOrder: send, newId: () => `task-${++ids}` })
  const app = await createApp(
    {
      settings: parseSettings({}),
      clock,
      tasks,
      metrics: counted,
      newSeed: () => 11,
      source: new SeededSource(1),
      publishNow: send,
      findTopic: async () => void (await publish({} as GeneratedMessage)),
    },
    pino({ level: 'silent' }),
  )
  const url = await app.listen({ port: 0 })
  return {
    url,
    clock,
    published,
    async call(method: string, path: string, body?: unknown) {
      const response = await fetch(url + path, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
      const type = response.headers.get('content-type')?.split(';')[0] ?? ''
      const text = await response.text()
      const answered = type.endsWith('json') ? JSON.parse(text) : text
      documented(method, path, { status: response.status, type, body: answered })
      return { status: response.status, type, body: answered, headers: response.headers }
    },
    [Symbol.asyncDispose]: async () => {
      for (const task of tasks.running) task.stop()
      await app.close()
    },
  }
}
type Service = Awaited<ReturnType<typeof serve>>

// biome-ignore lint/suspicious/noExplicitAny: a JSON document, whose shape the tests below are about
type Json = any
let document: Json
const seen = new Set<string>()

beforeAll(async () => {
  await using service = await serve()
  document = await (await fetch(`${service.url}/openapi.json`)).json()
})

/** Every reference replaced by what it refers to. */
const inlined = (schema: Json): Json => {
  if (Array.isArray(schema)) return schema.map(inlined)
  if (typeof schema !== 'object' || schema === null) return schema
  if (schema.$ref) return inlined(document.components.schemas[schema.$ref.split('/').at(-1)])
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, inlined(value)]))
}

/** Holds an answer against the document: the route, the status, the media type and the schema. */
function documented(method: string, path: string, answer: { status: number; type: string; body: unknown }): void {
  const [bare = ''] = path.split('?')
  const route = Object.keys(document.paths)
    .filter((template) => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(bare))
    .sort((a, b) => a.length - b.length)[0]
  if (route === undefined) {
    expect(answer.status).toBe(404)
    return
  }
  const name = `${method} ${route} ${answer.status}`
  const media = document.paths[route][method.toLowerCase()]?.responses[answer.status]?.content[answer.type]
  expect(media, `${name} ${answer.type}`).toBeDefined()
  const parsed = z.fromJSONSchema(inlined(media.schema)).safeParse(answer.body)
  expect(parsed.error, name).toBeUndefined()
  seen.add(name)
}

const LOAD = { events_per_minute: 60, duration_minutes: 5 }
const GUIDE = { ...LOAD, event_types: ['order', 'inventory', 'user_activity'], environment: 'dev' }

async function until(service: Service, id: string, state: string) {
  for (;;) {
    const { body } = await service.call('GET', `/generate/status/${id}`)
    if (body.state === state) return body
    service.clock.advance(1_000)
    await turn()
  }
}

test.each([...events.keys()])(
  'a sample of %s is a valid event, not published, the same for the same seed',
  async (type) => {
    await using service = await serve()
    const { body } = await service.call('GET', `/sample/${type}`)
    expect(validate(events.get(type)!, body)).toMatchObject({ ok: true, unknownFields: [] })
    expect((await service.call('GET', `/sample/${type}`)).body).not.toEqual(body)
    const seeded = (seed: number) => service.call('GET', `/sample/${type}?seed=${seed}`).then((answer) => answer.body)
    expect(await seeded(5)).toEqual(await seeded(5))
    expect(await seeded(5)).not.toEqual(await seeded(6))
    expect(service.published).toEqual([])
  },
)

test('one event is published, and told with its ids', async () => {
  await using service = await serve()
  const { status, body } = await service.call('POST', '/generate/single/order')
  const [message] = service.published
  expect(status).toBe(200)
  expect(body).toEqual({ event_id: message!.eventId, message_id: '17', event: JSON.parse(message!.data.toString()) })
  const headed = await fetch(`${service.url}/generate/single/order`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  })
  expect(headed.status).toBe(200)
})

test('a scenario starts without a body, says where to watch it, and runs to its end', async () => {
  await using service = await serve()
  const { body: listed } = await service.call('GET', '/scenarios')
  expect(listed.scenarios).toHaveLength(10)
  const { status, body, headers } = await service.call('POST', '/scenarios/quick_sample/start')
  expect(status).toBe(202)
  expect(headers.get('location')).toBe(`/generate/status/${body.task_id}`)
  expect(body).toMatchObject({ kind: 'scenario', scenario: 'quick_sample', requested: 12, seed: 11 })
  expect(await until(service, body.task_id, 'completed')).toMatchObject({ published: 12, percent: 100, failed: 0 })
})

test('a seed and a time scale are taken from the body', async () => {
  await using service = await serve()
  const options = { seed: 3, time_scale: 60, ordering_key: 'customer', environment: 'dev' }
  const { body } = await service.call('POST', '/scenarios/quick_sample/start', options)
  expect(Date.parse(body.ends_at) - Date.parse(body.started_at)).toBe(1_000)
  expect(body.seed).toBe(3)
})

test('a paced load runs at its rate, is listed, and can be stopped', async () => {
  await using service = await serve()
  const { status, body } = await service.call('POST', '/generate/start', { ...GUIDE, seed: 2 })
  expect([status, body.kind, body.requested]).toEqual([202, 'start', 300])
  for (let i = 0; i < 12; i++) {
    await turn()
    service.clock.advance(1_000)
  }
  expect((await service.call('GET', '/generate/status')).body.tasks).toMatchObject([{ task_id: body.task_id }])
  const stopped = await service.call('DELETE', `/generate/status/${body.task_id}`)
  expect(stopped.body.state).toBe('stopped')
  expect(stopped.body.published).toBeGreaterThan(8)
  expect(stopped.body.published).toBeLessThan(14)
  expect((await service.call('DELETE', `/generate/status/${body.task_id}`)).body).toEqual(stopped.body)
})

test('a batch answers when everything is published, exactly as mixed as asked for', async () => {
  await using service = await serve()
  const mixed = { ...GUIDE, malformed_ratio: 0.1, duplicate_ratio: 0.05, time_scale: 60 }
  const { status, body } = await service.call('POST', '/generate/batch', mixed)
  expect(status).toBe(200)
  expect(body).toMatchObject({ state: 'completed', published: 300, malformed: 30, repeated: 15, percent: 100 })
  expect(service.published).toHaveLength(300)
})

test('a batch that takes longer than ten seconds goes on, and its caller is told where to watch it', async () => {
  const answers: ((id: string) => void)[] = []
  await using service = await serve(() => new Promise((resolve) => answers.push(resolve)))
  const waiting = service.call('POST', '/generate/batch', { ...LOAD, duration_minutes: 0.05 })
  while (answers.length < 3) await turn()
  service.clock.advance(10_000)
  const { status, body } = await waiting
  expect([status, body.state]).toEqual([202, 'running'])
  const stopping = service.call('DELETE', '/generate/stop')
  const stoppingOne = service.call('DELETE', `/generate/status/${body.task_id}`)
  await until(service, body.task_id, 'running')
  while (!(await settled(stopping)) || !(await settled(stoppingOne))) service.clock.advance(5_000)
  expect([(await stopping).status, (await stoppingOne).status]).toEqual([202, 202])
  for (const answer of answers) answer('1')
  expect(await until(service, body.task_id, 'completed')).toMatchObject({ published: 3 })
})

const settled = async (promise: Promise<unknown>) => {
  await turn()
  return Promise.race([promise.then(() => true), turn(false)])
}

test('a topic that refuses is a bad gateway, and health says so before', async () => {
  await using service = await serve(async () => {
    throw new Error('5 NOT_FOUND: no such topic')
  })
  const detail = expect.stringContaining('no such topic')
  expect(await service.call('GET', '/health')).toMatchObject({ status: 503, body: { detail } })
  expect(await service.call('POST', '/generate/single/order')).toMatchObject({ status: 502, body: { detail } })
  const { status, body } = await service.call('POST', '/generate/batch', GUIDE)
  expect([status, body.detail]).toEqual([502, '0 of 300 messages were published: 5 NOT_FOUND: no such topic'])
  const { body: task } = await service.call('GET', `/generate/status/${body.task_id}`)
  expect(task).toMatchObject({ state: 'failed', last_error: '5 NOT_FOUND: no such topic', published: 0 })
})

test('twenty tasks run, the twenty-first is refused, and all can be stopped at once', async () => {
  await using service = await serve()
  const start = () => service.call('POST', '/generate/start', GUIDE)
  for (let i = 0; i < 20; i++) expect((await start()).status).toBe(202)
  const refused = await start()
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5'])
  expect((await service.call('POST', '/generate/batch', GUIDE)).status).toBe(429)
  expect((await service.call('POST', '/scenarios/light_demo/start')).status).toBe(429)
  const { status, body } = await service.call('DELETE', '/generate/stop')
  expect(status).toBe(200)
  expect(body.tasks.map(({ state }: Json) => state)).toEqual(Array(20).fill('stopped'))
  expect((await service.call('GET', '/health')).body.running_tasks).toBe(0)
})

test.each([
  ['GET', '/sample/refund', 'known are inventory, order, user_activity'],
  ['POST', '/generate/single/refund', 'known are inventory, order, user_activity'],
  ['POST', '/scenarios/black_friday/start', 'known are quick_sample'],
  ['GET', '/generate/status/task-99', 'no task task-99'],
  ['DELETE', '/generate/status/task-99', 'no task task-99'],
  ['GET', '/nowhere', 'no GET /nowhere'],
])('%s %s names something that is not there', async (method, path, detail) => {
  await using service = await serve()
  const { status, type, body } = await service.call(method, path)
  expect([status, type]).toEqual([404, 'application/problem+json'])
  expect(body).toMatchObject({ type: 'about:blank', title: 'Not Found', status: 404 })
  expect(body.detail).toContain(detail)
})

test.each([
  [
    '/generate/start',
    { events_per_minute: -1, event_types: ['order', 'refund'], environment: 'prod', colour: 1 },
    ['events_per_minute', 'duration_minutes', 'event_types[1]', 'environment', 'colour'],
  ],
  ['/generate/start', undefined, ['events_per_minute', 'duration_minutes']],
  ['/generate/batch', { ...LOAD, malformed_ratio: 0.6, duplicate_ratio: 0.5 }, ['duplicate_ratio']],
  ['/generate/batch', { ...LOAD, event_types: ['order', 'order'] }, ['event_types']],
  ['/generate/start', { ...LOAD, events_per_minute: 600_000, time_scale: 2 }, ['time_scale']],
  ['/generate/batch', { events_per_minute: 600_000, duration_minutes: 60 }, ['duration_minutes']],
  [
    '/scenarios/light_demo/start',
    { seed: 1.5, time_scale: 0, ordering_key: 'product', events: 3 },
    ['seed', 'time_scale', 'ordering_key', 'events'],
  ],
  ['/generate/single/order', { seed: 1 }, ['seed']],
])('POST %s with %o is refused, with the path of every violation', async (path, body, paths) => {
  await using service = await serve()
  const answer = await service.call('POST', path, body)
  expect([answer.status, answer.type]).toEqual([422, 'application/problem+json'])
  expect(answer.body.errors.map((error: Json) => error.path)).toEqual(paths)
  expect(service.published).toEqual([])
})

test('a seed that is none is refused in the query', async () => {
  await using service = await serve()
  const { status, body } = await service.call('GET', '/sample/order?seed=x')
  expect([status, body.errors[0].path]).toEqual([422, 'seed'])
})

test('what is no JSON is refused as such', async () => {
  await using service = await serve()
  const post = (body: string, type: string) =>
    fetch(`${service.url}/generate/start`, { method: 'POST', body, headers: { 'content-type': type } })
  const form = await post('{}', 'application/x-www-form-urlencoded')
  expect([form.status, await form.json()]).toMatchObject([415, { detail: expect.stringContaining('application/json') }])
  const broken = await post('{', 'application/json')
  expect([broken.status, broken.headers.get('content-type')]).toMatchObject([400, /^application\/problem\+json/])
})

test('the metrics count what was published and what was refused, by type', async () => {
  await using service = await serve(async ({ eventType }) => {
    if (eventType === 'order') throw new Error('quota')
    return '1'
  })
  for (const type of ['order', 'inventory', 'inventory']) await service.call('POST', `/generate/single/${type}`)
  const { body } = await service.call('GET', '/metrics')
  expect(body).toContain('sluice_generator_published_total{event_type="inventory"} 2')
  expect(body).toContain('sluice_generator_failed_total{event_type="order"} 1')
  expect(body).toContain('sluice_generator_running_tasks 0')
})

test('the pages of the document come from the service itself', async () => {
  await using service = await serve()
  const page = await fetch(`${service.url}/docs`)
  const html = await page.text()
  const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!)
  expect(links.length).toBeGreaterThan(4)
  for (const link of links) {
    expect(link).toMatch(/^\/docs\//)
    const file = await fetch(service.url + link)
    expect([file.status, (await file.text()).length > 0]).toEqual([200, true])
  }
  expect(page.headers.get('content-security-policy')).not.toMatch(/https?:/)
  const script = await (await fetch(`${service.url}/docs/static/swagger-initializer.js`)).text()
  expect(script).toContain('"validatorUrl":null')
})

test('the document names every route, what it is for, its parameters and its answers', async () => {
  await using service = await serve()
  await service.call('GET', '/openapi.json')
  expect(document.openapi).toBe('3.1.0')
  const operations: Json[] = Object.entries<Json>(document.paths).flatMap(([path, item]) =>
    Object.entries<Json>(item).map(([method, operation]) => ({ path, method, ...operation })),
  )
  expect(operations.map(({ path, method }) => `${method} ${path}`).sort()).toEqual([
    'delete /generate/status/{task_id}',
    'delete /generate/stop',
    'get /generate/status',
    'get /generate/status/{task_id}',
    'get /health',
    'get /metrics',
    'get /openapi.json',
    'get /sample/{event_type}',
    'get /scenarios',
    'post /generate/batch',
    'post /generate/single/{event_type}',
    'post /generate/start',
    'post /scenarios/{name}/start',
  ])
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
  for (const { path, summary, parameters = [], requestBody, responses } of operations) {
    expect(summary).toBeTruthy()
    for (const [, name] of path.matchAll(/\{(\w+)\}/g)) {
      expect(parameters).toContainEqual(expect.objectContaining({ in: 'path', name, required: true }))
    }
    if (requestBody) expect(requestBody.required).toBe(/batch|generate\/start/.test(path))
    for (const response of Object.values<Json>(responses)) {
      expect(response.description).not.toMatch(/^(Default Response)?$/)
      expect(Object.keys(response.content)).toHaveLength(1)
    }
  }
  for (const [, name] of JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)) {
    expect(document.components.schemas[name!]).toBeDefined()
  }
})

afterAll(() => {
  const all = Object.entries<Json>(document.paths).flatMap(([path, item]) =>
    Object.entries<Json>(item).flatMap(([method, { responses }]) =>
      Object.keys(responses).map((status) => `${method.toUpperCase()} ${path} ${status}`),
    ),
  )
  const never = all.filter((name) => !seen.has(name) && !name.endsWith(' 500'))
  expect(never, 'documented answers that no test has seen').toEqual([])
})
