import { crc32, deflateRawSync } from 'node:zlib'

/** 1980-01-01, the first day that the format knows: the same files give the same bytes. */
const NO_TIME = { time: 0, date: (1 << 5) | 1 }
const UTF8 = 1 << 11
const DEFLATED = 8
const REGULAR_FILE = 0o100644

/** A ZIP archive (PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16) of files by their paths. */
export function zip(files: Readonly<Record<string, Buffer>>): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [path, content] of Object.entries(files)) {
    const name = Buffer.from(path)
    const data = deflateRawSync(content)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0) // version needed: 2.0
    common.writeUInt16LE(UTF8, 2)
    common.writeUInt16LE(DEFLATED, 4)
    common.writeUInt16LE(NO_TIME.time, 6)
    common.writeUInt16LE(NO_TIME.date, 8)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, data])

    const rest = Buffer.alloc(14)
    rest.writeUInt32LE((REGULAR_FILE << 16) >>> 0, 6)
    rest.writeUInt32LE(offset, 10)
    const madeBy = Buffer.from([20, 3]) // version 2.0, on Unix: so that the mode counts
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), madeBy, common, rest, name]))
    bodies.push(local)
    offset += local.length
  }
  const listing = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(directory.length, 4)
  end.writeUInt16LE(directory.length, 6)
  end.writeUInt32LE(listing.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...bodies, listing, Buffer.from('PK\x05\x06'), end])
}
