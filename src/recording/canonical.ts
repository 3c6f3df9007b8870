import type { OutputsDatabase } from '../outputs/index.ts'
import type { Fixture } from './fixture.ts'

/** Outputs by the name of their file in `expected/`: JSON values, sorted, without what differs from run to run. */
export type CanonicalOutputs = ReadonlyMap<string, readonly Record<string, unknown>[]>

/** The name in the recording of what this run calls `messageId`. */
export type Renaming = ReadonlyMap<string, string>

/**
 * What the pipeline wrote, in the form in which it is kept and compared: one entry for each table with rows, and
 * `raw` for the raw lines with the folder that each lies in (how lines are spread over the files of one minute is
 * chance, and so are the folders of dead letters, which follow the publish time).
 */
export async function canonicalOutputs(
  outputs: OutputsDatabase,
  fixture: Pick<Fixture, 'volatile'>,
  renaming: Renaming,
): Promise<CanonicalOutputs> {
  const rows = await outputs.sql('SELECT table_name, line::VARCHAR AS line FROM table_rows')
  const lines = await outputs.sql(
    "SELECT event_type, regexp_replace(path, '/[^/]*$', '') AS folder, line::VARCHAR AS line FROM raw_lines",
  )
  const entries = [
    ...rows.map(({ table_name, line }) => [String(table_name), parse(line)] as const),
    ...lines.map(({ event_type, folder, line }) => {
      const where = event_type === '_dead_letter' ? 'output/_dead_letter' : folder
      return ['raw', { folder: where, line: parse(line) }] as const
    }),
  ]
  const volatile = new Set(fixture.volatile)
  const byFile = Map.groupBy(entries, ([file]) => file)
  return new Map(
    [...byFile]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([file, group]) => {
        const values = group.map(([, value]) => settle(value, volatile, renaming) as Record<string, unknown>)
        return [file, values.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))]
      }),
  )
}

/** A number that JavaScript would write otherwise (1.50, 12345678901234567890) is kept as its text: it must not change. */
const parse = (line: unknown): unknown =>
  JSON.parse(String(line), (_key, value, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
      ? { $number: context.source }
      : value,
  )

/** Sorts keys, drops volatile fields at any depth, and gives this run's message ids their recorded names. */
function settle(value: unknown, volatile: ReadonlySet<string>, renaming: Renaming): unknown {
  if (Array.isArray(value)) return value.map((item) => settle(item, volatile, renaming))
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value)
    .filter(([name]) => !volatile.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => [name, ID_FIELDS.has(name) ? renamed(field, renaming) : settle(field, volatile, renaming)])
  return Object.fromEntries(fields)
}

/** Where a message id may stand: event_id is the message id when the producer gave none. */
const ID_FIELDS = new Set(['event_id', 'message_id'])

const renamed = (id: unknown, renaming: Renaming) => (typeof id === 'string' ? (renaming.get(id) ?? id) : id)
