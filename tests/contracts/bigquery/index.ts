import type { Contract } from '../contract.ts'
import type { BigQueryBackend } from './backend.ts'
import { datasets } from './datasets.ts'
import { insertAll } from './insert-all.ts'
import { jobs } from './jobs.ts'
import { queries } from './queries.ts'
import { rows } from './rows.ts'
import { tables } from './tables.ts'
import { writeApi } from './write-api.ts'

export { type BigQueryBackend, bigqueryBackend } from './backend.ts'

/** What BigQuery's REST API and its Storage Write API promise. */
export const bigqueryContract = {
  ...datasets,
  ...tables,
  ...insertAll,
  ...queries,
  ...jobs,
  ...writeApi,
  ...rows,
} satisfies Contract<BigQueryBackend>
