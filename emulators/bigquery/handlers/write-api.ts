import { on } from 'node:events'
import type { handleUnaryCall, Server, ServerDuplexStream } from '@grpc/grpc-js'
import {
  addService,
  invalidArgument,
  type Packages,
  ServiceError,
  stream,
  toServiceError,
  unary,
} from '../../shared/index.ts'
import { STORAGE_CODES } from '../model/write-fault.ts'
import type { StreamType } from '../model/write-stream.ts'
import type { Destination } from '../model/write-streams.ts'
import { detailsOf } from '../wire/status.ts'
import { renderStorageSchema } from '../wire/storage-schema.ts'
import { type AppendRowsRequest, Connection } from './append-rows.ts'
import type { Context } from './context.ts'

const STREAM_TYPES: readonly StreamType[] = ['COMMITTED', 'PENDING', 'BUFFERED']

/** google.cloud.bigquery.storage.v1.BigQueryWrite */
export function addWriteApi(server: Server, packages: Packages, { streams, catalog }: Context): void {
  const location = ({ table }: Destination) => catalog.dataset(table.definition.reference).location

  const render = (destination: Destination, view?: string) => ({
    name: destination.name,
    type: destination.stream?.type ?? 'COMMITTED',
    writeMode: 'INSERT',
    location: location(destination),
    createTime: timestamp(destination.stream?.creationTime ?? destination.table.creationTime),
    commitTime: destination.stream?.commitTime === undefined ? null : timestamp(destination.stream.commitTime),
    tableSchema: view === 'FULL' ? renderStorageSchema(destination.table.definition.columns) : null,
  })

  addService(server, packages, 'google.cloud.bigquery.storage.v1.BigQueryWrite', {
    createWriteStream: method(({ parent, writeStream }: { parent: string; writeStream: { type: string } | null }) => {
      const type = STREAM_TYPES.find((known) => known === writeStream?.type)
      if (!type) throw invalidArgument('The write stream must have a type: COMMITTED, PENDING or BUFFERED.')
      return render(streams.create(parent, type), 'FULL')
    }),

    getWriteStream: method(({ name, view }: { name: string; view: string }) => render(streams.get(name), view)),

    finalizeWriteStream: method(async ({ name }: { name: string }) => ({
      rowCount: await streams.finalize(streams.made(name)),
    })),

    flushRows: method(async (request: { writeStream: string; offset: { value: string } | null }) => {
      if (!request.offset) throw invalidArgument('FlushRowsRequest.offset is required.')
      const offset = Number(request.offset.value)
      await streams.flush(streams.made(request.writeStream), offset)
      return { offset }
    }),

    batchCommitWriteStreams: method(async ({ parent, writeStreams }: { parent: string; writeStreams: string[] }) => {
      const outcome = await streams.commit(parent, writeStreams)
      if ('time' in outcome) return { commitTime: timestamp(outcome.time) }
      return {
        streamErrors: outcome.faults.map(({ storageCode, entity, message }) => ({
          code: STORAGE_CODES[storageCode],
          entity,
          errorMessage: message,
        })),
      }
    }),

    // Answers in the order of the requests. A client that goes away may have missed the last answers: what was received
    // before is written all the same.
    appendRows: stream(async (call: ServerDuplexStream<AppendRowsRequest, object>) => {
      const connection = new Connection(streams)
      const requests = on(call, 'data', { close: ['end', 'cancelled'], highWaterMark: 16, lowWaterMark: 4 })
      for await (const [request] of requests) {
        const answer = await boundary(() => connection.append(request))
        if (!call.cancelled) call.write(answer)
      }
    }),
  })
}

/** The error boundary of this API: a fault's StorageError goes along in the status details. */
async function boundary<T>(handle: () => T | Promise<T>): Promise<T> {
  try {
    return await handle()
  } catch (thrown) {
    const error = toServiceError(thrown)
    const details = detailsOf(error)
    throw details.length === 0 ? error : new ServiceError(error.code, error.message, { ...error.options, details })
  }
}

const method = <Request, Response>(
  handle: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> => unary((request: Request) => boundary(() => handle(request)))

const timestamp = (time: number) => ({ seconds: Math.floor(time / 1000), nanos: (time % 1000) * 1_000_000 })
