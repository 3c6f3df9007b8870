import { statSync } from 'node:fs'
import { join } from 'node:path'
import {
  DEAD_LETTER,
  type Discrepancy,
  type Extent,
  isReconciled,
  type OutputsDatabase,
  openOutputs,
  type Reconciliation,
  reconcile,
  writtenEvents,
} from '../../outputs/index.ts'
import type { Noted } from './published.ts'

export interface Judgement {
  readonly reconciliation: Reconciliation
  /** Raw lines whose rows may still come, and messages that may still be written: no fault yet. */
  readonly onTheWay: readonly Discrepancy[]
  /** How many there are, by the name of the table and of the type. */
  readonly counts: readonly Count[]
}

export interface Count {
  readonly table: string
  readonly type: string
  readonly rows: number
  readonly rawLines: number
}

export interface JudgeOptions {
  readonly folder: string
  readonly extent: Extent
  readonly published: readonly Noted[]
  /** What is younger may be on its way, in milliseconds since the epoch. */
  readonly settledBefore: number
  /** The type of each table's events, by table. */
  readonly typeOf: ReadonlyMap<string, string>
}

export const isGood = ({ reconciliation }: Judgement): boolean => isReconciled(reconciliation)

/** Holds the outputs against each other, and against what is known to have been published. */
export async function judge({ folder, extent, published, settledBefore, typeOf }: JudgeOptions): Promise<Judgement> {
  using outputs = await openOutputs(folder, {}, extent)
  const result = await reconcile(outputs, [...published, ...(await writtenEvents(outputs))])
  const young = new Set([
    ...published.filter(({ time = 0 }) => time >= settledBefore).map(({ event_id }) => event_id),
    ...(await youngLines(outputs, { folder, settledBefore, missing: result.missing })),
  ])
  // A file is written before its rows, and rows were read before files: a row without a line never had one.
  const mayStillCome = (d: Discrepancy) => d.rows === 0 && d.dead_letter_rows === 0 && young.has(d.event_id)
  const { true: onTheWay = [], false: missing = [] } = Object.groupBy(result.missing, (d) => `${mayStillCome(d)}`)
  return { reconciliation: { ...result, missing }, onTheWay, counts: await counts(outputs, typeOf) }
}

interface Lines {
  readonly folder: string
  readonly settledBefore: number
  readonly missing: readonly Discrepancy[]
}

/** The events among them with a line in a file that is younger. */
async function youngLines(outputs: OutputsDatabase, { folder, settledBefore, missing }: Lines): Promise<string[]> {
  const ids = JSON.stringify(missing.map(({ event_id }) => event_id))
  const lines = await outputs.sql(
    `SELECT event_id, path FROM raw_lines WHERE event_id IN (SELECT unnest(from_json($ids, '["VARCHAR"]')))`,
    { ids },
  )
  const isYoung = (path: string) => statSync(join(folder, path)).mtimeMs >= settledBefore
  return lines.filter(({ path }) => isYoung(String(path))).map(({ event_id }) => String(event_id))
}

/** Tables of the catalogue first, in its order. */
async function counts(outputs: OutputsDatabase, typeOf: ReadonlyMap<string, string>): Promise<Count[]> {
  const rows = await numbers(outputs, 'SELECT table_name AS name FROM table_rows')
  const lines = await numbers(outputs, 'SELECT event_type AS name FROM raw_lines')
  const known = [...typeOf].map(([table, type]) => ({ table, type }))
  const others = [...lines.keys()].filter((type) => type !== DEAD_LETTER && !known.some((one) => one.type === type))
  return [...known, ...others.map((type) => ({ table: '-', type }))].map(({ table, type }) => ({
    table,
    type,
    rows: rows.get(table) ?? 0,
    rawLines: lines.get(type) ?? 0,
  }))
}

async function numbers(outputs: OutputsDatabase, names: string): Promise<Map<string, number>> {
  const found = await outputs.sql(`SELECT name, count(*)::INTEGER AS n FROM (${names}) GROUP BY name`)
  return new Map(found.map(({ name, n }) => [String(name), Number(n)]))
}
