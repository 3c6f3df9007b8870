import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { BigQueryBackend } from './backend.ts'

const ID = { name: 'id', type: 'STRING', mode: 'REQUIRED', description: 'the key' }
const DAY = { name: 'day', type: 'DATE', mode: 'NULLABLE' }
const QUANTITY = { name: 'quantity', type: 'INTEGER', mode: 'NULLABLE' }
const ITEMS = { name: 'items', type: 'RECORD', mode: 'REPEATED', fields: [QUANTITY] }
const FIELDS = [ID, DAY, ITEMS]

export const tables = {
  async 'a table is shown with the schema, partitions, clusters, labels and descriptions that it was made with'(
    backend,
  ) {
    const made = {
      timePartitioning: { type: 'DAY', field: 'day' },
      clustering: { fields: ['id'] },
      labels: { team: 'shop' },
      description: 'Orders',
    }
    const [shown] = await (await backend.table(FIELDS, made)).getMetadata()
    expect(shown).toMatchObject({ ...made, type: 'TABLE', schema: { fields: FIELDS } })
  },

  async 'a column of no mode is shown as NULLABLE'(backend) {
    const table = await backend.table([{ name: 'a', type: 'STRING' }])
    const [{ schema }] = await table.getMetadata()
    expect(schema.fields).toEqual([{ name: 'a', type: 'STRING', mode: 'NULLABLE' }])
  },

  async 'a table that exists cannot be made again: 409, duplicate'(backend) {
    const dataset = await backend.dataset()
    const { id } = await backend.table(FIELDS, { dataset })
    await expect(backend.table(FIELDS, { dataset, named: id })).rejects.toMatchObject({
      code: 409,
      errors: [{ reason: 'duplicate' }],
    })
  },

  async 'of tables made at the same time under one name one is made, the others exist already'(backend) {
    const dataset = await backend.dataset()
    const made = await Promise.allSettled([1, 2, 3].map(() => backend.table(FIELDS, { dataset, named: 'same' })))
    const refused = made.filter((result) => result.status === 'rejected')
    expect(refused.map(({ reason }) => reason.code)).toEqual([409, 409])
  },

  async 'a table that is not there, or whose dataset is not, is named: 404, notFound'({ bigquery, ...backend }) {
    const dataset = await backend.dataset()
    const absent = (name: string) => ({
      code: 404,
      message: expect.stringContaining(name),
      errors: [{ reason: 'notFound' }],
    })
    await expect(dataset.table('absent').getMetadata()).rejects.toMatchObject(absent('absent'))
    await expect(dataset.table('absent').setMetadata({ description: 'd' })).rejects.toMatchObject(absent('absent'))
    const name = backend.datasetName()
    await expect(bigquery.dataset(name).table('t').getMetadata()).rejects.toMatchObject(absent(name))
    await expect(bigquery.dataset(name).createTable('t', { schema: 'a:string' })).rejects.toMatchObject(absent(name))
  },

  async 'tables of one name in two datasets are two tables'({ bigquery, ...backend }) {
    const numbers = await backend.table([{ name: 'a', type: 'INTEGER' }])
    const texts = await backend.table([{ name: 'b', type: 'STRING' }], { named: numbers.id })
    await numbers.insert([{ a: 1 }])
    await texts.insert([{ b: 'x' }])
    expect((await numbers.getRows())[0]).toEqual([{ a: 1 }])
    expect((await texts.getRows())[0]).toEqual([{ b: 'x' }])
    const [rows] = await bigquery.query(`SELECT b FROM ${texts.dataset.id}.${texts.id}`)
    expect(rows).toEqual([{ b: 'x' }])
  },

  async 'the tables of a dataset are listed page by page, and gone when deleted'(backend) {
    const dataset = await backend.dataset()
    for (const name of ['b', 'a', 'c']) await dataset.createTable(name, { schema: 'a:string' })
    await dataset.table('b').delete()
    const [first, next] = await dataset.getTables({ maxResults: 1, autoPaginate: false })
    const [second] = await dataset.getTables({ ...next, autoPaginate: false })
    expect([...first, ...second].map(({ id }) => id)).toEqual(['a', 'c'])
  },

  async 'columns can be appended, also inside records, and old rows have NULL there'(backend) {
    const table = await backend.table(FIELDS)
    await table.insert([{ id: '1', items: [{ quantity: 2 }] }])
    const note = { name: 'note', type: 'STRING' }
    const fields = [ID, DAY, { ...ITEMS, fields: [QUANTITY, note] }, { ...note, name: 'extra', mode: 'REPEATED' }]
    await table.setMetadata({ schema: { fields } })
    await table.insert([{ id: '2', items: [{ quantity: 3, note: 'n' }], extra: ['x'] }])
    const [rows] = await table.getRows()
    expect(rows).toEqual([
      { id: '1', day: null, items: [{ quantity: 2, note: null }], extra: [] },
      { id: '2', day: null, items: [{ quantity: 3, note: 'n' }], extra: ['x'] },
    ])
  },

  async 'a REQUIRED column takes NULL once it is relaxed'(backend) {
    const table = await backend.table(FIELDS)
    await expect(table.insert([{ day: '2024-01-15' }])).rejects.toThrow()
    await table.setMetadata({ schema: { fields: [{ ...ID, mode: 'NULLABLE' }, DAY, ITEMS] } })
    await table.insert([{ day: '2024-01-15' }])
    expect((await table.getRows())[0]).toMatchObject([{ id: null }])
  },

  async 'a schema that takes a column away, or changes its type or mode, is refused: 400, invalid'(backend) {
    const table = await backend.table(FIELDS)
    const refused = { code: 400, errors: [{ reason: 'invalid' }] }
    const without = [ID, ITEMS]
    const retyped = [ID, { ...DAY, type: 'TIMESTAMP' }, ITEMS]
    const tightened = [ID, { ...DAY, mode: 'REQUIRED' }, ITEMS]
    const required = [...FIELDS, { name: 'b', type: 'STRING', mode: 'REQUIRED' }]
    for (const fields of [without, retyped, tightened, required]) {
      await expect(table.setMetadata({ schema: { fields } })).rejects.toMatchObject(refused)
    }
    expect((await table.getMetadata())[0].schema.fields).toMatchObject(FIELDS)
  },

  async 'a patch of a table leaves what it does not name, and null takes away'(backend) {
    const table = await backend.table(FIELDS, { description: 'd', labels: { team: 'shop' } })
    await table.setMetadata({ friendlyName: 'F' })
    const [patched] = await table.getMetadata()
    expect(patched).toMatchObject({ friendlyName: 'F', description: 'd', labels: { team: 'shop' } })
    await table.setMetadata({ description: null as never })
    expect((await table.getMetadata())[0]).not.toHaveProperty('description')
  },

  async 'a change under an etag that is no more is refused: 412'(backend) {
    const table = await backend.table(FIELDS)
    const [{ etag }] = await table.getMetadata()
    await table.setMetadata({ description: 'newer' })
    await expect(table.setMetadata({ description: 'older', etag })).rejects.toMatchObject({ code: 412 })
    expect((await table.getMetadata())[0].description).toBe('newer')
  },

  async 'a table cannot be given partitions later: 400, invalid'(backend) {
    const table = await backend.table(FIELDS)
    const partitioned = table.setMetadata({ timePartitioning: { type: 'DAY', field: 'day' } })
    await expect(partitioned).rejects.toMatchObject({ code: 400, errors: [{ reason: 'invalid' }] })
  },

  async 'a partition column must be there and be a date or a time: 400, invalid'(backend) {
    for (const field of ['absent', 'id']) {
      const made = backend.table(FIELDS, { timePartitioning: { type: 'DAY', field } })
      await expect(made, field).rejects.toMatchObject({ code: 400, errors: [{ reason: 'invalid' }] })
    }
  },

  async 'a table counts its rows'(backend) {
    const table = await backend.table(FIELDS)
    await table.insert([{ id: 'a' }, { id: 'b' }])
    expect((await table.getMetadata())[0]).toMatchObject({ numRows: '2' })
  },
} satisfies Contract<BigQueryBackend>
