import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { BigQueryBackend } from './backend.ts'
import { plain } from './plain.ts'
import { descriptorOf, openStream } from './streams.ts'

type StorageType = 'STRING' | 'INT64' | 'DOUBLE' | 'BOOL' | 'BYTES'

/** Appends each value to a column of the type, in the protocol buffer type that holds it, and reads it back. */
async function appended(backend: BigQueryBackend, type: string, as: StorageType, values: readonly unknown[]) {
  const table = await backend.table([
    { name: 'n', type: 'INTEGER' },
    { name: 'value', type },
  ])
  const descriptor = descriptorOf([
    { name: 'n', type: 'INT64' },
    { name: 'value', type: as },
  ])
  using stream = await openStream(backend, table, 'COMMITTED', descriptor)
  const rows = values.map((value, n) => ({ n, value }))
  expect(await stream.append(rows, 0)).toMatchObject({ code: 0 })
  const [read] = await table.getRows()
  return read.sort((a, b) => a.n - b.n).map((row) => plain(row).value)
}

/** cloud.google.com/bigquery/docs/supported-data-types: how a value may be written in an appended row. */
export const rows = {
  async 'a STRING is appended as text'(backend) {
    const texts = ['', 'é😀', 'a\nb']
    expect(await appended(backend, 'STRING', 'STRING', texts)).toEqual(texts)
  },

  async 'an INTEGER is appended as int64'(backend) {
    const numbers = [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
    expect(await appended(backend, 'INTEGER', 'INT64', numbers)).toEqual(numbers)
  },

  async 'a FLOAT is appended as double, and a BOOLEAN as bool'(backend) {
    expect(await appended(backend, 'FLOAT', 'DOUBLE', [0.1, -1e300, 0])).toEqual([0.1, -1e300, 0])
    expect(await appended(backend, 'BOOLEAN', 'BOOL', [true, false])).toEqual([true, false])
  },

  async 'BYTES are appended as bytes'(backend) {
    const value = Buffer.from([0, 255, 104])
    expect(await appended(backend, 'BYTES', 'BYTES', [value])).toEqual([value.toString('base64')])
  },

  async 'a NUMERIC is appended as text'(backend) {
    const prices = ['0.000000001', '-999999999999999', '12.5', '0']
    expect(await appended(backend, 'NUMERIC', 'STRING', prices)).toEqual(prices)
  },

  async 'a DATE is appended as text'(backend) {
    const days = ['2024-01-15', '1969-12-31', '0001-01-01', '9999-12-31']
    expect(await appended(backend, 'DATE', 'STRING', days)).toEqual(days)
  },

  async 'a DATE is appended as days since 1970'(backend) {
    expect(await appended(backend, 'DATE', 'INT64', [19_737, 0, -1])).toEqual([
      '2024-01-15',
      '1970-01-01',
      '1969-12-31',
    ])
  },

  async 'a TIMESTAMP is appended as microseconds since 1970'(backend) {
    const micros = [1_705_314_600_123_456, 1_705_314_600_000_000, 1]
    const instants = ['2024-01-15T10:30:00.123456Z', '2024-01-15T10:30:00Z', '1970-01-01T00:00:00.000001Z']
    expect(await appended(backend, 'TIMESTAMP', 'INT64', micros)).toEqual(instants)
  },

  async 'a TIMESTAMP may lie before 1970'(backend) {
    expect(await appended(backend, 'TIMESTAMP', 'INT64', [-1_500_000])).toEqual(['1969-12-31T23:59:58.5Z'])
  },

  async 'a TIMESTAMP may lie in the year 9999'(backend) {
    const last = 253_402_300_799_000_000
    expect(await appended(backend, 'TIMESTAMP', 'INT64', [last])).toEqual(['9999-12-31T23:59:59Z'])
  },

  async 'DATETIME, TIME and JSON are appended as text'(backend) {
    expect(await appended(backend, 'DATETIME', 'STRING', ['2024-01-15 10:30:00.5'])).toEqual(['2024-01-15T10:30:00.5'])
    expect(await appended(backend, 'TIME', 'STRING', ['10:30:00.000001'])).toEqual(['10:30:00.000001'])
    expect(await appended(backend, 'JSON', 'STRING', ['{"a":1}'])).toEqual(['{"a":1}'])
  },

  async 'records and lists are appended as messages and repeated fields'(backend) {
    const items = [
      { name: 'product', type: 'STRING' },
      { name: 'price', type: 'NUMERIC' },
    ]
    const table = await backend.table([
      { name: 'tags', type: 'STRING', mode: 'REPEATED' },
      { name: 'items', type: 'RECORD', mode: 'REPEATED', fields: items },
      { name: 'address', type: 'RECORD', fields: [{ name: 'city', type: 'STRING' }] },
    ])
    const descriptor = descriptorOf([
      { name: 'tags', type: 'STRING', mode: 'REPEATED' },
      {
        name: 'items',
        type: 'STRUCT',
        mode: 'REPEATED',
        fields: [
          { name: 'product', type: 'STRING' },
          { name: 'price', type: 'STRING' },
        ],
      },
      { name: 'address', type: 'STRUCT', fields: [{ name: 'city', type: 'STRING' }] },
    ])
    using stream = await openStream(backend, table, 'COMMITTED', descriptor)
    const row = { tags: ['a', 'b'], items: [{ product: 'p', price: '2' }, { product: 'q' }], address: { city: 'c' } }
    expect(await stream.append([row], 0)).toMatchObject({ code: 0 })
    const [[read]] = await table.getRows()
    expect(plain(read)).toEqual({ ...row, items: [row.items[0], { product: 'q', price: null }] })
  },

  async 'lists and records that are left out are empty and NULL'(backend) {
    const table = await backend.table([
      { name: 'id', type: 'INTEGER' },
      { name: 'tags', type: 'STRING', mode: 'REPEATED' },
      { name: 'address', type: 'RECORD', fields: [{ name: 'city', type: 'STRING' }] },
    ])
    using stream = await openStream(backend, table, 'COMMITTED', descriptorOf([{ name: 'id', type: 'INT64' }]))
    expect(await stream.append([{ id: 1 }], 0)).toMatchObject({ code: 0 })
    expect((await table.getRows())[0]).toEqual([{ id: 1, tags: [], address: null }])
  },
} satisfies Contract<BigQueryBackend>
