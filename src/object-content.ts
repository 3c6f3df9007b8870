import type { Readable } from 'node:stream'
import type { File } from '@google-cloud/storage'

/** The client puts eleven on the response: one more than Node takes for granted, so that it would warn of a leak. */
const LISTENERS = 16

/** What an object of Cloud Storage holds. Like `file.download()`, but for the warning. */
export const contentOf = (file: File): Readable =>
  file.createReadStream().on('response', (response: Readable) => response.setMaxListeners(LISTENERS))
