import { createRequire } from 'node:module'
import { adapt, managedwriter, type protos } from '@google-cloud/bigquery-storage'
import { credentials, makeGenericClientConstructor, type ServiceDefinition } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { loadPackages } from '../shared/index.ts'
import { PROJECT, startForTest } from './testing.ts'

type StreamType = 'COMMITTED' | 'PENDING' | 'BUFFERED'
type Service = Awaited<ReturnType<typeof withTable>>
const PARENT = `projects/${PROJECT}/datasets/ds/tables/t`
const FIELDS = [
  { name: 'id', type: 'INTEGER', mode: 'REQUIRED' },
  { name: 'name', type: 'STRING' },
]

async function withTable(fields: object[] = FIELDS) {
  const service = await startForTest()
  await service.bigquery.createDataset('ds')
  const [table] = await service.bigquery.dataset('ds').createTable('t', { schema: { fields: fields as never } })
  return { ...service, table, [Symbol.asyncDispose]: service[Symbol.asyncDispose] }
}

/** A JSONWriter on a new stream, or on the table's `_default` one. */
async function writeTo({ writer }: Service, streamType?: StreamType) {
  const streamId = streamType
    ? await writer.createWriteStream({ streamType, destinationTable: PARENT })
    : `${PARENT}/streams/_default`
  const { tableSchema } = await writer.getWriteStream({ streamId, view: 'FULL' as never })
  const connection = await writer.createStreamConnection({ streamId })
  const protoDescriptor = adapt.convertStorageSchemaToProto2Descriptor(tableSchema!, 'root')
  const json = new managedwriter.JSONWriter({ connection, protoDescriptor })
  const append = (rows: object[], offset?: number) => json.appendRows(rows as never, offset).getResult()
  return { streamId, connection, append }
}

const ids = async ({ table }: Service) => (await table.getRows())[0].map(({ id }) => id)

/** The StorageError in a response's error. */
function storageError({ error }: protos.google.cloud.bigquery.storage.v1.IAppendRowsResponse) {
  const details = (error?.details ?? []) as { type_url?: string; value?: Uint8Array }[]
  const metadata = { get: () => details.map(({ value }) => value) }
  return { ...managedwriter.parseStorageErrors({ metadata } as never)[0], code: error?.code, message: error?.message }
}

test('rows appended to the default stream are there when the answer comes', async () => {
  await using service = await withTable()
  const { append } = await writeTo(service)
  expect(await append([{ id: 1, name: 'a' }, { id: 2 }])).toMatchObject({ appendResult: { offset: null } })
  expect((await service.table.getRows())[0]).toEqual([
    { id: 1, name: 'a' },
    { id: 2, name: null },
  ])
})

test('an append says at which offset its first row is', async () => {
  await using service = await withTable()
  const { append } = await writeTo(service, 'COMMITTED')
  const answers = await Promise.all([append([{ id: 0 }, { id: 1 }], 0), append([{ id: 2 }], 2), append([{ id: 3 }])])
  expect(answers.map(({ appendResult }) => appendResult?.offset?.value)).toEqual(['0', '2', '3'])
  expect(await ids(service)).toEqual([0, 1, 2, 3])
})

test('a repeated offset exists already, one that skips is out of range, and the connection lives on', async () => {
  await using service = await withTable()
  const { append, streamId } = await writeTo(service, 'COMMITTED')
  await append([{ id: 0 }], 0)
  expect(storageError(await append([{ id: 0 }], 0))).toMatchObject({
    code: 6,
    message: `The offset is within stream, expected offset 1, received 0 Entity: ${streamId}`,
    entity: streamId,
  })
  expect(storageError(await append([{ id: 9 }], 9))).toMatchObject({
    code: 11,
    message: `The offset is beyond stream, expected offset 1, received 9 Entity: ${streamId}`,
  })
  await append([{ id: 1 }], 1)
  expect(await ids(service)).toEqual([0, 1])
})

