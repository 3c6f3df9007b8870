import { type Disagreement, disagreements } from './agreement.ts'
import type { OutputsDatabase } from './database.ts'

/** What was published: one entry for each message; several may have the same event_id. */
/** A message that the topic has taken, by the name that the outputs give it. */
export interface PublishedMessage {
  /** The attribute event_id, or else the message id. */
  readonly event_id: string
}

/** What reconcile() found. */
export interface Reconciliation {
  /** Messages, and the distinct event ids among them. */
  readonly messages: number
  readonly published: number
  readonly rows: Readonly<Record<string, number>>
  readonly rawLines: Readonly<Record<string, number>>
  readonly rawFiles: number
  /** Dead letters by reason, as the table has them. */
  readonly deadLetters: Readonly<Record<string, number>>
  /** Published, but without its row and its raw line, or without its dead letter in the table and in the file. */
  readonly missing: readonly Discrepancy[]
  /** More than one row, line or dead letter, or a dead letter beside a row or a line. */
  readonly duplicated: readonly Discrepancy[]
  /** Found in the outputs, though nobody published it. */
  readonly unexpected: readonly Discrepancy[]
  /** Events whose row and raw line do not say the same, or stand in the wrong place. */
  readonly differing: readonly Disagreement[]
  /** Files among the raw files that the pipeline does not write. */
  readonly strangeFiles: readonly string[]
}

/** How often an event id was found in each place. */
export interface Discrepancy {
  readonly event_id: string
  readonly rows: number
  readonly raw_lines: number
  readonly dead_letter_rows: number
  readonly dead_letter_lines: number
}

/** Everything that was published is accounted for, once, and as it was sent. */
export const isReconciled = (result: Reconciliation): boolean =>
  [result.missing, result.duplicated, result.unexpected, result.differing, result.strangeFiles].every(
    ({ length }) => length === 0,
  )

/**
 * Holds what was published against what the pipeline wrote: each event id must have exactly one row and one raw line, or
 * exactly one dead letter (a row in `dead_letters` and a line in a dead-letter file). An event's row must say what its
 * raw line says, and both must stand where they belong.
 */
export async function reconcile(
  outputs: OutputsDatabase,
  published: readonly PublishedMessage[],
): Promise<Reconciliation> {
  const ids = new Set(published.map(({ event_id }) => event_id))
  const found = new Map((await countsByEvent(outputs)).map((counts) => [counts.event_id, counts]))
  const all = [...ids].map((event_id) => found.get(event_id) ?? { ...NOWHERE, event_id })
  return {
    messages: published.length,
    published: ids.size,
    rows: await countBy(outputs, "SELECT table_name AS name FROM table_rows WHERE table_name <> 'dead_letters'"),
    rawLines: await countBy(outputs, "SELECT event_type AS name FROM raw_lines WHERE event_type <> '_dead_letter'"),
    rawFiles: Number((await outputs.sql('SELECT count(DISTINCT path) AS files FROM raw_lines'))[0]?.files),
    deadLetters: await countBy(
      outputs,
      "SELECT line ->> '$.reason' AS name FROM table_rows WHERE table_name = 'dead_letters'",
    ),
    missing: all.filter(isMissing),
    duplicated: all.filter(isDuplicated),
    unexpected: [...found.values()].filter(({ event_id }) => !ids.has(event_id)),
    differing: await disagreements(outputs),
    strangeFiles: outputs.strangeFiles,
  }
}

const NOWHERE = { rows: 0, raw_lines: 0, dead_letter_rows: 0, dead_letter_lines: 0 }

const isEvent = ({ rows, raw_lines }: Discrepancy) => rows > 0 && raw_lines > 0
const isDeadLetter = (d: Discrepancy) => d.dead_letter_rows > 0 && d.dead_letter_lines > 0
const isMissing = (d: Discrepancy) => !isEvent(d) && !isDeadLetter(d)
const isDuplicated = (d: Discrepancy) =>
  Math.max(d.rows, d.raw_lines) + Math.max(d.dead_letter_rows, d.dead_letter_lines) > 1

/** Every event id that stands anywhere in the outputs: what must be accounted for where nobody knows what was published. */
export const writtenEvents = async (outputs: OutputsDatabase): Promise<PublishedMessage[]> =>
  (await countsByEvent(outputs)).map(({ event_id }) => ({ event_id }))

/** Every event id of the outputs with how often it stands where. */
async function countsByEvent(outputs: OutputsDatabase): Promise<Discrepancy[]> {
  const rows = await outputs.sql(`
    SELECT
      coalesce(event_id, '') AS event_id,
      sum(place = 'row')::INTEGER AS rows,
      sum(place = 'line')::INTEGER AS raw_lines,
      sum(place = 'dead row')::INTEGER AS dead_letter_rows,
      sum(place = 'dead line')::INTEGER AS dead_letter_lines
    FROM (
      SELECT event_id, if(table_name = 'dead_letters', 'dead row', 'row') AS place FROM table_rows
      UNION ALL
      SELECT event_id, if(event_type = '_dead_letter', 'dead line', 'line') AS place FROM raw_lines
    )
    GROUP BY ALL`)
  return rows as unknown as Discrepancy[]
}

async function countBy(outputs: OutputsDatabase, names: string): Promise<Record<string, number>> {
  const rows = await outputs.sql(`SELECT name, count(*)::INTEGER AS n FROM (${names}) GROUP BY name ORDER BY name`)
  return Object.fromEntries(rows.map(({ name, n }) => [String(name), Number(n)]))
}
