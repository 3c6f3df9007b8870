/** JSON.parse with source text access (ES2026): TypeScript's library does not know it yet. */
const exact = JSON as JSON & { rawJSON(text: string): unknown; isRawJSON(value: unknown): boolean }

/** JSON as BigQuery keeps it: no white space, keys in order, each number with the digits it was written with. */
export function normaliseJson(text: string): string | undefined {
  try {
    return JSON.stringify(ordered(JSON.parse(text, keepDigits)))
  } catch {
    return undefined
  }
}

const keepDigits = (_key: string, value: unknown, { source }: { source?: string } = {}): unknown =>
  typeof value === 'number' && source !== undefined ? exact.rawJSON(source) : value

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || exact.isRawJSON(value)) return value
  if (Array.isArray(value)) return value.map(ordered)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, ordered(item)]))
}
