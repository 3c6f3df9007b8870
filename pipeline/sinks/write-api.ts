import type { protos } from '@google-cloud/bigquery-storage'
import { type Clock, systemClock } from '../../clock/index.ts'
import type { TableDefinition } from '../../src/catalogue/index.ts'
import type { Clients } from '../../src/clients.ts'
import type { Row } from '../transforms/to-row.ts'
import { ABORTED, ALREADY_EXISTS, type Answer, appendOnce, codeOf, INTERNAL, NOT_FOUND, ONCE } from './append.ts'
import { limited } from './limited.ts'
import { descriptorOf, encodeRow } from './row-proto.ts'
import { minuteColumn, type RowStreams } from './row-streams.ts'
import { withTextTimes } from './text-times.ts'
import { Turns } from './turns.ts'

type AppendRowsRequest = protos.google.cloud.bigquery.storage.v1.IAppendRowsRequest

/** How often an append is sent again in its turn before it is given up for now. */
const TURNS = 3
/** Before each of its turns: whatever held it up is given time to end. */
const PAUSE_MS = 100

export interface WriteApiOptions {
  readonly projectId: string
  readonly dataset: string
  readonly clock?: Clock
}

/**
 * Rows through the Storage Write API (google.cloud.bigquery.storage.v1.BigQueryWrite). Each stream takes one append, on
 * a connection of its own: only the default stream may share one, and it knows no offsets.
 */
export function writeApi(
  { writer, bigquery, appends }: Pick<Clients, 'writer' | 'bigquery' | 'appends'>,
  { projectId, dataset, clock = systemClock }: WriteApiOptions,
): RowStreams {
  const turns = new Turns()

  /**
   * What is refused for a moment goes again one by one: goccy's emulator takes no two appends at a time. None outlives
   * its own time, in which it waits for its turn and for an answer, so that those that hang do not add up.
   */
  async function send(request: AppendRowsRequest): Promise<Answer> {
    const deadline = clock.now() + ONCE.timeout
    const left = () => deadline - clock.now()
    let answer = await appendOnce(writer, request)
    for (let turn = 0; turn < TURNS && isForNow(answer) && left() > 0; turn++) {
      await new Promise<void>((resolve) => clock.at(clock.now() + PAUSE_MS, resolve))
      const last = answer
      answer = await turns.take('', async () => (left() > 0 ? appendOnce(writer, request, left()) : last))
    }
    return answer
  }

  async function exists(stream: string): Promise<boolean> {
    await writer.initialize()
    try {
      await writer.getClient().getWriteStream({ name: stream }, ONCE)
      return true
    } catch (error) {
      if (codeOf(error as Error) === NOT_FOUND) return false
      throw error
    }
  }

  async function append(stream: string, table: TableDefinition, rows: readonly Row[]) {
    await writer.initialize()
    if (appends.toGone === 'fatal' && !(await exists(stream))) return 'notFound'
    const written = appends.times === 'text' ? withTextTimes(table, rows) : { table, rows }
    const answer = await send(appendRequest(stream, written))
    if (answer.code === NOT_FOUND) return 'notFound'
    if (answer.code === ALREADY_EXISTS) return 'present'
    if (answer.code !== 0) {
      const message = `BigQuery refused ${rows.length} rows of ${table.table}: ${answer.message}`
      throw Object.assign(new Error(message), { code: answer.code })
    }
    // Who does not put the rows where they were meant to lie keeps no offsets, and would take them again. The rows are
    // there, whether it closes the stream or not.
    if (answer.offset)
      await writer
        .getClient()
        .finalizeWriteStream({ name: stream }, ONCE)
        .catch(() => {})
    return 'appended'
  }

  return {
    async create({ table }) {
      await writer.initialize()
      const parent = `projects/${projectId}/datasets/${dataset}/tables/${table}`
      const [stream] = await writer.getClient().createWriteStream({ parent, writeStream: { type: 'COMMITTED' } }, ONCE)
      if (!stream.name) throw new Error(`BigQuery gave no name to a write stream of ${table}.`)
      return stream.name
    },

    append: (stream, table, rows) => {
      const work = () => append(stream, table, rows)
      return appends.atOnce === 'one' ? turns.take('all', work) : work()
    },

    exists,

    async count(table, minute, eventIds) {
      const from = new Date(minute).toISOString()
      const query = bigquery.query({
        query: `SELECT COUNT(DISTINCT event_id) AS present FROM \`${projectId}.${dataset}.${table.table}\`
          WHERE event_date = CAST(@day AS DATE) AND event_id IN UNNEST(@eventIds)
            AND ${minuteColumn(table)} BETWEEN CAST(@from AS TIMESTAMP) AND CAST(@to AS TIMESTAMP)`,
        params: { day: from.slice(0, 10), from, to: from.replace(/00\.000Z$/, '59.999999Z'), eventIds },
        types: { day: 'STRING', from: 'STRING', to: 'STRING', eventIds: ['STRING'] },
      })
      const [rows] = await limited(clock, `BigQuery, count rows of ${table.table}`, query)
      return Number((rows as { present: number }[])[0]?.present)
    },
  }
}

/** The rows may be sent again at once: the offset keeps them from being there twice. */
const isForNow = ({ code }: Answer) => code === ABORTED || code === INTERNAL

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
