import type { Reader } from 'protobufjs'
import { coerceScalar, inRange } from '../model/coerce.ts'
import { narrowed } from '../model/decimal.ts'
import type { ScalarType } from '../model/schema.ts'
import type { Value } from '../model/value.ts'

/** What stands in a field of a serialised row. */
export type Raw = bigint | number | boolean | string | Uint8Array

const INT32 = ['TYPE_INT32', 'TYPE_SINT32', 'TYPE_SFIXED32', 'TYPE_UINT32', 'TYPE_FIXED32']
const INT64 = ['TYPE_INT64', 'TYPE_SINT64', 'TYPE_SFIXED64', 'TYPE_UINT64', 'TYPE_FIXED64']
const INTEGERS = [...INT32, ...INT64]
const FLOATS = ['TYPE_DOUBLE', 'TYPE_FLOAT']

/** Wire types (protobuf.dev/programming-guides/encoding): 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
const EIGHT_BYTES = ['TYPE_DOUBLE', 'TYPE_FIXED64', 'TYPE_SFIXED64']
const FOUR_BYTES = ['TYPE_FLOAT', 'TYPE_FIXED32', 'TYPE_SFIXED32']
export function wireTypeOf(type: string): number {
  if (EIGHT_BYTES.includes(type)) return 1
  if (FOUR_BYTES.includes(type)) return 5
  return ['TYPE_STRING', 'TYPE_BYTES', 'TYPE_MESSAGE'].includes(type) ? 2 : 0
}

interface Long {
  readonly low: number
  readonly high: number
}
const big = (long: Long | number): bigint =>
  typeof long === 'number' ? BigInt(long) : (BigInt(long.high) << 32n) | BigInt(long.low >>> 0)

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** How a field of the protobuf type is read. Throws when the bytes are none of that type. */
export const READERS: Readonly<Record<string, (reader: Reader) => Raw>> = {
  TYPE_DOUBLE: (r) => r.double(),
  TYPE_FLOAT: (r) => r.float(),
  TYPE_INT64: (r) => BigInt.asIntN(64, big(r.int64())),
  TYPE_UINT64: (r) => BigInt.asUintN(64, big(r.uint64())),
  TYPE_INT32: (r) => r.int32(),
  TYPE_FIXED64: (r) => BigInt.asUintN(64, big(r.fixed64())),
  TYPE_FIXED32: (r) => r.fixed32(),
  TYPE_BOOL: (r) => r.bool(),
  TYPE_STRING: (r) => UTF8.decode(r.bytes()), // r.string() stops at the row's end, and mends what is no UTF-8
  TYPE_BYTES: (r) => r.bytes(),
  TYPE_UINT32: (r) => r.uint32(),
  TYPE_ENUM: (r) => r.int32(),
  TYPE_SFIXED32: (r) => r.sfixed32(),
  TYPE_SFIXED64: (r) => BigInt.asIntN(64, big(r.sfixed64())),
  TYPE_SINT32: (r) => r.sint32(),
  TYPE_SINT64: (r) => BigInt.asIntN(64, big(r.sint64())),
}

/** Which protobuf types a column takes (cloud.google.com/bigquery/docs/write-api#data_type_conversions). */
const TAKES: Readonly<Record<Exclude<ScalarType, 'INTERVAL'>, readonly string[]>> = {
  BOOL: ['TYPE_BOOL', ...INTEGERS],
  BYTES: ['TYPE_BYTES', 'TYPE_STRING'],
  DATE: ['TYPE_STRING', 'TYPE_INT32', 'TYPE_INT64', 'TYPE_SINT32', 'TYPE_SINT64', 'TYPE_SFIXED32', 'TYPE_SFIXED64'],
  DATETIME: ['TYPE_STRING', ...INT64],
  TIME: ['TYPE_STRING', ...INT64],
  FLOAT64: FLOATS,
  INT64: [...INTEGERS, 'TYPE_ENUM'],
  JSON: ['TYPE_STRING'],
  NUMERIC: ['TYPE_STRING', 'TYPE_BYTES', ...INTEGERS, ...FLOATS],
  BIGNUMERIC: ['TYPE_STRING', 'TYPE_BYTES', ...INTEGERS, ...FLOATS],
  STRING: ['TYPE_STRING', 'TYPE_ENUM'],
  TIMESTAMP: ['TYPE_STRING', ...INTEGERS],
}

export const takes = (column: ScalarType, protoType: string): boolean =>
  column !== 'INTERVAL' && TAKES[column].includes(protoType)

/** A field's content as a value of the column; undefined when it is not one. */
export function fromRaw(column: ScalarType, raw: Raw): Value | undefined {
  switch (column) {
    case 'BOOL':
      return Boolean(raw)
    case 'INT64':
      return BigInt.asIntN(64, BigInt(raw as bigint)) === BigInt(raw as bigint) ? BigInt(raw as bigint) : undefined
    case 'FLOAT64':
    case 'STRING':
      return raw as Value
    case 'BYTES':
      return typeof raw === 'string' ? Buffer.from(raw) : Buffer.from(raw as Uint8Array)
    case 'DATE':
      return typeof raw === 'string' ? coerceScalar('DATE', raw) : between(Number(raw), -719_162, 2_932_896)
    case 'TIMESTAMP':
      return typeof raw === 'string' ? coerceScalar('TIMESTAMP', raw) : inRange(BigInt(raw as bigint))
    case 'DATETIME':
      return typeof raw === 'string' ? coerceScalar('DATETIME', raw) : unpackDatetime(raw as bigint)
    case 'TIME':
      return typeof raw === 'string' ? coerceScalar('TIME', raw) : unpackTime(raw as bigint)
    case 'NUMERIC':
    case 'BIGNUMERIC':
      return raw instanceof Uint8Array ? unpackDecimal(column, raw) : coerceScalar(column, String(raw))
    default:
      return coerceScalar(column, String(raw))
  }
}

const between = (value: number, least: number, most: number) => (value >= least && value <= most ? value : undefined)

const bits = (packed: bigint, shift: bigint, width: bigint) =>
  ((packed >> shift) & ((1n << width) - 1n)).toString().padStart(2, '0')

/** CivilTimeEncoder of Google's clients: micros in 20 bits, then seconds 6, minutes 6, hours 5, days 5, months 4, years. */
function clockOf(packed: bigint): string {
  const [hour, minute, second] = [bits(packed, 32n, 5n), bits(packed, 26n, 6n), bits(packed, 20n, 6n)]
  return `${hour}:${minute}:${second}.${bits(packed, 0n, 20n).padStart(6, '0')}`
}

const unpackTime = (packed: bigint) => coerceScalar('TIME', clockOf(packed))

function unpackDatetime(packed: bigint) {
  const year = (packed >> 46n).toString().padStart(4, '0')
  return coerceScalar('DATETIME', `${year}-${bits(packed, 42n, 4n)}-${bits(packed, 37n, 5n)}T${clockOf(packed)}`)
}

/** BigDecimalByteStringEncoder of Google's clients: little-endian two's complement, times 10^9 or 10^38. */
function unpackDecimal(column: 'NUMERIC' | 'BIGNUMERIC', bytes: Uint8Array): bigint | undefined {
  const hex = Buffer.from(bytes).reverse().toString('hex')
  const scaled = hex === '' ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`))
  if (column === 'BIGNUMERIC') return narrowed(scaled)
  return scaled < 10n ** 38n && scaled > -(10n ** 38n) ? scaled : undefined
}
