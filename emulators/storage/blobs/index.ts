export type { Blob, Blobs, BlobWriter } from './blobs.ts'
export { diskBlobs } from './disk.ts'
export { memoryBlobs } from './memory.ts'
