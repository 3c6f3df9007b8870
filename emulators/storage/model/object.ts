import { invalidArgument } from '../../shared/index.ts'
import type { Checksums } from '../checksums.ts'

/** What a caller may set on an object, besides its content. */
export interface ObjectSettings {
  readonly contentType?: string
  readonly contentEncoding?: string
  readonly contentDisposition?: string
  readonly contentLanguage?: string
  readonly cacheControl?: string
  readonly storageClass?: string
  /** RFC 3339, as it was given. */
  readonly customTime?: string
  readonly metadata?: Readonly<Record<string, string>>
}

/** One generation of an object. Never changed: a patch makes another record. */
export interface StoredObject {
  readonly bucket: string
  readonly name: string
  /** Microseconds since the epoch, unique in this emulator and increasing. */
  readonly generation: number
  /** From 1; each change of the settings adds one. */
  readonly metageneration: number
  /** Milliseconds since the epoch. */
  readonly timeCreated: number
  readonly updated: number
  readonly size: number
  readonly crc32c: string
  /** Absent on composed objects. */
  readonly md5Hash?: string
  /** Only on composed objects: how many parts there are in all. */
  readonly componentCount?: number
  readonly settings: ObjectSettings
}

/** Content that has arrived wholly: how large it is, and its checksums. */
export interface Digested extends Checksums {
  readonly size: number
}

const LARGEST_METADATA = 8 * 2 ** 10

/** cloud.google.com/storage/docs/objects#naming */
export function checkObjectName(name: string): void {
  const length = Buffer.byteLength(name)
  const forbidden =
    name === '.' || name === '..' || /[\r\n]/.test(name) || name.startsWith('.well-known/acme-challenge/')
  if (length === 0)
    throw invalidArgument('Required', { reason: 'required', location: { type: 'parameter', name: 'name' } })
  if (length > 1_024) {
    throw invalidArgument(`The specified object name is longer than 1024 bytes: it has ${length}.`)
  }
  if (forbidden || !name.isWellFormed()) throw invalidArgument(`Invalid object name: '${name}'`)
}

export function checkObjectSettings({ metadata = {}, storageClass, customTime }: ObjectSettings): void {
  const size = Object.entries(metadata).reduce((sum, [k, v]) => sum + Buffer.byteLength(k) + Buffer.byteLength(v), 0)
  if (size > LARGEST_METADATA) {
    throw invalidArgument(`The custom metadata has ${size} bytes, more than the maximum of ${LARGEST_METADATA}.`)
  }
  if (storageClass !== undefined) checkStorageClass(storageClass)
  if (customTime !== undefined && Number.isNaN(Date.parse(customTime))) {
    throw invalidArgument(`Invalid value for: Invalid format: "${customTime}"`)
  }
}

const STORAGE_CLASSES = ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE', 'MULTI_REGIONAL', 'REGIONAL']

export function checkStorageClass(storageClass: string): void {
  if (!STORAGE_CLASSES.includes(storageClass)) throw invalidArgument(`Invalid storage class: ${storageClass}`)
}

/** A custom time, once set, only moves forward (cloud.google.com/storage/docs/metadata#custom-time). */
export function checkCustomTime(before: string | undefined, after: string | undefined): void {
  if (before === undefined) return
  if (after === undefined) throw invalidArgument('Custom time cannot be removed once it is set.')
  if (Date.parse(after) < Date.parse(before)) throw invalidArgument('Custom time cannot be set to an earlier time.')
}

/** Refuses content that is not what the caller said it would be. */
export function checkDigests(declared: Partial<Checksums>, actual: Checksums): void {
  const { crc32c, md5Hash } = declared
  if (crc32c !== undefined && crc32c !== actual.crc32c) {
    throw invalidArgument(`Provided CRC32C "${crc32c}" doesn't match calculated CRC32C "${actual.crc32c}".`)
  }
  if (md5Hash !== undefined && md5Hash !== actual.md5Hash) {
    throw invalidArgument(`Provided MD5 hash "${md5Hash}" doesn't match calculated MD5 hash "${actual.md5Hash}".`)
  }
}
