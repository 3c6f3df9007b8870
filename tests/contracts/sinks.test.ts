import { BigQuery } from '@google-cloud/bigquery'
import { expect, test } from 'vitest'
import { cloudStorage } from '../../pipeline/sinks/cloud-storage.ts'
import { InMemoryBucket, InMemoryTables } from '../../pipeline/sinks/in-memory.ts'
import type { RawBucket } from '../../pipeline/sinks/raw-bucket.ts'
import type { RowStreams } from '../../pipeline/sinks/row-streams.ts'
import { writeApi } from '../../pipeline/sinks/write-api.ts'
import type { Row } from '../../pipeline/transforms/to-row.ts'
import { deadLetters, events } from '../../src/catalogue/index.ts'
import { type Backend, startBackend } from '../harness.ts'

/** What the ledger relies on, for the stores in memory that its properties are tested with as for Google's services. */
interface Sinks extends AsyncDisposable {
  readonly bucket: RawBucket
  readonly streams: RowStreams
}

async function inMemory(): Promise<Sinks> {
  return { bucket: new InMemoryBucket(), streams: new InMemoryTables(), async [Symbol.asyncDispose]() {} }
}

const sinksOf = ({ clients, settings: { projectId, resources } }: Backend) => ({
  bucket: cloudStorage(clients.storage.bucket(resources.bucket)),
  streams: writeApi(clients.writer, clients.bigquery, { projectId, dataset: resources.dataset }),
})

