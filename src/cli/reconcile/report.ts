import { styleText } from 'node:util'
import { type Complaints, complaintsOf, inFigures, missingInWords, type ResultColumn } from '../../outputs/index.ts'
import { count, counted } from '../../text.ts'
import { cellText, wrapped } from '../sql/cells.ts'
import { markdownCell } from '../sql/formats.ts'
import { table } from '../sql/table.ts'
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

function sections({ reconciliation, onTheWay }: Judgement): Complaints[] {
  if (onTheWay.length === 0) return complaintsOf(reconciliation)
  return [
    ...complaintsOf(reconciliation),
    { heading: 'Still on the way: no fault yet', entries: onTheWay.map(missingInWords) },
  ]
}

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
