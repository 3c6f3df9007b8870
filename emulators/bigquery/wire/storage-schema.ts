import type { Column } from '../model/schema.ts'

const TYPES: Partial<Record<Column['type'], string>> = { FLOAT64: 'DOUBLE' }

export interface FieldSchema {
  name: string
  type: string
  mode: string
  description: string
  fields: FieldSchema[]
}

/** google.cloud.bigquery.storage.v1.TableSchema */
export const renderStorageSchema = (columns: readonly Column[]): { fields: FieldSchema[] } => ({
  fields: columns.map(render),
})

const render = ({ name, type, mode, description = '', fields = [] }: Column): FieldSchema => ({
  name,
  type: TYPES[type] ?? type,
  mode,
  description,
  fields: fields.map(render),
})