async function emulators(): Promise<Sinks> {
  const backend = await startBackend()
  return { ...sinksOf(backend), [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() }
}

const activity = events.get('user_activity')!

const rowOf = (event_id: string, values: Row = {}): Row => ({
  event_type: 'user_activity',
  event_id,
  event_time: 1705314600123456n,
  event_date: 19737,
  publish_time: 1705314600123000n,
  processed_at: 1705314601000000n,
  user_id: 'u',
  activity_type: 'login',
  timestamp: 1705314600123456n,
  metadata: { session_id: 's', platform: 'web' },
  ...values,
})

/** When the minute of rowOf's event_time begins. */
const MINUTE = Date.parse('2024-01-15T10:30:00Z')

for (const [name, start] of [['in memory', inMemory] as const, ['embedded emulators', emulators] as const]) {
  test(`${name}: a file is created whole, once, with the name of its stream`, async () => {
    await using sinks = await start()
    const { bucket } = sinks
    const file = { name: 'output/a/1.json', stream: 'tables/t/streams/1' }
    expect(await bucket.create(file, 'é\n')).toBe('created')
    expect(await bucket.create({ ...file, stream: 'other' }, 'other')).toBe('exists')
    expect(await bucket.read(file.name)).toBe('é\n')
    expect(await bucket.list('output/a/')).toEqual([expect.objectContaining(file)])
    expect(await bucket.list('output/b/')).toEqual([])
    expect(await bucket.find('output/a/2.json')).toBeUndefined()
    await expect(bucket.read('output/a/2.json')).rejects.toThrow()
  })

  test(`${name}: a file is given another stream unless somebody else has done so`, async () => {
    await using sinks = await start()
    const { bucket } = sinks
    await bucket.create({ name: 'output/a/1.json', stream: '1' }, 'text')
    const found = (await bucket.find('output/a/1.json'))!
    expect(found.stream).toBe('1')
    expect(await bucket.assignStream(found, '2')).toBe('assigned')
    expect(await bucket.assignStream(found, '3')).toBe('changed')
    expect(await bucket.find('output/a/1.json')).toMatchObject({ stream: '2' })
    expect(await bucket.read('output/a/1.json')).toBe('text')
  })

  test(`${name}: rows are appended to a stream once, and can be counted at once`, async () => {
    await using sinks = await start()
    const { streams } = sinks
    const stream = await streams.create(activity)
    expect(await streams.append(stream, activity, [rowOf('a'), rowOf('b')])).toBe('appended')
    expect(await streams.append(stream, activity, [rowOf('a'), rowOf('b')])).toBe('present')
    expect(await streams.append(await streams.create(activity), activity, [rowOf('c')])).toBe('appended')
    expect(await streams.count(activity, MINUTE, ['a', 'c', 'x'])).toBe(2)
    expect(await streams.count(activity, MINUTE + 60_000, ['a'])).toBe(0)
    expect(await streams.count(activity, MINUTE - 60_000, ['a'])).toBe(0)
  })

  test(`${name}: rows count from the first to the last microsecond of their minute, dead letters by publish_time`, async () => {
    await using sinks = await start()
    const { streams } = sinks
    const begin = BigInt(MINUTE) * 1000n
    const times = { a: begin - 1n, b: begin, c: begin + 59_999_999n, d: begin + 60_000_000n }
    const rows = Object.entries(times).map(([id, event_time]) => rowOf(id, { event_time }))
    await streams.append(await streams.create(activity), activity, rows)
    expect(await streams.count(activity, MINUTE, Object.keys(times))).toBe(2)
    const { event_date, processed_at } = rowOf('a')
    const letter = { data: '', data_encoding: 'utf-8', attributes: [], reason: 'not_json', detail: '-' }
    const letters = Object.entries(times).map(
      ([event_id, publish_time]) => ({ event_id, event_date, processed_at, publish_time, ...letter }) as Row,
    )
    await streams.append(await streams.create(deadLetters), deadLetters, letters)
    expect(await streams.count(deadLetters, MINUTE, Object.keys(times))).toBe(2)
    const last = Date.parse('9999-12-31T23:59:00Z')
    expect(await streams.count(activity, last, ['a'])).toBe(0)
  })

  test(`${name}: of two appends at the same time one is made, and the other told so`, async () => {
    await using sinks = await start()
    const { streams } = sinks
    const stream = await streams.create(activity)
    const both = await Promise.all([1, 2].map(() => streams.append(stream, activity, [rowOf('a')])))
    expect(both.sort()).toEqual(['appended', 'present'])
    expect(await streams.count(activity, MINUTE, ['a'])).toBe(1)
  })

  test(`${name}: a stream that does not exist is not found, and known not to exist`, async () => {
    await using sinks = await start()
    const { streams } = sinks
    const stream = await streams.create(activity)
    expect(await streams.append(`${stream}0`, activity, [rowOf('a')])).toBe('notFound')
    expect(await streams.exists(`${stream}0`)).toBe(false)
    expect(await streams.exists(stream)).toBe(true)
  })
}

test('every type of column arrives as it was sent', async () => {
  await using backend = await startBackend()
  const { streams } = sinksOf(backend)
  const order = events.get('order')!
  const row: Row = {
    ...rowOf('é😀'),
    event_type: 'order',
    event_time: 253402300799999999n,
    event_date: -719162,
    order_id: '\u0000',
    customer_id: 'c',
    order_date: -62135596800000000n,
    status: 'pending',
    items: [{ product_id: 'p', product_name: '', quantity: -9007199254740991, price: '0.000000001' }],
    total_amount: '-999999999999999',
  }
  const known = Object.fromEntries(
    order.columns.flatMap(({ name }) => (row[name] === undefined ? [] : [[name, row[name]]])),
  )
  expect(await streams.append(await streams.create(order), order, [known])).toBe('appended')
  const { bigquery } = backend.clients
  const [rows] = await bigquery.query(`SELECT * FROM ${backend.settings.resources.dataset}.orders`)
  expect(JSON.parse(JSON.stringify(rows))).toMatchObject([
    {
      event_id: 'é😀',
      event_time: BigQuery.timestamp('9999-12-31T23:59:59.999999Z'),
      event_date: { value: '0001-01-01' },
      order_date: { value: '0001-01-01T00:00:00.000Z' },
      order_id: '\u0000',
      items: [{ quantity: -9007199254740991, price: '1e-9' }],
      shipping_address: null,
      total_amount: '-999999999999999',
    },
  ])
})

test('the row of the largest dead letter fits into one append', async () => {
  await using backend = await startBackend()
  const { streams } = sinksOf(backend)
  const text = '\u0001'.repeat(8 * 1024 * 1024)
  const attributes = Array.from({ length: 100 }, (_, i) => ({ key: `${i}`.padEnd(256, 'k'), value: 'v'.repeat(1024) }))
  const { event_id, event_date, publish_time, processed_at } = rowOf('a')
  const letter = { data: text, data_encoding: 'utf-8', attributes, reason: 'too_large', detail: 'd'.repeat(1000) }
  const row = { event_id, event_date, publish_time, processed_at, ...letter } as Row
  expect(await streams.append(await streams.create(deadLetters), deadLetters, [row])).toBe('appended')
})

test('rows that BigQuery refuses are an error that names the reason, and nothing of them is kept', async () => {
  await using backend = await startBackend()
  const { streams } = sinksOf(backend)
  const stream = await streams.create(activity)
  const wider = {
    ...activity,
    columns: [...activity.columns, { name: 'extra', type: 'STRING', mode: 'NULLABLE' } as const],
  }
  await expect(streams.append(stream, wider, [rowOf('a', { extra: 'x' })])).rejects.toThrow(/extra/)
  expect(await streams.count(activity, MINUTE, ['a'])).toBe(0)
  expect(await streams.append(stream, activity, [rowOf('a')])).toBe('appended')
})
