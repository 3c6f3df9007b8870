import { bytesField, type ServiceError, wire } from '../../shared/index.ts'
import { STORAGE_CODES, WriteFault } from '../model/write-fault.ts'

const STORAGE_ERROR = 'google.cloud.bigquery.storage.v1.StorageError'

/** StorageError { code = 1, entity = 2, error_message = 3 }, as a detail of an error that has one. */
export function detailsOf(error: ServiceError): { type: string; value: Uint8Array }[] {
  if (!(error instanceof WriteFault)) return []
  const code = Buffer.from([0x08, STORAGE_CODES[error.storageCode]])
  const texts = [bytesField(2, Buffer.from(error.entity)), bytesField(3, Buffer.from(error.message))]
  return [{ type: STORAGE_ERROR, value: Buffer.concat([code, ...texts]) }]
}

/** google.rpc.Status as a field of a response. */
export const renderStatus = (error: ServiceError) => ({
  code: wire[error.code].grpc,
  message: error.message,
  details: detailsOf(error).map(({ type, value }) => ({ type_url: `type.googleapis.com/${type}`, value })),
})
