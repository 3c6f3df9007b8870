import type { Catalog } from '../model/catalog.ts'
import type { Jobs } from '../model/jobs.ts'
import type { Store } from '../model/store.ts'
import type { Tables } from '../model/tables.ts'
import type { WriteStreams } from '../model/write-streams.ts'

/** What the handlers of both protocols work on. */
export interface Context {
  readonly catalog: Catalog
  readonly tables: Tables
  readonly store: Store
  readonly jobs: Jobs
  readonly streams: WriteStreams
}
