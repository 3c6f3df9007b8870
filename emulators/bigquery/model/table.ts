import type { InsertIds } from './insert-ids.ts'
import type { TableDefinition, TableReference } from './schema.ts'

export interface Table {
  readonly creationTime: number
  /** A new object whenever the columns change: who holds an older one knows that it is out of date. */
  definition: TableDefinition
  lastModifiedTime: number
  etag: string
  rows: number
  /** Logical bytes, counted as rows come in (see sizeOf). */
  bytes: number
  readonly insertIds: InsertIds
  /** Stops the timer of expirationTime. */
  cancelExpiration?: () => void
}

/** `project:dataset.table`, as the service's messages name it. */
export const tableName = ({ projectId, datasetId, tableId }: TableReference): string =>
  `${projectId}:${datasetId}.${tableId}`
