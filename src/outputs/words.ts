import { count, counted } from '../text.ts'
import type { Discrepancy, Reconciliation } from './reconcile.ts'

/** `missing 0, duplicated 0`, and what else there is to complain of. */
export function inFigures({ missing, duplicated, unexpected, differing, strangeFiles }: Reconciliation): string {
  const others = { unexpected, differing, 'strange files': strangeFiles }
  const found = Object.entries(others).filter(([, { length }]) => length > 0)
  return [['missing', missing] as const, ['duplicated', duplicated] as const, ...found]
    .map(([name, { length }]) => `${name} ${count(length)}`)
    .join(', ')
}

/** What there is to complain of, of one kind: each event or file in words. */
export interface Complaints {
  readonly heading: string
  readonly entries: readonly string[]
}

/** Every complaint, the kinds that there is none of left out. */
export function complaintsOf(reconciliation: Reconciliation): Complaints[] {
  const { missing, duplicated, unexpected, differing, strangeFiles } = reconciliation
  const all = [
    { heading: 'Missing', entries: missing.map(missingInWords) },
    { heading: 'More than once', entries: duplicated.map((d) => `${nameOf(d)}: ${howOften(d)}`) },
    { heading: 'Published by nobody', entries: unexpected.map((d) => `${nameOf(d)}: ${howOften(d)}`) },
    {
      heading: 'In the wrong place, or not as received',
      entries: differing.map(({ event_id, what }) => `${event_id}: ${what}`),
    },
    { heading: 'Files that no pipeline wrote', entries: strangeFiles },
  ]
  return all.filter(({ entries }) => entries.length > 0)
}

export const missingInWords = (d: Discrepancy): string => `${nameOf(d)}: ${whatIsMissing(d)}`

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
