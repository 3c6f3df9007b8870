import type { managedwriter, protos } from '@google-cloud/bigquery-storage'
import type { TableDefinition } from '../../src/catalogue/index.ts'
import type { Clients } from '../../src/clients.ts'
import type { Row } from '../transforms/to-row.ts'
import { descriptorOf, encodeRow } from './row-proto.ts'
import { minuteColumn, type RowStreams } from './row-streams.ts'
import { withTextTimes } from './text-times.ts'

type AppendRowsRequest = protos.google.cloud.bigquery.storage.v1.IAppendRowsRequest
type AppendRowsResponse = protos.google.cloud.bigquery.storage.v1.IAppendRowsResponse

const NOT_FOUND = 5
const ALREADY_EXISTS = 6

/** The pipeline tries again by itself, and later; a client that waits for minutes would hold up all else. */
const ONCE = { timeout: 30_000, retry: null }

export interface Dataset {
  readonly projectId: string
  readonly dataset: string
}

/**
 * Rows through the Storage Write API (google.cloud.bigquery.storage.v1.BigQueryWrite). Each stream takes one append, on
 * a connection of its own: only the default stream may share one, and it knows no offsets.
 */
export function writeApi(
  { writer, bigquery, rowTimes }: Pick<Clients, 'writer' | 'bigquery' | 'rowTimes'>,
  { projectId, dataset }: Dataset,
): RowStreams {
  return {
    async create({ table }) {
      await writer.initialize()
      const parent = `projects/${projectId}/datasets/${dataset}/tables/${table}`
      const [stream] = await writer.getClient().createWriteStream({ parent, writeStream: { type: 'COMMITTED' } }, ONCE)
      if (!stream.name) throw new Error(`BigQuery gave no name to a write stream of ${table}.`)
      return stream.name
    },

    async append(stream, table, rows) {
      await writer.initialize()
      const written = rowTimes === 'text' ? withTextTimes(table, rows) : { table, rows }
      const request = appendRequest(stream, written)
      const answer = await appendOnce(writer, request)
      if (answer.code === NOT_FOUND) return 'notFound'
      if (answer.code === ALREADY_EXISTS) return 'present'
      if (answer.code !== 0)
        throw new Error(`BigQuery refused ${rows.length} rows of ${table.table}: ${answer.message}`)
      return 'appended'
    },

    async exists(stream) {
      await writer.initialize()
      try {
        await writer.getClient().getWriteStream({ name: stream }, ONCE)
        return true
      } catch (error) {
        if ((error as { code?: number }).code === NOT_FOUND) return false
        throw error
      }
    },

    async count(table, minute, eventIds) {
      const from = new Date(minute).toISOString()
      const [rows] = await bigquery.query({
        query: `SELECT COUNT(DISTINCT event_id) AS present FROM \`${projectId}.${dataset}.${table.table}\`
          WHERE event_date = CAST(@day AS DATE) AND event_id IN UNNEST(@eventIds)
            AND ${minuteColumn(table)} BETWEEN CAST(@from AS TIMESTAMP) AND CAST(@to AS TIMESTAMP)`,
        params: { day: from.slice(0, 10), from, to: from.replace(/00\.000Z$/, '59.999999Z'), eventIds },
        types: { day: 'STRING', from: 'STRING', to: 'STRING', eventIds: ['STRING'] },
      })
      return Number((rows as { present: number }[])[0]?.present)
    },
  }
}

interface Written {
  readonly table: Pick<TableDefinition, 'table' | 'columns'>
  readonly rows: readonly Row[]
}

const appendRequest = (writeStream: string, { table, rows }: Written): AppendRowsRequest => ({
  writeStream,
  offset: { value: 0 },
  protoRows: {
    writerSchema: { protoDescriptor: descriptorOf(table) },
    rows: { serializedRows: rows.map((row) => encodeRow(table, row)) },
  },
})

export interface Answer {
  /** google.rpc.Code; 0 is OK. */
  readonly code: number
  readonly message: string
}

/** An error arrives as an answer, or as the status that ends the call: both are told alike. */
function appendOnce(writer: managedwriter.WriterClient, request: AppendRowsRequest): Promise<Answer> {
  // BigQuery routes the call by this header.
  const headers = { 'x-goog-request-params': `write_stream=${request.writeStream}` }
  const call = writer.getClient().appendRows({ timeout: ONCE.timeout, otherArgs: { headers } })
  const answered = new Promise<Answer>((resolve, reject) => {
    call.on('data', (response: AppendRowsResponse) => resolve(answerOf(response)))
    call.on('error', (error: Error & { code?: number }) => {
      if (error.code === NOT_FOUND || error.code === ALREADY_EXISTS)
        resolve({ code: error.code, message: error.message })
      else reject(error)
    })
    call.on('end', () => reject(new Error(`The append to ${request.writeStream} ended without an answer.`)))
  })
  call.write(request)
  return answered.finally(() => call.end())
}

/** Row errors are a refusal, also where no error goes along with them. */
export function answerOf({ error, rowErrors }: AppendRowsResponse): Answer {
  const rows = (rowErrors ?? []).map(({ index, message }) => `row ${index}: ${message}`).slice(0, 3)
  if (error) return { code: Number(error.code), message: [error.message, ...rows].join('; ') }
  return rows.length > 0 ? { code: 3, message: rows.join('; ') } : { code: 0, message: '' }
}
