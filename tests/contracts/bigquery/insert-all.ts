import { BigQuery } from '@google-cloud/bigquery'
import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { BigQueryBackend } from './backend.ts'
import { plain } from './plain.ts'

const FIELDS = [
  { name: 'id', type: 'INTEGER', mode: 'REQUIRED' },
  { name: 'at', type: 'TIMESTAMP' },
]
const idsOf = (rows: { id: number }[]) => rows.map(({ id }) => id)

export const insertAll = {
  async 'rows go in in their order, and are there at once'(backend) {
    const table = await backend.table(FIELDS)
    await table.insert([{ id: 2 }, { id: 1 }, { id: 3 }])
    expect(idsOf((await table.getRows())[0])).toEqual([2, 1, 3])
  },

  async 'a value of each type comes back as it went in'(backend) {
    const cells: [string, unknown, unknown][] = [
      ['STRING', 'é😀', 'é😀'],
      ['INTEGER', -9007199254740991, -9007199254740991],
      ['FLOAT', 0.1, 0.1],
      ['BOOLEAN', true, true],
      ['BYTES', 'aGk=', 'aGk='],
      ['DATE', '2024-02-29', '2024-02-29'],
      ['TIME', '10:30:00.000001', '10:30:00.000001'],
      ['DATETIME', '2024-01-15T10:30:00.000001', '2024-01-15T10:30:00.000001'],
      ['TIMESTAMP', '2024-01-15T10:30:00.123456Z', '2024-01-15T10:30:00.123456Z'],
      ['JSON', '{"a":1}', '{"a":1}'],
    ]
    const table = await backend.table(cells.map(([type]) => ({ name: type.toLowerCase(), type })))
    const named = (at: 1 | 2) => Object.fromEntries(cells.map((cell) => [cell[0].toLowerCase(), cell[at]]))
    await table.insert([named(1), {}])
    const [rows] = await table.getRows()
    expect(rows.map(plain)).toEqual([named(2), Object.fromEntries(cells.map(([type]) => [type.toLowerCase(), null]))])
  },

  async 'a NUMERIC keeps its 38 digits'(backend) {
    const table = await backend.table([{ name: 'price', type: 'NUMERIC' }])
    const prices = ['-99999999999999999999999999999.999999999', '0.000000001', '12.5']
    await table.insert(prices.map((price) => ({ price })))
    expect((await table.getRows())[0].map(({ price }) => price.toFixed())).toEqual(prices)
  },

  async 'a NUMERIC and a TIMESTAMP inside records come back as they went in'(backend) {
    const inner = [
      { name: 'price', type: 'NUMERIC' },
      { name: 'made', type: 'TIMESTAMP' },
    ]
    const table = await backend.table([{ name: 'items', type: 'RECORD', mode: 'REPEATED', fields: inner }])
    const items = [{ price: '0.1', made: '2024-01-15T10:30:00.123456Z' }, { price: '9.99' }]
    await table.insert([{ items }, { items: [] }])
    const [[first, second]] = await table.getRows()
    expect(plain(first)).toEqual({ items: [items[0], { price: '9.99', made: null }] })
    expect(second.items).toEqual([])
  },

  async 'one bad row stops the others, and each is told why'(backend) {
    const table = await backend.table(FIELDS)
    const inserted = table.insert([{ id: 1 }, { id: 'x' }])
    await expect(inserted).rejects.toMatchObject({
      name: 'PartialFailureError',
      errors: [
        { row: { id: 1 }, errors: [{ reason: 'stopped' }] },
        { row: { id: 'x' }, errors: [{ reason: 'invalid' }] },
      ],
    })
    expect((await table.getRows())[0]).toEqual([])
  },

  async 'with skipInvalidRows the good rows go in'(backend) {
    const table = await backend.table(FIELDS)
    const inserted = table.insert([{ id: 1 }, { id: 'x' }, { id: 3 }], { skipInvalidRows: true })
    await expect(inserted).rejects.toMatchObject({ errors: [{ row: { id: 'x' } }] })
    expect(idsOf((await table.getRows())[0])).toEqual([1, 3])
  },

  async 'a row without a REQUIRED column is refused'(backend) {
    const table = await backend.table(FIELDS)
    await expect(table.insert([{ at: '2024-01-15T10:30:00Z' }])).rejects.toMatchObject({
      errors: [{ errors: [{ reason: 'invalid' }] }],
    })
    expect((await table.getRows())[0]).toEqual([])
  },

  async 'a row with a field that the table lacks is refused, unless told to ignore such fields'(backend) {
    const table = await backend.table(FIELDS)
    await expect(table.insert([{ id: 1, more: 1 }])).rejects.toMatchObject({
      errors: [{ errors: [{ reason: 'invalid', message: expect.stringContaining('more') }] }],
    })
    await table.insert([{ id: 1, more: 1 }], { ignoreUnknownValues: true })
    expect(idsOf((await table.getRows())[0])).toEqual([1])
  },

  async 'a row that is sent again under its insertId goes in once'(backend) {
    const table = await backend.table(FIELDS)
    for (let time = 0; time < 2; time++) await table.insert([{ insertId: 'a', json: { id: 1 } }], { raw: true })
    expect(idsOf((await table.getRows())[0])).toEqual([1])
  },

  async 'rows are not taken for a table that is not there: 404, notFound'(backend) {
    const dataset = await backend.dataset()
    await expect(dataset.table('absent').insert([{ id: 1 }])).rejects.toMatchObject({
      code: 404,
      errors: [{ reason: 'notFound' }],
    })
  },

  async 'the rows of a table are listed page by page'(backend) {
    const table = await backend.table(FIELDS)
    await table.insert([0, 1, 2, 3].map((id) => ({ id })))
    const [first, next] = await table.getRows({ maxResults: 3, autoPaginate: false })
    expect(idsOf(first)).toEqual([0, 1, 2])
    const [second, end] = await table.getRows({ ...next, autoPaginate: false })
    expect(idsOf(second)).toEqual([3])
    expect(end).toBeNull()
  },

  async 'the rows of a table are listed from an index, with the columns asked for'(backend) {
    const table = await backend.table(FIELDS)
    await table.insert([0, 1, 2].map((id) => ({ id, at: 1705314600 + id })))
    const [rows] = await table.getRows({ startIndex: '2', selectedFields: 'at' })
    expect(rows).toEqual([{ at: BigQuery.timestamp('2024-01-15T10:30:02.000Z') }])
  },

  async 'the client streams all rows of a table'(backend) {
    const table = await backend.table(FIELDS)
    await table.insert([0, 1, 2].map((id) => ({ id })))
    expect(idsOf(await table.createReadStream().toArray())).toEqual([0, 1, 2])
  },
} satisfies Contract<BigQueryBackend>
