import { deadLetters } from '../catalogue/index.ts'
import { expectedAndGot, inLine } from '../replay/index.ts'
import { count, counted, cut, wrapped } from '../text.ts'
import { insideOf } from './inside.ts'
import type { Matched } from './matchers.ts'
import { type Row, readTable } from './outputs.ts'
import { type Difference, differencesOf } from './row-differences.ts'
import { notDurableYet } from './settled.ts'

/** Rows that are shown, those that differ least. */
const NEAREST = 3
/** Of each, so many differences. */
const DIFFERENCES = 5

/** `expect(stack).toHaveRow('orders', { order_id: 'order-1', total_amount: 59.98 })` */
export async function toHaveRow(stack: unknown, table: string, columns: Record<string, unknown>): Promise<Matched> {
  const inside = insideOf(stack, 'toHaveRow')
  const notYet = notDurableYet(inside)
  const { fields, rows } = await readTable(inside.own, table)
  // Against an empty row too, so that a column which is not there is told where there are no rows.
  void [...differencesOf(fields, columns, {})]
  const compared = rows.map((row) => ({ row, differences: [...differencesOf(fields, columns, row)] }))
  const found = compared.filter(({ differences }) => differences.length === 0)
  const letters =
    table === deadLetters.table || found.length > 0 ? [] : (await readTable(inside.own, deadLetters.table)).rows
  return {
    pass: found.length > 0,
    message: () =>
      [
        `expected ${table} to have ${found.length > 0 ? 'no row' : 'a row'} with`,
        ...Object.entries(columns).map(([name, value]) => cut(`  ${name}: ${inLine(value)}`)),
        ...(found.length > 0 ? whatIsThere(found) : whatIsNearest(compared)),
        ...deadLettersInWords(letters),
        ...notYet,
      ].join('\n'),
  }
}

interface Compared {
  readonly row: Row
  readonly differences: readonly Difference[]
}

const whatIsThere = (found: readonly Compared[]): string[] => [
  `but ${found.length === 1 ? 'this row is' : `${count(found.length)} rows are`} there:`,
  ...found.slice(0, NEAREST).map(({ row }) => cut(`  ${row.event_id}`)),
]

function whatIsNearest(compared: readonly Compared[]): string[] {
  if (compared.length === 0) return ['but the table has no rows.']
  const nearest = [...compared].sort((a, b) => a.differences.length - b.differences.length).slice(0, NEAREST)
  return [
    compared.length === 1
      ? 'but its one row is another:'
      : `but none of its ${count(compared.length)} rows is one. The nearest:`,
    ...nearest.flatMap(({ row, differences }) => [
      cut(`  ${row.event_id}`),
      ...differences.slice(0, DIFFERENCES).map(({ path, expected, actual }) => expectedAndGot(path, expected, actual)),
      ...(differences.length > DIFFERENCES ? [`    … and ${count(differences.length - DIFFERENCES)} more`] : []),
    ]),
  ]
}

/** An event that became a dead letter is in no other table. */
function deadLettersInWords(letters: readonly Row[]): string[] {
  if (letters.length === 0) return []
  const [{ event_id, reason, detail }] = letters as [Row]
  const isOne = letters.length === 1
  return [
    wrapped(`${counted(letters.length, 'dead letter')} ${isOne ? 'is' : 'are'} there${isOne ? '' : ', the first'}:`),
    wrapped(`  ${event_id}: ${reason}: ${detail}`),
  ]
}
