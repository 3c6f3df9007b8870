import { invalidArgument, ServiceError, toServiceError, unimplemented } from '../../shared/index.ts'
import type { Column } from '../model/schema.ts'
import type { Row } from '../model/value.ts'
import type { Destination, WriteStreams } from '../model/write-streams.ts'
import type { DescriptorProto } from '../wire/proto-descriptor.ts'
import { type RowDecoder, rowDecoder } from '../wire/proto-rows.ts'
import { renderStatus } from '../wire/status.ts'
import { renderStorageSchema } from '../wire/storage-schema.ts'

/** google.cloud.bigquery.storage.v1.AppendRowsRequest, as proto-loader decodes it. */
export interface AppendRowsRequest {
  readonly writeStream: string
  readonly offset: { readonly value: string } | null
  readonly rows?: 'protoRows' | 'arrowRows'
  readonly protoRows?: {
    readonly writerSchema: { readonly protoDescriptor: DescriptorProto | null } | null
    readonly rows: { readonly serializedRows: readonly Uint8Array[] } | null
  }
}

interface Writer {
  readonly descriptor: DescriptorProto
  /** The table's columns that `decoder` was made for. */
  readonly columns: readonly Column[]
  readonly decoder: RowDecoder
}

/** Faults of one request: the connection lives on (AppendRowsResponse.error). Any other ends it. */
const IN_BAND = ['ALREADY_EXISTS', 'OUT_OF_RANGE', 'INVALID_ARGUMENT', 'ABORTED']

class RowFaults extends ServiceError {
  readonly faults: readonly { readonly index: number; readonly message: string }[]
  constructor(entity: string, faults: RowFaults['faults']) {
    const text =
      'Errors found while processing rows. Please refer to the row_errors field for details. The list may not be complete because of the size limitations.'
    super('INVALID_ARGUMENT', `${text} Entity: ${entity}`)
    this.faults = faults
  }
}

/** One AppendRows call: it remembers the stream and, for each stream, the writer's schema. */
export class Connection {
  readonly #streams: WriteStreams
  readonly #writers = new Map<string, Writer>()
  #lastStream = ''

  constructor(streams: WriteStreams) {
    this.#streams = streams
  }

  /** Answers one request; throws what ends the connection. */
  async append(request: AppendRowsRequest) {
    if (request.rows === 'arrowRows') throw unimplemented('AppendRowsRequest.arrow_rows')
    const destination = this.#destination(request.writeStream)
    const { name, table } = destination
    const before = this.#writers.get(name)?.columns ?? table.definition.columns
    try {
      const rows = this.#decode(destination, request)
      const offset = request.offset === null ? undefined : readOffset(request.offset.value)
      const first = await this.#streams.append(destination, rows, offset)
      const { columns } = table.definition
      return {
        writeStream: name,
        appendResult: first === undefined ? {} : { offset: { value: first } },
        ...(columns !== before && { updatedSchema: renderStorageSchema(columns) }),
      }
    } catch (thrown) {
      const error = toServiceError(thrown)
      if (!IN_BAND.includes(error.code)) throw error
      const faults = error instanceof RowFaults ? error.faults : []
      const rowErrors = faults.map((fault) => ({ ...fault, code: 'FIELDS_ERROR' }))
      return { writeStream: name, error: renderStatus(error), rowErrors }
    }
  }

  /** Only connections to `_default` streams may go from one to another. */
  #destination(name: string): Destination {
    const last = this.#lastStream
    if (name === '' && last === '') throw invalidArgument('The first request must name the write_stream.')
    if (name !== '' && last !== '' && name !== last && !(isDefault(name) && isDefault(last))) {
      throw invalidArgument(`A connection to ${last} cannot write to ${name} as well.`)
    }
    this.#lastStream = name || last
    return this.#streams.get(this.#lastStream)
  }

  #decode({ name, table }: Destination, { protoRows }: AppendRowsRequest): Row[] {
    const { decoder } = this.#writer(name, protoRows?.writerSchema?.protoDescriptor, table.definition.columns)
    const decoded = (protoRows?.rows?.serializedRows ?? []).map((bytes) => decoder.decode(bytes))
    const faults = decoded.flatMap((row, index) => ('error' in row ? [{ index, message: row.error }] : []))
    if (faults.length > 0) throw new RowFaults(name, faults)
    return decoded.flatMap((row) => ('row' in row ? [row.row] : []))
  }

  /** Clients send the schema with each request: the decoder is made again only when the schema or the table changed. */
  #writer(name: string, given: DescriptorProto | null | undefined, columns: readonly Column[]): Writer {
    const known = this.#writers.get(name)
    const descriptor = given ?? known?.descriptor
    if (!descriptor) throw invalidArgument(`The first request to ${name} must have the writer_schema.`)
    const same = known && (given ? JSON.stringify(given) === JSON.stringify(known.descriptor) : true)
    if (same && known.columns === columns) return known
    const writer = { descriptor, columns, decoder: rowDecoder(descriptor, columns, name) }
    this.#writers.set(name, writer)
    return writer
  }
}

const isDefault = (name: string) => name.endsWith('/streams/_default')

function readOffset(value: string): number {
  const offset = Number(value)
  if (!Number.isSafeInteger(offset) || offset < 0) throw invalidArgument(`Invalid offset: ${value}`)
  return offset
}
