import type { SqlType } from './schema.ts'

/**
 * A value of GoogleSQL inside the emulator, by its type:
 *
 * | type | form |
 * |---|---|
 * | BOOL | boolean |
 * | INT64 | bigint |
 * | FLOAT64 | number |
 * | NUMERIC, BIGNUMERIC | bigint: the value times 10^9, or times 10^18 |
 * | STRING, JSON | string: JSON as its text |
 * | BYTES | Uint8Array |
 * | DATE | number: days since 1970-01-01 |
 * | TIME | bigint: microseconds since midnight |
 * | DATETIME, TIMESTAMP | bigint: microseconds since 1970-01-01, of the civil time or of the instant |
 * | INTERVAL | Interval |
 * | ARRAY, STRUCT | an array, a struct's fields in their order; fields missing at its end are NULL |
 */
export type Value = null | boolean | bigint | number | string | Uint8Array | Interval | readonly Value[]

/** A row of a table or a result: one value for each column. */
export type Row = readonly Value[]

export interface Interval {
  readonly months: number
  readonly days: number
  readonly micros: bigint
}

/** Logical bytes, as BigQuery bills them (cloud.google.com/bigquery/docs/storage_overview, data type sizes). */
export function sizeOf(type: SqlType, value: Value | undefined): number {
  if (value === null || value === undefined) return 0
  if (type.kind === 'ARRAY') return (value as Row).reduce((sum: number, item) => sum + sizeOf(type.element, item), 0)
  if (type.kind === 'STRUCT') {
    return type.fields.reduce((sum, field, i) => sum + sizeOf(field.type, (value as Row)[i]), 0)
  }
  switch (type.kind) {
    case 'BOOL':
      return 1
    case 'STRING':
    case 'JSON':
      return 2 + Buffer.byteLength(value as string)
    case 'BYTES':
      return 2 + (value as Uint8Array).length
    case 'NUMERIC':
    case 'INTERVAL':
      return 16
    case 'BIGNUMERIC':
      return 32
    default:
      return 8
  }
}
