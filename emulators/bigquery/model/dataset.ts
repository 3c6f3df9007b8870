import type { Table } from './table.ts'

export interface DatasetReference {
  readonly projectId: string
  readonly datasetId: string
}

/** What a client decides about a dataset. */
export interface DatasetSettings {
  readonly friendlyName?: string
  readonly description?: string
  readonly labels?: Readonly<Record<string, string>>
  /** How long a new table of the dataset lives. */
  readonly defaultTableExpirationMs?: number
}

export interface Dataset {
  readonly reference: DatasetReference
  readonly location: string
  readonly creationTime: number
  settings: DatasetSettings
  lastModifiedTime: number
  etag: string
  readonly tables: Map<string, Table>
}
