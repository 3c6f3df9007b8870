import { type Code, ServiceError } from '../../shared/index.ts'

/** google.cloud.bigquery.storage.v1.StorageError.StorageErrorCode */
export const STORAGE_CODES = {
  TABLE_NOT_FOUND: 1,
  STREAM_ALREADY_COMMITTED: 2,
  STREAM_NOT_FOUND: 3,
  INVALID_STREAM_TYPE: 4,
  INVALID_STREAM_STATE: 5,
  STREAM_FINALIZED: 6,
  SCHEMA_MISMATCH_EXTRA_FIELDS: 7,
  OFFSET_ALREADY_EXISTS: 8,
  OFFSET_OUT_OF_RANGE: 9,
} as const
export type StorageCode = keyof typeof STORAGE_CODES

/** A ServiceError of the Storage Write API, which says more closely what is wrong, and with which stream or table. */
export class WriteFault extends ServiceError {
  readonly storageCode: StorageCode
  readonly entity: string

  constructor(code: Code, message: string, { storageCode, entity }: { storageCode: StorageCode; entity: string }) {
    super(code, `${message} Entity: ${entity}`)
    this.name = 'WriteFault'
    this.storageCode = storageCode
    this.entity = entity
  }
}
