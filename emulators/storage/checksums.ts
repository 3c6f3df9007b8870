import { createHash } from 'node:crypto'

/** The checksums of Cloud Storage as they stand in its JSON: base64, the CRC32C in big-endian byte order. */
export interface Checksums {
  readonly crc32c: string
  readonly md5Hash: string
}

/** Both checksums of content that arrives in pieces. */
export class Digest {
  #crc = 0
  #md5 = createHash('md5')

  update(bytes: Uint8Array): void {
    this.#crc = crc32c(bytes, this.#crc)
    this.#md5.update(bytes)
  }

  /** May be called once. */
  checksums(): Checksums {
    const crc = Buffer.alloc(4)
    crc.writeUInt32BE(this.#crc)
    return { crc32c: crc.toString('base64'), md5Hash: this.#md5.digest('base64') }
  }
}

/** Castagnoli's polynomial, bits reversed (RFC 3720, appendix B.4). */
const POLYNOMIAL = 0x82f63b78
const [T0, T1, T2, T3, T4, T5, T6, T7] = tables()

/** `before` is the checksum of what came before. Eight bytes a step ("slicing-by-8"): Node has no native CRC32C. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let crc = ~before
  let at = 0
  for (const end = bytes.length - 7; at < end; at += 8) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
    crc =
      T7[low & 255]! ^
      T6[(low >>> 8) & 255]! ^
      T5[(low >>> 16) & 255]! ^
      T4[low >>> 24]! ^
      T3[bytes[at + 4]!]! ^
      T2[bytes[at + 5]!]! ^
      T1[bytes[at + 6]!]! ^
      T0[bytes[at + 7]!]!
  }
  for (; at < bytes.length; at++) crc = T0[(crc ^ bytes[at]!) & 255]! ^ (crc >>> 8)
  return ~crc >>> 0
}

type Eight<T> = [T, T, T, T, T, T, T, T]

/** The k-th table advances a byte's checksum by k further zero bytes. */
function tables(): Eight<Int32Array> {
  const all = Array.from({ length: 8 }, () => new Int32Array(256)) as Eight<Int32Array>
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    all[0][byte] = crc
  }
  for (let k = 1; k < 8; k++) {
    for (let byte = 0; byte < 256; byte++) {
      const shorter = all[k - 1]![byte]!
      all[k]![byte] = all[0][shorter & 255]! ^ (shorter >>> 8)
    }
  }
  return all
}
