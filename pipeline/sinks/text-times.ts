import type { Column, TableDefinition } from '../../src/catalogue/index.ts'
import { timestampText } from '../transforms/instant.ts'
import type { Cell, Row } from '../transforms/to-row.ts'

type Table = Pick<TableDefinition, 'table' | 'columns'>

/** The same table and rows, with each DATE and TIMESTAMP as text: `2024-01-15`, `2024-01-15T10:30:00.123456Z`. */
export const withTextTimes = (table: Table, rows: readonly Row[]): { table: Table; rows: Row[] } => ({
  table: { table: table.table, columns: columnsInText(table.columns) },
  rows: rows.map((row) => rowInText(table.columns, row)),
})

const isTime = ({ type }: Column) => type === 'DATE' || type === 'TIMESTAMP'

const columnsInText = (columns: readonly Column[]): Column[] =>
  columns.map((column) => ({
    ...column,
    ...(isTime(column) && { type: 'STRING' }),
    ...(column.fields && { fields: columnsInText(column.fields) }),
  }))

function rowInText(columns: readonly Column[], row: Row): Row {
  const changed = columns.filter((column) => row[column.name] !== undefined && (isTime(column) || column.fields))
  const entries = changed.map((column) => {
    const value = row[column.name] as Cell | readonly Cell[]
    const inText = Array.isArray(value)
      ? value.map((item: Cell) => cellInText(column, item))
      : cellInText(column, value as Cell)
    return [column.name, inText]
  })
  return { ...row, ...Object.fromEntries(entries) }
}

function cellInText({ type, fields = [] }: Column, cell: Cell): Cell {
  if (type === 'RECORD') return rowInText(fields, cell as Row)
  if (type === 'DATE') return new Date((cell as number) * 86_400_000).toISOString().slice(0, 10)
  return timestampText(cell as bigint)
}
