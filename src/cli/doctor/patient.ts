import type { Clients } from '../../clients.ts'
import type { Settings } from '../../settings.ts'

/** What is looked at. */
export interface Patient {
  readonly settings: Settings
  /** They send each request once: a check that tries again would outlast its time. */
  readonly clients: Clients
}

/** For each request of a gRPC client. */
export const ONCE = { timeout: 8_000, retry: null } as const

/** The names of checks that others need. */
export const CREDENTIALS = 'identity'
export const PUBSUB = 'Pub/Sub'
export const STORAGE = 'Cloud Storage'
export const BIGQUERY = 'BigQuery'