test('a producer whose connections break before the answers writes each row once, in order', async () => {
  await using service = await withTable()
  const { streamId } = await writeTo(service, 'COMMITTED')
  const batches = Array.from({ length: 20 }, (_, i) => [{ id: 2 * i }, { id: 2 * i + 1 }])
  const { tableSchema } = await service.writer.getWriteStream({ streamId, view: 'FULL' as never })
  const protoDescriptor = adapt.convertStorageSchemaToProto2Descriptor(tableSchema!, 'root')
  for (const [i, rows] of batches.entries()) {
    // Sent and abandoned: the emulator may have taken it or not.
    for (let attempt = 0; attempt < i % 3; attempt++) {
      const lost = await service.writer.createStreamConnection({ streamId })
      lost.onConnectionError(() => {})
      const pending = new managedwriter.JSONWriter({ connection: lost, protoDescriptor }).appendRows(rows, 2 * i)
      pending.getResult().catch(() => {})
      await new Promise<void>((sent) => setImmediate(sent))
      lost.close()
    }
    const connection = await service.writer.createStreamConnection({ streamId })
    const answer = await new managedwriter.JSONWriter({ connection, protoDescriptor })
      .appendRows(rows, 2 * i)
      .getResult()
    expect([undefined, 6]).toContain(answer.error?.code)
    connection.close()
  }
  expect(await ids(service)).toEqual(Array.from({ length: 40 }, (_, i) => i))
})

test('one bad row refuses its whole request, with the index of each', async () => {
  await using service = await withTable()
  const { append } = await writeTo(service, 'COMMITTED')
  const answer = await append([{ id: 0 }, { name: 'x' }, { id: 2 }, {}], 0)
  expect(answer.error?.code).toBe(3)
  expect(answer.rowErrors).toMatchObject([
    { index: '1', code: 'FIELDS_ERROR', message: 'Missing required field: id.' },
    { index: '3', code: 'FIELDS_ERROR' },
  ])
  await append([{ id: 0 }], 0)
  expect(await ids(service)).toEqual([0])
})

test('rows of a pending stream appear with its commit', async () => {
  await using service = await withTable()
  const { append, streamId, connection } = await writeTo(service, 'PENDING')
  await append([{ id: 0 }], 0)
  await append([{ id: 1 }], 1)
  expect(await ids(service)).toEqual([])
  expect(await connection.finalize()).toMatchObject({ rowCount: '2' })
  const commit = () => service.writer.batchCommitWriteStream({ parent: PARENT, writeStreams: [streamId] })
  expect((await commit()).commitTime).not.toBeNull()
  expect(await commit()).toMatchObject({ commitTime: null, streamErrors: [{ code: 'STREAM_ALREADY_COMMITTED' }] })
  expect(await ids(service)).toEqual([0, 1])
})

test('rows of a buffered stream appear when they are flushed', async () => {
  await using service = await withTable()
  const { append, connection } = await writeTo(service, 'BUFFERED')
  await append([{ id: 0 }, { id: 1 }, { id: 2 }], 0)
  expect(await ids(service)).toEqual([])
  await connection.flushRows({ offset: 1 })
  expect(await ids(service)).toEqual([0, 1])
  await connection.flushRows({ offset: 2 })
  await connection.flushRows({ offset: 1 })
  expect(await ids(service)).toEqual([0, 1, 2])
})

test('a finalized stream takes no rows', async () => {
  await using service = await withTable()
  const { append, streamId } = await writeTo(service, 'COMMITTED')
  await service.writer.finalizeWriteStream({ name: streamId })
  expect(storageError(await append([{ id: 0 }], 0))).toMatchObject({
    code: 3,
    message: expect.stringContaining('Stream has been finalized and cannot be appended.'),
  })
})

test('a stream or a table that is not there is NOT_FOUND, with the StorageError that says which', async () => {
  await using service = await withTable()
  const get = (streamId: string) => service.writer.getWriteStream({ streamId }).catch((error) => error)
  const stream = await get(`${PARENT}/streams/no`)
  expect(stream.code).toBe(5)
  expect(managedwriter.parseStorageErrors(stream)).toMatchObject([{ code: 3, entity: `${PARENT}/streams/no` }])
  const table = await get(`${PARENT}x/streams/_default`)
  expect(table.code).toBe(5)
  expect(managedwriter.parseStorageErrors(table)).toMatchObject([{ code: 1 }])
})

