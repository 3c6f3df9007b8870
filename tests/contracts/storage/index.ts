import type { Contract } from '../contract.ts'
import type { StorageBackend } from './backend.ts'
import { buckets } from './buckets.ts'
import { copying } from './copying.ts'
import { listing } from './listing.ts'
import { preconditions } from './preconditions.ts'
import { reading } from './reading.ts'
import { writing } from './writing.ts'

/** Cloud Storage's JSON API v1, as https://cloud.google.com/storage/docs/json_api/v1 describes it. */
export const storageContract = {
  ...buckets,
  ...writing,
  ...reading,
  ...preconditions,
  ...copying,
  ...listing,
} satisfies Contract<StorageBackend>
