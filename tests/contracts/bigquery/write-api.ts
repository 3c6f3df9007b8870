import type { Table } from '@google-cloud/bigquery'
import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { BigQueryBackend } from './backend.ts'
import { plain } from './plain.ts'
import {
  ALREADY_EXISTS,
  connectTo,
  descriptorOf,
  FIELDS,
  INVALID_ARGUMENT,
  NOT_FOUND,
  OUT_OF_RANGE,
  openStream,
  pathOf,
} from './streams.ts'

const idsOf = async (table: Table) => (await table.getRows())[0].map(({ id }) => id)

/** An append to a stream that does not exist must not keep the service from others. */
const SURVIVES = 'a service that goes on after an append to a stream that is not there'

export const writeApi = {
  async 'rows of the default stream are there when the answer comes'(backend) {
    const table = await backend.table(FIELDS)
    using stream = await openStream(backend, table)
    expect(await stream.append([{ id: 1, name: 'é' }, { id: 2 }])).toMatchObject({ code: 0 })
    expect((await table.getRows())[0]).toEqual([
      { id: 1, name: 'é' },
      { id: 2, name: null },
    ])
  },

  async 'rows of a committed stream are there when the answer comes'(backend) {
    const table = await backend.table(FIELDS)
    using stream = await openStream(backend, table, 'COMMITTED')
    expect(await stream.append([{ id: 1 }, { id: 2 }], 0)).toMatchObject({ code: 0 })
    expect(await idsOf(table)).toEqual([1, 2])
  },

  async 'rows are read by a query as soon as they are there'(backend) {
    const table = await backend.table(FIELDS)
    using stream = await openStream(backend, table, 'COMMITTED')
    await stream.append([{ id: 1 }, { id: 2 }], 0)
    const [rows] = await backend.bigquery.query(`SELECT COUNT(DISTINCT id) AS n FROM ${table.dataset.id}.${table.id}`)
    expect(rows).toEqual([{ n: 2 }])
  },

  async 'an append is told at which offset its first row lies'(backend) {
    using stream = await openStream(backend, await backend.table(FIELDS), 'COMMITTED')
    expect(await stream.append([{ id: 0 }, { id: 1 }], 0)).toMatchObject({ code: 0, offset: 0 })
    expect(await stream.append([{ id: 2 }], 2)).toMatchObject({ code: 0, offset: 2 })
    expect(await stream.append([{ id: 3 }])).toMatchObject({ code: 0, offset: 3 })
  },

  async 'an append at an offset that is taken adds nothing: ALREADY_EXISTS'(backend) {
    const table = await backend.table(FIELDS)
    using stream = await openStream(backend, table, 'COMMITTED')
    await stream.append([{ id: 0 }, { id: 1 }], 0)
    expect(await stream.append([{ id: 0 }, { id: 1 }], 0)).toMatchObject({ code: ALREADY_EXISTS })
    expect(await idsOf(table)).toEqual([0, 1])
  },

  async 'an append on another connection is told the same: ALREADY_EXISTS'(backend) {
    const table = await backend.table(FIELDS)
    using stream = await openStream(backend, table, 'COMMITTED')
    await stream.append([{ id: 0 }], 0)
    using again = await connectTo(backend, stream.name)
    expect(await again.append([{ id: 0 }], 0)).toMatchObject({ code: ALREADY_EXISTS })
    expect(await idsOf(table)).toEqual([0])
  },

  async 'an append beyond the end adds nothing: OUT_OF_RANGE'(backend) {
    const table = await backend.table(FIELDS)
    using stream = await openStream(backend, table, 'COMMITTED')
    expect(await stream.append([{ id: 9 }], 9)).toMatchObject({ code: OUT_OF_RANGE })
    expect(await stream.append([{ id: 0 }], 0)).toMatchObject({ code: 0 })
    expect(await idsOf(table)).toEqual([0])
  },

  async 'of two appends at one offset at the same time one is made'(backend) {
    const table = await backend.table(FIELDS)
    using one = await openStream(backend, table, 'COMMITTED')
    using other = await connectTo(backend, one.name)
    const answers = await Promise.all([one, other].map((stream) => stream.append([{ id: 1 }], 0)))
    expect(answers.map(({ code }) => code).sort()).toEqual([0, ALREADY_EXISTS])
    expect(await idsOf(table)).toEqual([1])
  },

  async 'appends to many streams at the same time are all made'(backend) {
    const table = await backend.table(FIELDS)
    const ids = Array.from({ length: 16 }, (_, id) => id)
    const answers = await Promise.all(
      ids.map(async (id) => {
        using stream = await openStream(backend, table, 'COMMITTED')
        return await stream.append([{ id }], 0)
      }),
    )
    expect(answers.map(({ code }) => code)).toEqual(ids.map(() => 0))
    expect((await idsOf(table)).sort((a, b) => a - b)).toEqual(ids)
  },

  async 'rows with one that lacks a REQUIRED column are refused as a whole, and it is named: INVALID_ARGUMENT'(
    backend,
  ) {
    const table = await backend.table(FIELDS)
    const loose = descriptorOf([
      { name: 'id', type: 'INT64' },
      { name: 'name', type: 'STRING' },
    ])
    using stream = await openStream(backend, table, 'COMMITTED', loose)
    expect(await stream.append([{ id: 0 }, { name: 'x' }, { id: 2 }], 0)).toMatchObject({
      code: INVALID_ARGUMENT,
      rows: [{ index: 1 }],
    })
    expect(await stream.append([{ id: 0 }], 0)).toMatchObject({ code: 0 })
    expect(await idsOf(table)).toEqual([0])
  },

  async 'rows with a field that the table lacks are refused, and it is named: INVALID_ARGUMENT'(backend) {
    const table = await backend.table(FIELDS)
    const wider = descriptorOf([
      { name: 'id', type: 'INT64' },
      { name: 'more', type: 'STRING' },
    ])
    using stream = await openStream(backend, table, 'COMMITTED', wider)
    expect(await stream.append([{ id: 1, more: 'x' }], 0)).toMatchObject({
      code: INVALID_ARGUMENT,
      message: expect.stringContaining('more'),
    })
    expect(await idsOf(table)).toEqual([])
  },

  async 'rows of a pending stream appear with its commit, which is made once'(backend) {
    const table = await backend.table(FIELDS)
    using stream = await openStream(backend, table, 'PENDING')
    await stream.append([{ id: 0 }], 0)
    await stream.append([{ id: 1 }], 1)
    expect(await idsOf(table)).toEqual([])
    expect(await stream.connection.finalize()).toMatchObject({ rowCount: '2' })
    const request = { parent: pathOf(backend, table), writeStreams: [stream.name] }
    expect((await backend.writer.batchCommitWriteStream(request)).commitTime).not.toBeNull()
    expect(await idsOf(table)).toEqual([0, 1])
    expect(await backend.writer.batchCommitWriteStream(request)).toMatchObject({
      commitTime: null,
      streamErrors: [{ code: 'STREAM_ALREADY_COMMITTED' }],
    })
    expect(await idsOf(table)).toEqual([0, 1])
  },

  async 'a pending stream is not committed before it is finalized'(backend) {
    const table = await backend.table(FIELDS)
    using stream = await openStream(backend, table, 'PENDING')
    await stream.append([{ id: 0 }], 0)
    const request = { parent: pathOf(backend, table), writeStreams: [stream.name] }
    expect((await backend.writer.batchCommitWriteStream(request)).streamErrors).toHaveLength(1)
    expect(await idsOf(table)).toEqual([])
  },

  async 'rows of a buffered stream appear once when they are flushed'(backend) {
    const table = await backend.table(FIELDS)
    using stream = await openStream(backend, table, 'BUFFERED')
    await stream.append([{ id: 0 }, { id: 1 }, { id: 2 }], 0)
    expect(await idsOf(table)).toEqual([])
    await stream.connection.flushRows({ offset: 1 })
    expect(await idsOf(table)).toEqual([0, 1])
    await stream.connection.flushRows({ offset: 2 })
    expect(await idsOf(table)).toEqual([0, 1, 2])
  },

  async 'a finalized stream tells its rows and takes no more: INVALID_ARGUMENT'(backend) {
    const table = await backend.table(FIELDS)
    using stream = await openStream(backend, table, 'COMMITTED')
    await stream.append([{ id: 0 }, { id: 1 }], 0)
    expect(await backend.writer.finalizeWriteStream({ name: stream.name })).toMatchObject({ rowCount: '2' })
    expect(await stream.append([{ id: 2 }], 2)).toMatchObject({ code: INVALID_ARGUMENT })
    expect(await idsOf(table)).toEqual([0, 1])
  },

  async 'a stream shows its type and, when asked, the schema of its table'(backend) {
    const table = await backend.table(FIELDS)
    using stream = await openStream(backend, table, 'COMMITTED')
    expect(await backend.writer.getWriteStream({ streamId: stream.name, view: 'FULL' as never })).toMatchObject({
      name: stream.name,
      type: 'COMMITTED',
      tableSchema: {
        fields: [
          { name: 'id', type: 'INT64', mode: 'REQUIRED' },
          { name: 'name', type: 'STRING', mode: 'NULLABLE' },
        ],
      },
    })
  },

  async 'a stream that is not there is not shown: NOT_FOUND'(backend) {
    const path = pathOf(backend, await backend.table(FIELDS))
    const shown = backend.writer.getWriteStream({ streamId: `${path}/streams/absent` })
    await expect(shown).rejects.toMatchObject({ code: NOT_FOUND })
  },

  async 'a table that is not there has no streams: NOT_FOUND'(backend) {
    const dataset = await backend.dataset()
    const destinationTable = `projects/${backend.projectId}/datasets/${dataset.id}/tables/absent`
    const made = backend.writer.createWriteStream({ streamType: 'COMMITTED', destinationTable })
    await expect(made).rejects.toMatchObject({ code: NOT_FOUND })
    const shown = backend.writer.getWriteStream({ streamId: `${destinationTable}/streams/_default` })
    await expect(shown).rejects.toMatchObject({ code: NOT_FOUND })
  },

  'an append to a stream that is not there is refused, and others go on: NOT_FOUND': {
    needs: SURVIVES,
    async holds(backend: BigQueryBackend) {
      const table = await backend.table(FIELDS)
      using absent = await connectTo(backend, `${pathOf(backend, table)}/streams/absent`)
      expect(await absent.append([{ id: 1 }], 0)).toMatchObject({ code: NOT_FOUND })
      using stream = await openStream(backend, table, 'COMMITTED')
      expect(await stream.append([{ id: 1 }], 0)).toMatchObject({ code: 0 })
    },
  },

  'the default stream need not be asked for before it takes rows': {
    needs: SURVIVES,
    async holds(backend: BigQueryBackend) {
      const table = await backend.table(FIELDS)
      using stream = await connectTo(backend, `${pathOf(backend, table)}/streams/_default`)
      expect(await stream.append([{ id: 1 }])).toMatchObject({ code: 0 })
    },
  },

  async 'the streams of a table end with it: NOT_FOUND'(backend) {
    const table = await backend.table(FIELDS)
    using stream = await openStream(backend, table, 'COMMITTED')
    await table.delete()
    await table.create({ schema: { fields: FIELDS } })
    await expect(backend.writer.getWriteStream({ streamId: stream.name })).rejects.toMatchObject({ code: NOT_FOUND })
  },

  async 'rows may have a column that the table was given after the stream was made'(backend) {
    const table = await backend.table(FIELDS)
    using before = await openStream(backend, table, 'COMMITTED')
    await table.setMetadata({ schema: { fields: [...FIELDS, { name: 'extra', type: 'STRING' }] } })
    const wider = descriptorOf([
      { name: 'id', type: 'INT64' },
      { name: 'extra', type: 'STRING' },
    ])
    using stream = await connectTo(backend, before.name, wider)
    await expect
      .poll(async () => (await stream.append([{ id: 1, extra: 'x' }], 0)).code, { timeout: 10_000, interval: 500 })
      .toSatisfy((code) => code === 0 || code === ALREADY_EXISTS)
    expect((await table.getRows())[0].map(plain)).toEqual([{ id: 1, name: null, extra: 'x' }])
  },
} satisfies Contract<BigQueryBackend>
