import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { events } from '../../src/catalogue/index.ts'
import { SeededSource } from '../../src/generator/index.ts'
import { type Family, parseExposition, valueIn } from '../exposition.ts'
import { type Backend, type BackendOptions, type SluiceProcess, spawnSluice, startBackend } from '../harness.ts'

/** What is published on the emulators' clock has waited for so long when the pipeline starts. */
const WAITED_MS = 90_000

interface Line {
  readonly bundle: string
  readonly severity: string
  readonly message: string
  readonly messageIds: string[]
  readonly settled: string[]
  readonly unsettled: string[]
  readonly retried?: number
  readonly failures?: {
    readonly cause: string
    readonly call?: string
    readonly code: string
    readonly messages: number
  }[]
  readonly files: { readonly name: string; readonly stream: string; readonly lines: number; readonly rows: number }[]
}

interface Observed extends AsyncDisposable {
  readonly backend: Backend
  readonly pipeline: SluiceProcess
  /** What it has printed so far. */
  readonly lines: Line[]
  /** Reads on until what is printed satisfies the condition. */
  until(condition: () => boolean): Promise<void>
  metrics(): Promise<Map<string, Family>>
}

async function observe(options: BackendOptions, messages: readonly Published[]): Promise<Observed> {
  await using starting = new AsyncDisposableStack()
  const backend = starting.use(await startBackend({ start: Date.now() - WAITED_MS, ...options }))
  await publish(backend, messages)
  const pipeline = starting.use(spawnSluice(['pipeline', '--port', '0'], backend.environment))
  const output = pipeline.lines[Symbol.asyncIterator]()
  const lines: Line[] = []
  const running = starting.move()
  return {
    backend,
    pipeline,
    lines,
    async until(condition) {
      while (!condition()) {
        const { value, done } = await output.next()
        if (done) throw new Error(`The pipeline ended: ${await pipeline.complaints}`)
        lines.push(JSON.parse(value))
      }
    },
    async metrics() {
      const answer = await fetch(`${await pipeline.url}/metrics`)
      expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
      return parseExposition(await answer.text())
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

interface Published {
  readonly id: string
  readonly data: string
}

const source = new SeededSource(1)
const sample = (type: string, id: string): Published => ({
  id,
  data: JSON.stringify({ ...events.get(type)!.sample(source), event_type: type }),
})
const orders = (...ids: string[]) => ids.map((id) => sample('order', id))

async function publish({ clients, settings }: Backend, messages: readonly Published[]): Promise<void> {
  const topic = clients.pubsub.topic(settings.resources.topic)
  await Promise.all(
    messages.map(({ id, data }) => topic.publishMessage({ data: Buffer.from(data), attributes: { event_id: id } })),
  )
}

const settled = (lines: readonly Line[]) => lines.flatMap(({ messageIds }) => messageIds).length

test('the metrics count what was published, to the message', async () => {
  const first = sample('order', 'o1')
  await using observed = await observe({}, [
    first,
    first,
    ...orders('o2', 'o3'),
    sample('inventory', 'i1'),
    sample('inventory', 'i2'),
    { id: 'broken', data: '{"event_type":' },
    { id: 'unknown', data: '{"event_type":"refund"}' },
  ])
  await observed.until(() => settled(observed.lines) === 8)
  const metrics = await observed.metrics()
  const value = (name: string, labels?: Record<string, string>) => valueIn(metrics, `sluice_pipeline_${name}`, labels)

  expect({
    received: value('messages_received_total'),
    acknowledged: value('messages_acknowledged_total'),
    givenBack: value('messages_given_back_total'),
    orders: value('rows_total', { table: 'orders' }),
    inventory: value('rows_total', { table: 'inventory' }),
    userActivity: value('rows_total', { table: 'user_activity' }),
    broken: value('dead_letters_total', { reason: 'not_json' }),
    unknown: value('dead_letters_total', { reason: 'unknown_event_type' }),
    tooLarge: value('dead_letters_total', { reason: 'too_large' }),
    rawLines: value('raw_lines_total'),
    duplicates: value('duplicates_total'),
    retries: [value('retries_total', { cause: 'transient' }), value('retries_total', { cause: 'permanent' })],
  }).toEqual({
    received: 8,
    acknowledged: 8,
    givenBack: 0,
    orders: 3,
    inventory: 2,
    userActivity: 0,
    broken: 1,
    unknown: 1,
    tooLarge: 0,
    rawLines: 7,
    duplicates: 1,
    retries: [0, 0],
  })
  const files = observed.lines.flatMap((line) => line.files)
  expect(value('raw_files_total')).toBe(files.filter(({ lines }) => lines > 0).length)
  expect(files.reduce((sum, { lines }) => sum + lines, 0)).toBe(7)
  expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(7)
  expect(value('sink_call_seconds_count', { call: 'create_file' })).toBe(value('raw_files_total'))
  expect(value('sink_call_seconds_count', { call: 'append' })).toBe(value('raw_files_total'))
  expect(value('bundle_messages_sum')).toBe(8)
  expect(value('bundle_seconds_count')).toBe(value('bundle_messages_count'))

  // The emulators' clock stands: each message was published 90 s before, and a test may take another 30.
  expect(value('publish_to_row_seconds_count')).toBe(8)
  expect(value('publish_to_row_seconds_bucket', { le: '60' })).toBe(0)
  expect(value('publish_to_row_seconds_bucket', { le: '120' })).toBe(8)

  for (const state of ['waiting', 'running', 'retrying']) expect(value('backlog_messages', { state })).toBe(0)
  expect([value('backlog_bytes'), value('oldest_message_age_seconds'), value('bundles_running')]).toEqual([0, 0, 0])
  expect(value('watermark_timestamp_seconds')).toBeGreaterThan(observed.backend.clock.now() / 1_000 + 80)
})

test('a sink that fails for a while shows as errors, retries, backlog and a watermark that stands', async () => {
  let failing = true
  const plan = (call: string) =>
    failing && call.endsWith('BigQueryWrite.AppendRows')
      ? ({ code: 'UNAVAILABLE', when: 'before' } as const)
      : undefined
  const published = orders('o1', 'o2', 'o3')
  await using observed = await observe({ faults: plan }, published)
  await observed.until(() => observed.lines.length > 0)
  expect(observed.lines[0]).toMatchObject({ severity: 'WARNING', retried: 3, messageIds: [], settled: [] })
  expect(observed.lines[0]!.failures).toMatchObject([
    { cause: 'transient', call: 'append', code: 'UNAVAILABLE', messages: 3 },
  ])
  expect(new Set(observed.lines[0]!.unsettled)).toEqual(new Set(['o1', 'o2', 'o3']))

  const during = await observed.metrics()
  const states = ['waiting', 'running', 'retrying']
  const backlog = states.map((state) => valueIn(during, 'sluice_pipeline_backlog_messages', { state }))
  expect(backlog.reduce((a, b) => a + b)).toBe(3)
  const bytes = published.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0)
  expect(valueIn(during, 'sluice_pipeline_backlog_bytes')).toBe(bytes)
  expect(valueIn(during, 'sluice_pipeline_watermark_timestamp_seconds')).toBe(observed.backend.clock.now() / 1_000)
  expect(valueIn(during, 'sluice_pipeline_oldest_message_age_seconds')).toBeGreaterThanOrEqual(WAITED_MS / 1_000)
  expect(valueIn(during, 'sluice_pipeline_messages_acknowledged_total')).toBe(0)

  failing = false
  await observed.until(() => settled(observed.lines) === 3)
  const after = await observed.metrics()
  const value = (name: string, labels?: Record<string, string>) => valueIn(after, `sluice_pipeline_${name}`, labels)
  const retried = observed.lines.reduce((sum, line) => sum + (line.retried ?? 0), 0)
  expect(value('retries_total', { cause: 'transient' })).toBe(retried)
  expect(value('retries_total', { cause: 'permanent' })).toBe(0)
  expect(value('sink_errors_total', { call: 'append', code: 'UNAVAILABLE' })).toBeGreaterThan(0)
  expect(value('rows_total', { table: 'orders' })).toBe(3)
  expect(value('raw_lines_total')).toBe(3)
  expect(value('duplicates_total')).toBe(0)
  expect(value('messages_acknowledged_total')).toBe(3)
  expect(value('publish_to_row_seconds_count')).toBe(3)
})

test('a table that does not fit its events shows as permanent retries', async () => {
  await using observed = await observe({ tables: 'none' }, [])
  const { backend } = observed
  const { dataset } = backend.settings.resources
  await backend.clients.bigquery.dataset(dataset).createTable('orders', { schema: [{ name: 'x', type: 'INTEGER' }] })
  await publish(backend, orders('o1'))
  await observed.until(() => observed.lines.some(({ failures = [] }) => failures.length > 0))
  expect(observed.lines.at(-1)!.failures).toMatchObject([{ cause: 'permanent', call: 'append', messages: 1 }])
  const metrics = await observed.metrics()
  expect(valueIn(metrics, 'sluice_pipeline_retries_total', { cause: 'permanent' })).toBeGreaterThan(0)
})

test('every metric has its words, and its line in docs/observability.md', async () => {
  await using observed = await observe({}, [])
  const metrics = await observed.metrics()
  const ours = [...metrics.keys()].filter((name) => name.startsWith('sluice_'))
  expect(ours.length).toBeGreaterThan(15)
  for (const { name, type, help } of metrics.values()) {
    expect(help.length, name).toBeGreaterThan(10)
    if (name.startsWith('sluice_') && type === 'counter') expect(name).toMatch(/_total$/)
  }
  const guide = await readFile(new URL('../../docs/observability.md', import.meta.url), 'utf8')
  const described = [...guide.matchAll(/^\| `(sluice_pipeline_\w+)`/gm)].map(([, name]) => name)
  expect(described.toSorted()).toEqual(ours.toSorted())
  const named = [...guide.matchAll(/\b(sluice_pipeline_[a-z_]*[a-z])/g)].map(([, name]) => name!)
  const family = (name: string) => (metrics.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ''))
  expect([...new Set(named.map(family))].toSorted()).toEqual(ours.toSorted())
  expect(metrics.has('process_resident_memory_bytes')).toBe(true)
})
