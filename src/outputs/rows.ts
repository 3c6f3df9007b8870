import { BigQueryDate, BigQueryDatetime, BigQueryTime, BigQueryTimestamp } from '@google-cloud/bigquery'

/** A decimal as the BigQuery client gives it (big.js). */
interface Decimal {
  toFixed(): string
}

/**
 * A row as the BigQuery client gives it, in JSON: NUMERIC as decimal text that keeps every digit, TIMESTAMP as RFC 3339
 * in UTC, DATE, DATETIME and TIME as their text, BYTES as base64.
 */
export const canonicalRow = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, canonical(value)]))

function canonical(value: unknown): unknown {
  if (value instanceof BigQueryTimestamp || value instanceof BigQueryDate) return value.value
  if (value instanceof BigQueryDatetime || value instanceof BigQueryTime) return value.value
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (Array.isArray(value)) return value.map(canonical)
  if (isDecimal(value)) return value.toFixed()
  if (typeof value === 'object' && value !== null) return canonicalRow(value as Record<string, unknown>)
  return value
}

const isDecimal = (value: unknown): value is Decimal =>
  typeof value === 'object' && value !== null && 'toFixed' in value && typeof value.toFixed === 'function'
