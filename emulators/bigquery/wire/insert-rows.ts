import { invalidArgument } from '../../shared/index.ts'
import type { InsertRow } from '../model/insert-all.ts'
import { Fields } from './fields.ts'

/** `rows` of tabledata.insertAll: `{ insertId?, json }` each. Anything else makes the whole request invalid. */
export function readInsertRows(rows: readonly unknown[]): InsertRow[] {
  return rows.map((item, index) => {
    const row = new Fields(item, `rows[${index}]`)
    const unknown = Object.keys(item as object).find((name) => name !== 'insertId' && name !== 'json')
    if (unknown !== undefined) {
      throw invalidArgument(`Invalid JSON payload received. Unknown name "${unknown}" at 'rows[${index}]'`)
    }
    row.object('json') // refuses a list or a scalar
    return { insertId: row.text('insertId') ?? undefined, json: row.any('json') ?? {} }
  })
}
