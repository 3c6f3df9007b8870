import { decimalText } from './decimal.ts'

/** A TableRow as BigQuery's REST API sends it: values without names, in the order of the schema. */
export interface RawRow {
  readonly f?: readonly { readonly v: unknown }[]
}

/** As much of a TableFieldSchema as reading takes. */
export interface Field {
  readonly name?: string
  readonly type?: string
  readonly mode?: string
  readonly description?: string
  readonly fields?: readonly Field[]
}

/**
 * A row in JSON: NUMERIC as decimal text that keeps every digit, INTEGER as text beyond 2^53, TIMESTAMP as RFC 3339 in
 * UTC with 3 digits of a second, or 6 where it needs them; DATE, DATETIME and TIME as their text, BYTES as base64.
 *
 * The client's own reading throws on some of them: whole numbers beyond 2^53, and decimals that stand as a fraction.
 */
export const decodeRow = (fields: readonly Field[], { f = [] }: RawRow): Record<string, unknown> =>
  Object.fromEntries(fields.map((field, i) => [field.name, decode(field, f[i]?.v ?? null)]))

function decode(field: Field, value: unknown): unknown {
  if (field.mode !== 'REPEATED') return value === null ? null : decodeValue(field, value)
  return ((value ?? []) as { v: unknown }[]).map(({ v }) => (v === null ? null : decodeValue(field, v)))
}

function decodeValue({ type, fields = [] }: Field, value: unknown): unknown {
  switch (type) {
    case 'RECORD':
    case 'STRUCT':
      return decodeRow(fields, value as RawRow)
    case 'INTEGER':
    case 'INT64':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    case 'FLOAT':
    case 'FLOAT64':
      return Number.isFinite(Number(value)) ? Number(value) : String(value)
    case 'BOOLEAN':
    case 'BOOL':
      return String(value) === 'true'
    case 'NUMERIC':
    case 'BIGNUMERIC':
      return decimalText(String(value))
    case 'TIMESTAMP':
      return instantText(BigInt(String(value)))
    default:
      return value
  }
}

/** `micros` since the Unix epoch. */
export function instantText(micros: bigint): string {
  const rest = ((micros % 1000n) + 1000n) % 1000n
  const text = new Date(Number((micros - rest) / 1000n)).toISOString()
  return rest === 0n ? text : text.replace('Z', `${String(rest).padStart(3, '0')}Z`)
}

/** Microseconds since the Unix epoch of an RFC 3339 time; further digits are cut. */
export function microsOf(time: unknown): bigint {
  const [, seconds, fraction = '', zone] = /^(.{19})(?:\.(\d+))?(.*)$/.exec(String(time)) ?? []
  return BigInt(Date.parse(`${seconds}${zone}`)) * 1_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'))
}
