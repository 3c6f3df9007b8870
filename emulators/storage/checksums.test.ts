import { CRC32C } from '@google-cloud/storage'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32c, Digest } from './checksums.ts'

test('the CRC32C of "123456789" is the check value of the polynomial (RFC 3720, B.4)', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
})

test('checksums do not depend on how content is cut into pieces, and agree with the official client', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
      const digest = new Digest()
      for (const piece of pieces) digest.update(piece)
      const theirs = new CRC32C()
      theirs.update(Buffer.concat(pieces))
      expect(digest.checksums().crc32c).toBe(theirs.toString())
    }),
  )
})
