import { styleText } from 'node:util'
import type { ResultColumn } from '../../outputs/index.ts'
import { cellText, padded, truncated, widthOf, wrapped } from './cells.ts'

export type Row = readonly unknown[]

const GAP = '  '
/** A column of text is not cut below this. */
const LEAST_WIDTH = 12
/** Lines of one value, where each row is a record. */
const MOST_LINES = 12

/**
 * Rows as a table of at most so many columns of the terminal: numbers to the right and never cut, texts cut to what there
 * is room for. When there is not enough, each row is a record with a line for each value, as with psql's `\x auto`.
 */
export function table(columns: readonly ResultColumn[], rows: readonly Row[], width: number): string {
  const cells = rows.map((row) => row.map(cellText))
  const needed = columns.map(({ name }, i) =>
    cells.reduce((most, row) => Math.max(most, widthOf(row[i]!)), widthOf(cellText(name))),
  )
  const widths = fitted(columns, needed, width)
  if (!widths) return records(columns, rows, width)
  const line = (texts: readonly string[]) =>
    texts.map((text, i) => padded(truncated(text, widths[i]!), widths[i]!, columns[i]!.isNumber ? 'right' : 'left'))
  return [
    styleText(
      'bold',
      line(columns.map(({ name }) => cellText(name)))
        .join(GAP)
        .trimEnd(),
    ),
    widths.map((n) => '─'.repeat(n)).join(GAP),
    ...cells.map((texts, r) =>
      line(texts)
        .map((text, i) => (rows[r]![i] === null ? styleText('dim', text) : text))
        .join(GAP)
        .trimEnd(),
    ),
  ].join('\n')
}

/** The width of each column; undefined when they do not fit beside each other. */
function fitted(columns: readonly ResultColumn[], needed: readonly number[], width: number): number[] | undefined {
  const room = width - GAP.length * (columns.length - 1)
  const isRigid = (i: number) => columns[i]!.isNumber || /^(TIMESTAMP|DATE|TIME|BOOLEAN)/.test(columns[i]!.type)
  const capped = (cap: number) => needed.map((n, i) => (isRigid(i) ? n : Math.min(n, cap)))
  const fits = (cap: number) => capped(cap).reduce((sum, n) => sum + n, 0) <= room
  for (let cap = Math.max(LEAST_WIDTH, ...needed); cap >= LEAST_WIDTH; cap--) if (fits(cap)) return capped(cap)
  return undefined
}

/** Each row as lines of name and value; long values go on below. */
export function records(columns: readonly ResultColumn[], rows: readonly Row[], width: number): string {
  const names = columns.map(({ name }) => truncated(cellText(name), Math.floor(width / 3)))
  const left = Math.max(0, ...names.map(widthOf))
  const room = Math.max(8, width - left - GAP.length)
  return rows
    .map((row, r) => {
      const head = `── ${r + 1} `
      const lines = row.flatMap((value, i) => {
        const parts = wrapped(cellText(value), room)
        const shown = parts.length > MOST_LINES ? [...parts.slice(0, MOST_LINES), '…'] : parts
        const style = (text: string) => (value === null ? styleText('dim', text) : text)
        return shown.map((part, n) => `${padded(n === 0 ? names[i]! : '', left, 'left')}${GAP}${style(part)}`.trimEnd())
      })
      return [styleText('dim', head + '─'.repeat(Math.max(0, width - head.length))), ...lines].join('\n')
    })
    .join('\n')
}
