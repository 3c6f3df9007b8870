import { styleText } from 'node:util'
import {
  type Answer,
  type Discrepancy,
  inFigures,
  isReconciled,
  type OutputsDatabase,
  type Reconciliation,
} from '../../outputs/index.ts'
import { count, figures } from '../../text.ts'
import type { Published } from './publish.ts'

/** All that an end-to-end run found out; `--json` prints it as it stands. */
export interface Report {
  readonly reconciliation: Reconciliation
  readonly answers: readonly Answer[]
  /** Dead letters whose reason is not the one that the malformed message was made for. */
  readonly wrongReasons: readonly WrongReason[]
  /** Messages that were delivered or published again, and whose event stood already; absent where nobody tells. */
  readonly duplicatesSuppressed?: number
  /** Fields that no definition names: kept in the raw file, left out of the row. */
  readonly unknownFields?: number
  /** Events made durable per second, from the first publish to the last of them. */
  readonly eventsPerSecond: number
  readonly seconds: number
  /** Where the outputs were kept, if they were. */
  readonly kept?: string
}

export interface WrongReason {
  readonly event_id: string
  readonly expected: string
  readonly actual: string
}

/** A malformed message must be told apart from others by its reason, not only end as some dead letter. */
export async function findWrongReasons(
  outputs: OutputsDatabase,
  published: readonly Published[],
): Promise<WrongReason[]> {
  const rows = await outputs.sql(
    "SELECT event_id, line ->> '$.reason' AS reason FROM table_rows WHERE table_name = 'dead_letters'",
  )
  const actual = new Map(rows.map(({ event_id, reason }) => [String(event_id), String(reason)]))
  return published.flatMap(({ event_id, reason: expected = 'none' }) => {
    const found = actual.get(event_id) ?? 'none'
    return found === expected ? [] : [{ event_id, expected, actual: found }]
  })
}

/** Every event is accounted for, as what it is, and both engines give the same answers. */
export const isGood = ({ reconciliation, answers, wrongReasons }: Report): boolean =>
  isReconciled(reconciliation) && wrongReasons.length === 0 && answers.every(({ agree }) => agree)

/** The summary for a person, at most 80 columns wide. */
export function summary(report: Report): string {
  const { reconciliation: r, answers } = report
  return [
    figures('Published', [
      ['messages', count(r.messages)],
      ['distinct events', count(r.published)],
    ]),
    figures('Rows in BigQuery', counted(r.rows)),
    figures('Raw lines in Cloud Storage', [...counted(r.rawLines), ['in files', count(r.rawFiles)]]),
    figures('Dead letters', counted(r.deadLetters)),
    figures('The pipeline', [
      ['duplicates suppressed', countOrSilence(report.duplicatesSuppressed)],
      ['unknown fields left out of rows', countOrSilence(report.unknownFields)],
      ['events per second', count(Math.round(report.eventsPerSecond))],
      ['seconds in all', report.seconds.toFixed(1)],
    ]),
    figures(
      'Questions to BigQuery and to the raw files',
      answers.map((answer) => [answer.name, inWords(answer)]),
    ),
    ...(report.kept ? [`Kept in ${report.kept}`] : []),
    ...complaints(report),
    verdict(report),
  ].join('\n\n')
}

const countOrSilence = (n: number | undefined) => (n === undefined ? 'told in its own log' : count(n))

const counted = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).map(([name, n]): [string, string] => [name, count(n)])

function inWords({ rows, agree }: Answer): string {
  if (!agree) return 'DIFFERENT ANSWERS'
  return rows === 0 ? 'nothing to answer with' : `${count(rows)} rows, same answer`
}

function verdict(report: Report): string {
  const text = `reconcile: ${inFigures(report.reconciliation)}`
  return styleText(isGood(report) ? 'green' : 'red', `${isGood(report) ? '✔' : '✖'} ${text}`)
}

/** The first of each kind of fault: enough to start looking. */
function complaints({ reconciliation, wrongReasons }: Report): string[] {
  const { missing, duplicated, unexpected, differing, strangeFiles } = reconciliation
  const places = (d: Discrepancy) =>
    `${d.event_id}: ${d.rows} rows, ${d.raw_lines} raw lines, ${d.dead_letter_rows} + ${d.dead_letter_lines} dead letters`
  return [
    ...listed('Missing', missing.map(places)),
    ...listed('Duplicated', duplicated.map(places)),
    ...listed('Unexpected', unexpected.map(places)),
    ...listed(
      'Rows and raw lines that differ',
      differing.map(({ event_id, what }) => `${event_id}: ${what}`),
    ),
    ...listed('Files that no pipeline wrote', strangeFiles),
    ...listed(
      'Dead letters with the wrong reason',
      wrongReasons.map(({ event_id, expected, actual }) => `${event_id}: expected ${expected}, got ${actual}`),
    ),
  ]
}

const SHOWN = 10

function listed(heading: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return []
  const more = lines.length > SHOWN ? [`  … and ${count(lines.length - SHOWN)} more`] : []
  return [[heading, ...lines.slice(0, SHOWN).map((line) => `  ${line}`), ...more].join('\n')]
}
