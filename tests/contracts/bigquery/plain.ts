import { canonicalRow } from '../../../src/outputs/index.ts'

/** A row as the client gives it, in plain values: NUMERIC, times and dates as text, BYTES in base64. */
export const plain = (row: Record<string, unknown>): Record<string, unknown> =>
  shorten(canonicalRow(row)) as Record<string, unknown>

/** The client pads a fraction of a second to 3 or 9 digits, as it comes. */
function shorten(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/(T\d\d:\d\d:\d\d(?:\.\d*[1-9])?)\.?0*(Z?)$/, '$1$2')
  if (Array.isArray(value)) return value.map(shorten)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shorten(inner)]))
}