test('an append to a stream that is not there ends the connection', async () => {
  await using service = await withTable()
  const { streamId } = await writeTo(service)
  const { tableSchema } = await service.writer.getWriteStream({ streamId, view: 'FULL' as never })
  const protoDescriptor = adapt.convertStorageSchemaToProto2Descriptor(tableSchema!, 'root')
  const connection = await service.writer.createStreamConnection({ streamId: `${PARENT}/streams/no` })
  connection.onConnectionError(() => {})
  const writing = new managedwriter.JSONWriter({ connection, protoDescriptor }).appendRows([{ id: 1 }])
  await expect(writing.getResult()).rejects.toMatchObject({ code: 5 })
})

test('the streams of a table end with it', async () => {
  await using service = await withTable()
  const { streamId } = await writeTo(service, 'COMMITTED')
  await service.table.delete()
  await service.table.create({ schema: 'id:integer' })
  await expect(service.writer.getWriteStream({ streamId })).rejects.toMatchObject({ code: 5 })
})

test('a writer learns of new columns, and may then write them', async () => {
  await using service = await withTable()
  const { append, connection } = await writeTo(service)
  await append([{ id: 1 }])
  await service.table.setMetadata({ schema: { fields: [...FIELDS, { name: 'extra', type: 'DATE' }] } })
  const learned = new Promise<protos.google.cloud.bigquery.storage.v1.ITableSchema>((resolve) => {
    connection.onSchemaUpdated(resolve)
  })
  await append([{ id: 2 }])
  expect((await learned).fields?.map(({ name }) => name)).toEqual(['id', 'name', 'extra'])
  await append([{ id: 3, extra: new Date('2024-01-15') }])
  const [rows] = await service.table.getRows()
  expect(rows.map(({ id, extra }) => [id, extra?.value])).toEqual([
    [1, undefined],
    [2, undefined],
    [3, '2024-01-15'],
  ])
})

test('a writer schema with a field that the table lacks is refused with the name of the field', async () => {
  await using service = await withTable()
  const streamId = `${PARENT}/streams/_default`
  const connection = await service.writer.createStreamConnection({ streamId })
  const schema = {
    fields: [
      { name: 'id', type: 'INT64' as const },
      { name: 'no', type: 'STRING' as const },
    ],
  }
  const protoDescriptor = adapt.convertStorageSchemaToProto2Descriptor(schema, 'root')
  const answer = await new managedwriter.JSONWriter({ connection, protoDescriptor }).appendRows([{ id: 1 }]).getResult()
  expect(storageError(answer)).toMatchObject({
    code: 3,
    message: expect.stringContaining("Input schema has more fields than BigQuery schema, extra fields: 'no'"),
  })
})

