import { z } from 'zod'
import { columnTypes, type ScalarColumnType } from './fields.ts'

/** A column in the form of BigQuery's REST API (TableFieldSchema). */
export interface Column {
  readonly name: string
  readonly type: ScalarColumnType | 'RECORD'
  readonly mode: 'REQUIRED' | 'NULLABLE' | 'REPEATED'
  readonly description?: string
  readonly fields?: readonly Column[]
}

/** The columns that hold the JSON described by `schema`: one for each field, in order. */
export const columnsOf = (schema: z.ZodObject): Column[] =>
  Object.entries(schema.shape).map(([name, field]) => column(name, field as z.ZodType, 'REQUIRED'))

function column(name: string, field: z.ZodType, mode: Column['mode']): Column {
  if (field instanceof z.ZodOptional || field instanceof z.ZodNullable) {
    return column(name, field.unwrap() as z.ZodType, mode === 'REPEATED' ? mode : 'NULLABLE')
  }
  if (field instanceof z.ZodArray) return column(name, field.element as z.ZodType, 'REPEATED')
  if (field instanceof z.ZodObject) return { name, type: 'RECORD', mode, fields: columnsOf(field) }
  const known = columnTypes.get(field)
  if (!known) throw new Error(`The field ${name} is not made by catalogue/fields.ts, so it has no column type.`)
  return { name, type: known.column, mode, description: known.description }
}
