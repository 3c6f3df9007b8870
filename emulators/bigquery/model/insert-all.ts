import { invalidArgument } from '../../shared/index.ts'
import { coerceRow, type FieldError } from './coerce.ts'
import type { Table } from './table.ts'
import type { Tables } from './tables.ts'

export interface InsertRow {
  readonly insertId?: string
  readonly json: unknown
}

export interface InsertOptions {
  /** Puts the good rows in; otherwise one bad row stops all. */
  readonly skipInvalid: boolean
  readonly ignoreUnknown: boolean
}

export interface InsertFault {
  readonly index: number
  /** Empty: the row is good, but another one stopped it. */
  readonly errors: readonly FieldError[]
}

/** tabledata.insertAll: what could not go in. A row whose insertId went in within the last minute is taken for a repeat. */
export async function insertAll(
  tables: Tables,
  table: Table,
  request: InsertOptions & { readonly rows: readonly InsertRow[] },
): Promise<readonly InsertFault[]> {
  const { rows, skipInvalid, ignoreUnknown } = request
  if (rows.length === 0) throw invalidArgument('No rows present in the request.')
  const { columns } = table.definition
  const coerced = rows.map(({ insertId, json }, index) => ({
    insertId,
    index,
    ...coerceRow(columns, json, { ignoreUnknown }),
  }))
  const faults = coerced.filter(({ errors }) => errors.length > 0)
  if (faults.length > 0 && !skipInvalid) return coerced.map(({ index, errors }) => ({ index, errors }))
  const good = coerced.filter(({ errors }) => errors.length === 0)
  await tables.append(table, () => {
    const inRequest = new Set<string>()
    const fresh = good.filter(({ insertId }) => {
      if (!insertId) return true
      if (inRequest.has(insertId) || table.insertIds.has(insertId)) return false
      inRequest.add(insertId)
      return true
    })
    return {
      rows: fresh.map(({ row }) => row),
      written: () => {
        for (const id of inRequest) table.insertIds.add(id)
      },
    }
  })
  return faults
}
