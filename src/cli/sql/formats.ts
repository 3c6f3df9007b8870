import { styleText } from 'node:util'
import type { Result } from '../../outputs/index.ts'
import { count, counted } from '../../text.ts'
import { cellText } from './cells.ts'
import { type Row, records, table } from './table.ts'

export const FORMATS = ['table', 'records', 'json', 'csv', 'markdown'] as const
export type Format = (typeof FORMATS)[number]

/** Rows that a person is shown. */
const MOST_ROWS = { table: 100, records: 20 } as const

export interface Printing {
  readonly format: Format
  /** The columns of the terminal. */
  readonly width: number
  /** Resolves when more may be written; false when nobody reads any more. */
  readonly write: (text: string) => Promise<boolean>
}

/** Writes a result as it comes; of a table, what a person looks at, and how much there is. */
export async function print(result: Result, { format, width, write }: Printing): Promise<void> {
  if (format === 'table' || format === 'records') return printTable(result, { format, width, write })
  for await (const lines of LINES[format](result)) if (!(await write(lines))) return
}

async function printTable({ columns, rows }: Result, { format, width, write }: Printing): Promise<void> {
  const layout = format === 'records' ? 'records' : 'table'
  const shown: Row[] = []
  let total = 0
  for await (const row of rows) if (++total <= MOST_ROWS[layout]) shown.push(row)
  const text = (layout === 'records' ? records : table)(columns, shown, width)
  const more = total > shown.length ? `, the first ${count(shown.length)} shown; --csv and --json have them all` : ''
  await write(`${text === '' ? '' : `${text}\n`}${styleText('dim', `${counted(total, 'row')}${more}`)}\n`)
}

type Lines = (result: Result) => AsyncGenerator<string>

const LINES: Readonly<Record<Exclude<Format, 'table' | 'records'>, Lines>> = {
  async *json({ columns, rows }) {
    let before = '['
    for await (const row of rows) {
      yield `${before}\n  ${JSON.stringify(Object.fromEntries(columns.map(({ name }, i) => [name, row[i]])))}`
      before = ','
    }
    yield before === '[' ? '[]\n' : '\n]\n'
  },
  /** RFC 4180; NULL is nothing, an empty text is `""`. */
  async *csv({ columns, rows }) {
    yield `${columns.map(({ name }) => field(name)).join(',')}\r\n`
    for await (const row of rows) yield `${row.map(field).join(',')}\r\n`
  },
  async *markdown({ columns, rows }) {
    yield `| ${columns.map(({ name }) => markdownCell(name)).join(' | ')} |\n`
    yield `|${columns.map(({ isNumber }) => (isNumber ? '---:' : '---')).join('|')}|\n`
    for await (const row of rows) yield `| ${row.map(markdownCell).join(' | ')} |\n`
  },
}

function field(value: unknown): string {
  if (value === null) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export const markdownCell = (value: unknown): string => cellText(value).replaceAll(/[\\|<`*_[\]]/g, '\\$&')
