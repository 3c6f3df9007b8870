import { styleText } from 'node:util'
import type { Discrepancy, ResultColumn } from '../../outputs/index.ts'
import { inFigures } from '../e2e/report.ts'
import { cellText, wrapped } from '../sql/cells.ts'
import { markdownCell } from '../sql/formats.ts'
import { table } from '../sql/table.ts'
import { count, counted } from '../text.ts'
import { isGood, type Judgement } from './judge.ts'

/** Events and files that are named; of the others, how many. */
const SHOWN = 20

const column = (name: string, isNumber = false): ResultColumn => ({
  name,
  isNumber,
  type: isNumber ? 'BIGINT' : 'VARCHAR',
})
const COLUMNS = [column('table'), column('rows', true), column('raw files of'), column('lines', true), column('')]

export interface ReportOptions {
  /** What was looked at. */
  readonly about: string
  /** The columns of the terminal. */
  readonly width: number
  /** The options with which `sluice sql` looks at the same. */
  readonly bounds: string
}

/** For a person, at most so many columns wide. */
export function report(judgement: Judgement, { about, width, bounds }: ReportOptions): string {
  const rows = judgement.counts.map(({ table: name, type, rows: n, rawLines }) => [
    name,
    count(n),
    type,
    count(rawLines),
    n === rawLines ? 'as many' : 'NOT AS MANY',
  ])
  return [
    wrapped(about, width).join('\n'),
    table(COLUMNS, rows, width),
    ...sections(judgement).map(({ heading, entries }) =>
      [styleText('bold', heading), ...named(entries, width)].join('\n'),
    ),
    verdict(judgement, bounds),
  ].join('\n\n')
}

function named(entries: readonly string[], width: number): string[] {
  const shown = entries.slice(0, SHOWN).flatMap((entry) => wrapped(cellText(entry), width - 4).map(indented))
  return entries.length > SHOWN ? [...shown, `  … and ${count(entries.length - SHOWN)} more`] : shown
}

const indented = (line: string, i: number) => `${i === 0 ? '  ' : '    '}${line}`

/** The same for a pull request or a ticket. */
export function markdown(judgement: Judgement, { about }: { about: string }): string {
  const rows = judgement.counts.map((c) => `| ${c.table} | ${count(c.rows)} | ${c.type} | ${count(c.rawLines)} |`)
  return [
    `**${words(judgement)}**`,
    markdownCell(about),
    ['| table | rows | raw files of | lines |', '|---|---:|---|---:|', ...rows].join('\n'),
    ...sections(judgement).map(({ heading, entries }) =>
      [
        `### ${heading}`,
        '',
        ...entries.slice(0, SHOWN).map((entry) => `- ${markdownCell(entry)}`),
        ...(entries.length > SHOWN ? [`- … and ${count(entries.length - SHOWN)} more`] : []),
      ].join('\n'),
    ),
  ].join('\n\n')
}

interface Section {
  readonly heading: string
  readonly entries: readonly string[]
}

function sections({ reconciliation, onTheWay }: Judgement): Section[] {
  const { missing, duplicated, differing, strangeFiles } = reconciliation
  const all = [
    { heading: 'Missing', entries: missing.map((d) => `${nameOf(d)}: ${whatIsMissing(d)}`) },
    { heading: 'More than once', entries: duplicated.map((d) => `${nameOf(d)}: ${howOften(d)}`) },
    {
      heading: 'In the wrong place, or not as received',
      entries: differing.map(({ event_id, what }) => `${event_id}: ${what}`),
    },
    { heading: 'Files that no pipeline wrote', entries: strangeFiles },
    { heading: 'Still on the way: no fault yet', entries: onTheWay.map((d) => `${nameOf(d)}: ${whatIsMissing(d)}`) },
  ]
  return all.filter(({ entries }) => entries.length > 0)
}

const nameOf = ({ event_id }: Discrepancy) => event_id || '(a line or row without an event id)'

function whatIsMissing(d: Discrepancy): string {
  if (d.rows > 0) return 'a row, but no raw line'
  if (d.raw_lines > 0) return 'a raw line, but no row'
  if (d.dead_letter_rows > 0) return 'a dead letter in the table, but in no file'
  if (d.dead_letter_lines > 0) return 'a dead letter in a file, but not in the table'
  return 'published, but nowhere to be found'
}

const howOften = (d: Discrepancy) =>
  (
    [
      [d.rows, 'row'],
      [d.raw_lines, 'raw line'],
      [d.dead_letter_rows, 'dead letter row'],
      [d.dead_letter_lines, 'dead letter line'],
    ] as const
  )
    .filter(([n]) => n > 0)
    .map(([n, noun]) => counted(n, noun))
    .join(', ')

function words(judgement: Judgement): string {
  const { reconciliation, onTheWay } = judgement
  const way = onTheWay.length > 0 ? `, ${count(onTheWay.length)} on the way` : ''
  return `${isGood(judgement) ? '✔' : '✖'} reconcile: ${counted(reconciliation.published, 'event')}, ${inFigures(reconciliation)}${way}`
}

function verdict(judgement: Judgement, bounds: string): string {
  const text = styleText(isGood(judgement) ? 'green' : 'red', words(judgement))
  const { missing, duplicated, differing } = judgement.reconciliation
  const example = [...missing, ...duplicated, ...differing].map(({ event_id }) => event_id).find(isPlain)
  return example === undefined
    ? text
    : `${text}\nTrace one:\n  sluice sql "FROM trace('${example}')" --records${bounds}`
}

/** Needs no quoting in a shell. */
const isPlain = (id: string) => /^[\w.:@-]+$/.test(id)