test('every type goes in as the client encodes it', async () => {
  const names = [
    'STRING',
    'INTEGER',
    'FLOAT',
    'BOOLEAN',
    'BYTES',
    'NUMERIC',
    'BIGNUMERIC',
    'DATE',
    'TIME',
    'DATETIME',
    'TIMESTAMP',
    'JSON',
  ]
  const scalars = names.map((type) => ({ name: `f_${type.toLowerCase()}`, type }))
  await using service = await withTable([
    ...scalars,
    { name: 'list', type: 'INTEGER', mode: 'REPEATED' },
    { name: 'record', type: 'RECORD', fields: [{ name: 'inner', type: 'RECORD', mode: 'REPEATED', fields: scalars }] },
  ])
  const { append } = await writeTo(service)
  const row = {
    f_string: 'é',
    f_integer: '-9223372036854775808',
    f_float: 0.1,
    f_boolean: true,
    f_bytes: Buffer.from('hi'),
    f_numeric: '-1.5',
    f_bignumeric: '1234567890.000000000000000001',
    f_date: new Date('2024-01-15'),
    f_time: '10:30:00.5',
    f_datetime: '2024-01-15 10:30:00',
    f_timestamp: new Date('2024-01-15T10:30:00.123Z'),
    f_json: '{"b": 1, "a": 2}',
  }
  const answer = await append([{ ...row, list: [1, 2], record: { inner: [row, {}] } }])
  expect(answer.error).toBeFalsy()
  const url = `${service.endpoint}/bigquery/v2/projects/${PROJECT}/datasets/ds/tables/t/data`
  const { rows } = (await (await fetch(url)).json()) as { rows: { f: { v: unknown }[] }[] }
  const cells = [
    ...['é', '-9223372036854775808', '0.1', 'true', 'aGk=', '-1.5', '1234567890.000000000000000001', '2024-01-15'],
    ...['10:30:00.5', '2024-01-15T10:30:00', '1.705314600123E9', '{"a":2,"b":1}'],
  ].map((v) => ({ v }))
  const inner = [{ v: { f: cells } }, { v: { f: cells.map(() => ({ v: null })) } }]
  expect(rows[0]!.f).toEqual([...cells, { v: [{ v: '1' }, { v: '2' }] }, { v: { f: [{ v: inner }] } }])
})

test('one connection writes to the default streams of several tables', async () => {
  await using service = await withTable()
  await service.bigquery.dataset('ds').createTable('u', { schema: { fields: FIELDS } })
  const descriptor = adapt.convertStorageSchemaToProto2Descriptor({ fields: [{ name: 'id', type: 'INT64' }] }, 'root')
  const call = service.writer.getClient().appendRows()
  const answers: unknown[] = []
  const three = new Promise<void>((resolve) => {
    call.on('data', (answer: object) => answers.push(answer) === 3 && resolve())
  })
  const rows = (id: number) => ({ serializedRows: [Buffer.from([8, id])] })
  call.write({
    writeStream: `${PARENT}/streams/_default`,
    protoRows: { writerSchema: { protoDescriptor: descriptor }, rows: rows(1) },
  })
  const other = `projects/${PROJECT}/datasets/ds/tables/u/streams/_default`
  call.write({ writeStream: other, protoRows: { writerSchema: { protoDescriptor: descriptor }, rows: rows(2) } })
  call.write({ protoRows: { rows: rows(3) } })
  await three
  call.end()
  expect(await ids(service)).toEqual([1])
  expect((await service.bigquery.dataset('ds').table('u').getRows())[0].map(({ id }) => id)).toEqual([2, 3])
})

test('Arrow rows are refused by name', async () => {
  await using service = await withTable()
  const call = service.writer.getClient().appendRows()
  const failed = new Promise((resolve) => call.on('error', resolve))
  call.write({
    writeStream: `${PARENT}/streams/_default`,
    arrowRows: { rows: { serializedRecordBatch: Buffer.from('x') } },
  })
  expect(await failed).toMatchObject({ code: 12, details: expect.stringContaining('arrow_rows') })
})

test('the Storage Read API is refused by name, in its streaming method as well', async () => {
  await using service = await startForTest()
  const protos = createRequire(import.meta.url)('@google-cloud/bigquery-storage/build/protos/protos.json')
  const definition = loadPackages(protos)['google.cloud.bigquery.storage.v1.BigQueryRead'] as ServiceDefinition
  // Not Google's own client: it tries ReadRows again for seven seconds, whatever the error.
  const client = new (makeGenericClientConstructor(definition, 'BigQueryRead'))(
    new URL(service.endpoint).host,
    credentials.createInsecure(),
  )
  const creating = new Promise((resolve) => client.createReadSession!({}, resolve))
  expect(await creating).toMatchObject({ code: 12, details: expect.stringContaining('CreateReadSession') })
  const reading = new Promise((resolve) => client.readRows!({}).on('error', resolve))
  expect(await reading).toMatchObject({ code: 12, details: expect.stringContaining('ReadRows') })
  client.close()
})
