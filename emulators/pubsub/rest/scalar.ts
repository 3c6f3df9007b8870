/** Why a JSON value cannot be read; '' where the value alone says it. */
export class Problem {
  readonly text: string
  constructor(text = '') {
    this.text = text
  }
}

/** Reads one JSON value into what protobufjs makes a message of; a Problem when it is of another type. */
export type Read = (json: unknown) => unknown

const INTEGER = /^-?\d+$/
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/

const integer =
  (bits: 32n | 64n): Read =>
  (json) => {
    const exact = Number.isSafeInteger(json) || (typeof json === 'string' && INTEGER.test(json))
    if (!exact) return new Problem()
    const value = BigInt(json as number | string)
    if (BigInt.asIntN(Number(bits), value) !== value) return new Problem()
    return bits === 32n ? Number(value) : String(value)
  }

function bytes(json: unknown): unknown {
  if (typeof json !== 'string') return new Problem()
  const digits = json.replace(/=+$/, '').length
  if (!BASE64.test(json) || digits % 4 === 1) {
    return new Problem(`Base64 decoding failed for ${JSON.stringify(json)}`)
  }
  return Buffer.from(json, 'base64')
}

function bool(json: unknown): unknown {
  if (json === 'true' || json === 'false') return json === 'true'
  return typeof json === 'boolean' ? json : new Problem()
}

/** protobuf.dev/programming-guides/json, for the scalar types that Pub/Sub's messages have. */
export const READ_SCALAR: Readonly<Record<string, Read>> = {
  string: (json) => (typeof json === 'string' ? json : new Problem()),
  bool,
  bytes,
  int32: integer(32n),
  int64: integer(64n),
}

/** The JSON of a scalar that is set. */
export function writeScalar(type: string, value: unknown): unknown {
  if (type === 'bytes') return base64(value as Uint8Array)
  return type === 'int64' ? String(value) : value
}

const base64 = ({ buffer, byteOffset, length }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, length).toString('base64')
