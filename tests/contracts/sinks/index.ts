import { expect } from 'vitest'
import { cloudStorage } from '../../../pipeline/sinks/cloud-storage.ts'
import type { RawBucket } from '../../../pipeline/sinks/raw-bucket.ts'
import type { RowStreams } from '../../../pipeline/sinks/row-streams.ts'
import { writeApi } from '../../../pipeline/sinks/write-api.ts'
import type { Row } from '../../../pipeline/transforms/to-row.ts'
import { deadLetters, events, type TableDefinition } from '../../../src/catalogue/index.ts'
import type { Clients } from '../../../src/clients.ts'
import type { Settings } from '../../../src/settings.ts'
import type { Contract } from '../contract.ts'

/** What the pipeline's ledger relies on. */
export interface Sinks extends AsyncDisposable {
  readonly bucket: RawBucket
  readonly streams: RowStreams
  /** The rows of a table as the pipeline's outputs are collected from it. */
  read(table: TableDefinition): Promise<Record<string, unknown>[]>
}

/** The sinks of a pipeline on these services. */
export const sinksOf = (clients: Clients, { projectId, resources }: Settings) => ({
  bucket: cloudStorage(clients.storage.bucket(resources.bucket)),
  streams: writeApi(clients, { projectId, dataset: resources.dataset }),
})

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

const READS = 'tables that are read as BigQuery sends them'

