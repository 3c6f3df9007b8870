import type { Table } from '@google-cloud/bigquery'
import { adapt, managedwriter, type protos } from '@google-cloud/bigquery-storage'
import type { BigQueryBackend } from './backend.ts'

export type StreamType = 'COMMITTED' | 'PENDING' | 'BUFFERED'
type AppendRowsResponse = protos.google.cloud.bigquery.storage.v1.IAppendRowsResponse
type Connection = Awaited<ReturnType<managedwriter.WriterClient['createStreamConnection']>>
type DescriptorProto = protos.google.protobuf.IDescriptorProto
type StorageField = Parameters<typeof adapt.convertStorageSchemaToProto2Descriptor>[0]['fields']

/** google.rpc.Code */
export const INVALID_ARGUMENT = 3
export const NOT_FOUND = 5
export const ALREADY_EXISTS = 6
export const OUT_OF_RANGE = 11

export const FIELDS = [
  { name: 'id', type: 'INTEGER', mode: 'REQUIRED' },
  { name: 'name', type: 'STRING' },
]

/** The full name of a table, as the Storage Write API has it. */
export const pathOf = ({ projectId }: Pick<BigQueryBackend, 'projectId'>, { dataset, id }: Table): string =>
  `projects/${projectId}/datasets/${dataset.id}/tables/${id}`

/** What rows are described by, for FIELDS unless told otherwise. */
export const descriptorOf = (
  fields: StorageField = [
    { name: 'id', type: 'INT64', mode: 'REQUIRED' },
    { name: 'name', type: 'STRING' },
  ],
): DescriptorProto => adapt.convertStorageSchemaToProto2Descriptor({ fields }, 'root')

export interface Stream extends Disposable {
  readonly name: string
  append(rows: readonly object[], offset?: number): Promise<Answer>
  readonly connection: Connection
}

/** What became of an append: either answered, or the status that the call ended with. */
export interface Answer {
  /** google.rpc.Code; 0 is OK. */
  readonly code: number
  readonly message: string
  /** Of the first row. */
  readonly offset?: number
  readonly rows: readonly { index: number; message: string }[]
}

/** A new stream of the type to the table, or its `_default` one, and a connection to it. */
export async function openStream(
  backend: BigQueryBackend,
  table: Table,
  type?: StreamType,
  descriptor = descriptorOf(),
): Promise<Stream> {
  const parent = pathOf(backend, table)
  const name = type
    ? await backend.writer.createWriteStream({ streamType: type, destinationTable: parent })
    : `${parent}/streams/_default`
  // Some must have been asked for the stream before it takes rows, as the client's own tutorial does.
  await backend.writer.getWriteStream({ streamId: name })
  return connectTo(backend, name, descriptor)
}

export async function connectTo(
  { writer }: BigQueryBackend,
  name: string,
  descriptor: DescriptorProto = descriptorOf(),
): Promise<Stream> {
  const connection = await writer.createStreamConnection({ streamId: name })
  connection.onConnectionError(() => {})
  const json = new managedwriter.JSONWriter({ connection, protoDescriptor: descriptor })
  return {
    name,
    connection,
    append: (rows, offset) =>
      json
        .appendRows(rows as never, offset)
        .getResult()
        .then(answered, thrown),
    [Symbol.dispose]: () => connection.close(),
  }
}

const answered = ({ error, appendResult, rowErrors }: AppendRowsResponse): Answer => ({
  code: Number(error?.code ?? 0),
  message: error?.message ?? '',
  ...(appendResult?.offset?.value != null && { offset: Number(appendResult.offset.value) }),
  rows: (rowErrors ?? []).map(({ index, message }) => ({ index: Number(index), message: message ?? '' })),
})

function thrown(error: Error & { code?: number }): Answer {
  if (error.code === undefined) throw error
  return { code: error.code, message: error.message, rows: [] }
}
