import type { Listening } from '../shared/index.ts'
import { type BigQueryOptions, serveBigQuery } from './server.ts'
import { compile } from './sql/index.ts'

export type { BigQueryOptions } from './server.ts'

/**
 * Starts the embedded BigQuery: `/bigquery/v2` and google.cloud.bigquery.storage.v1.BigQueryWrite on one port, in
 * memory. Disposing of it ends it and drops all that it holds.
 */
export const startBigQuery = (options: BigQueryOptions = {}): Promise<Listening> => serveBigQuery(compile, options)