export const sinksContract = {
  async 'a file is created whole, once, with the name of its stream'({ bucket }) {
    const file = { name: 'output/a/1.json', stream: 'tables/t/streams/1' }
    expect(await bucket.create(file, 'é\n')).toBe('created')
    expect(await bucket.create({ ...file, stream: 'other' }, 'other')).toBe('exists')
    expect(await bucket.read(file.name)).toBe('é\n')
    expect(await bucket.list('output/a/')).toEqual([expect.objectContaining(file)])
    expect(await bucket.list('output/b/')).toEqual([])
    expect(await bucket.find('output/a/2.json')).toBeUndefined()
    await expect(bucket.read('output/a/2.json')).rejects.toThrow()
  },

  async 'a file is given another stream unless somebody else has done so'({ bucket }) {
    await bucket.create({ name: 'output/a/1.json', stream: '1' }, 'text')
    const found = (await bucket.find('output/a/1.json'))!
    expect(found.stream).toBe('1')
    expect(await bucket.assignStream(found, '2')).toBe('assigned')
    expect(await bucket.assignStream(found, '3')).toBe('changed')
    expect(await bucket.find('output/a/1.json')).toMatchObject({ stream: '2' })
    expect(await bucket.read('output/a/1.json')).toBe('text')
  },

  async 'rows are appended to a stream once, and can be counted at once'({ streams }) {
    const stream = await streams.create(activity)
    expect(await streams.append(stream, activity, [rowOf('a'), rowOf('b')])).toBe('appended')
    expect(await streams.append(stream, activity, [rowOf('a'), rowOf('b')])).toBe('present')
    expect(await streams.append(await streams.create(activity), activity, [rowOf('c')])).toBe('appended')
    expect(await streams.count(activity, MINUTE, ['a', 'c', 'x'])).toBe(2)
    expect(await streams.count(activity, MINUTE + 60_000, ['a'])).toBe(0)
    expect(await streams.count(activity, MINUTE - 60_000, ['a'])).toBe(0)
  },

  async 'a row is there once, however often it is appended'({ streams, read }) {
    const stream = await streams.create(activity)
    for (let time = 0; time < 3; time++) await streams.append(stream, activity, [rowOf('a')])
    expect(await read(activity)).toMatchObject([{ event_id: 'a' }])
  },

  async 'rows count from the first to the last microsecond of their minute, dead letters by publish_time'({ streams }) {
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
  },

  async 'the last minute that there is can be asked for'({ streams }) {
    await streams.append(await streams.create(activity), activity, [rowOf('a')])
    expect(await streams.count(activity, Date.parse('9999-12-31T23:59:00Z'), ['a'])).toBe(0)
  },

  async 'of two appends at the same time one is made, and the other told so'({ streams }) {
    const stream = await streams.create(activity)
    const both = await Promise.all([1, 2].map(() => streams.append(stream, activity, [rowOf('a')])))
    expect(both.sort()).toEqual(['appended', 'present'])
    expect(await streams.count(activity, MINUTE, ['a'])).toBe(1)
  },

  async 'many appends at the same time are all made'({ streams }) {
    const ids = Array.from({ length: 32 }, (_, i) => `e${i}`)
    const appended = ids.map(async (id) => streams.append(await streams.create(activity), activity, [rowOf(id)]))
    expect(await Promise.all(appended)).toEqual(ids.map(() => 'appended'))
    expect(await streams.count(activity, MINUTE, ids)).toBe(ids.length)
  },

  async 'a stream that does not exist is known not to exist'({ streams }) {
    const stream = await streams.create(activity)
    expect(await streams.exists(`${stream}0`)).toBe(false)
    expect(await streams.exists(stream)).toBe(true)
  },

  async 'an append to a stream that does not exist is told so, and others go on'({ streams }) {
    const stream = await streams.create(activity)
    expect(await streams.append(`${stream}0`, activity, [rowOf('a')])).toBe('notFound')
    expect(await streams.append(stream, activity, [rowOf('a')])).toBe('appended')
  },

  'a row is read as it was written': {
    needs: READS,
    async holds({ streams, read }: Sinks) {
      const order = events.get('order')!
      const row: Row = {
        event_type: 'order',
        event_id: 'é😀',
        event_time: 1705314600123456n,
        event_date: 19737,
        publish_time: 1705314600000000n,
        processed_at: 1705314601000001n,
        order_id: 'o',
        customer_id: 'c',
        order_date: 1705314600123456n,
        status: 'pending',
        items: [
          { product_id: 'p', product_name: '', quantity: -9007199254740991, price: '0.000000001' },
          { product_id: 'q', product_name: 'é', quantity: 0, price: '9.99' },
        ],
        shipping_address: { street: 's', city: 'c', country: 'x' },
        total_amount: '-999999999999999',
      }
      expect(await streams.append(await streams.create(order), order, [row])).toBe('appended')
      expect(await read(order)).toEqual([
        {
          ...row,
          event_time: '2024-01-15T10:30:00.123456Z',
          event_date: '2024-01-15',
          publish_time: '2024-01-15T10:30:00.000Z',
          processed_at: '2024-01-15T10:30:01.000001Z',
          order_date: '2024-01-15T10:30:00.123456Z',
        },
      ])
    },
  },

  'a row may hold the first and the last of times': {
    needs: READS,
    async holds({ streams, read }: Sinks) {
      const row = rowOf('a', {
        event_time: 253402300799999999n,
        event_date: -719162,
        timestamp: -62135596800000000n,
      })
      expect(await streams.append(await streams.create(activity), activity, [row])).toBe('appended')
      expect(await read(activity)).toMatchObject([
        {
          event_time: '9999-12-31T23:59:59.999999Z',
          event_date: '0001-01-01',
          timestamp: '0001-01-01T00:00:00.000Z',
          ip_address: null,
        },
      ])
    },
  },

  async 'the row of the largest dead letter fits into one append'({ streams }) {
    const text = '\u0001'.repeat(8 * 1024 * 1024)
    const attributes = Array.from({ length: 100 }, (_, i) => ({
      key: `${i}`.padEnd(256, 'k'),
      value: 'v'.repeat(1024),
    }))
    const { event_id, event_date, publish_time, processed_at } = rowOf('a')
    const letter = { data: text, data_encoding: 'utf-8', attributes, reason: 'too_large', detail: 'd'.repeat(1000) }
    const row = { event_id, event_date, publish_time, processed_at, ...letter } as Row
    expect(await streams.append(await streams.create(deadLetters), deadLetters, [row])).toBe('appended')
  },

  'rows that BigQuery refuses are an error that names the reason, and nothing of them is kept': {
    needs: 'tables with a schema',
    async holds({ streams }: Sinks) {
      const stream = await streams.create(activity)
      const wider = {
        ...activity,
        columns: [...activity.columns, { name: 'extra', type: 'STRING', mode: 'NULLABLE' } as const],
      }
      await expect(streams.append(stream, wider, [rowOf('a', { extra: 'x' })])).rejects.toThrow(/extra/)
      expect(await streams.count(activity, MINUTE, ['a'])).toBe(0)
      expect(await streams.append(stream, activity, [rowOf('a')])).toBe('appended')
    },
  },
} satisfies Contract<Sinks>
