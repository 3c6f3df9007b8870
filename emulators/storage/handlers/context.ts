import type { FastifyRequest } from 'fastify'
import type { Blobs } from '../blobs/index.ts'
import type { Checksums } from '../checksums.ts'
import type { Buckets } from '../model/buckets.ts'
import type { ObjectSettings } from '../model/object.ts'
import type { Preconditions } from '../model/preconditions.ts'
import type { UploadSessions } from '../model/upload-sessions.ts'

/** What every handler works on. */
export interface Context {
  readonly buckets: Buckets
  readonly blobs: Blobs
  readonly uploads: UploadSessions<UploadIntent>
}

/** What is to become of an upload. */
export interface UploadIntent {
  readonly bucket: string
  readonly name: string
  readonly settings: ObjectSettings
  readonly declared: Partial<Checksums>
  readonly required: Preconditions
}

/** The address by which the caller reached this emulator, without a slash at its end: links must lead back to it. */
export const baseUrl = ({ protocol, host }: FastifyRequest) => `${protocol}://${host}`

/** A path's parameters, decoded. */
export const pathOf = (request: FastifyRequest) => request.params as Readonly<Record<string, string>>
