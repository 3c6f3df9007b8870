/** Numbers that a double may not hold: some clients write INT64 and NUMERIC values as JSON numbers. */
const LONG_NUMBER = /\d{16}|\d\.\d{15}/

/** Parses a request's body; a number that would lose digits becomes its text. An empty body is none. */
export function parseBody(text: string): unknown {
  if (text === '') return undefined
  return LONG_NUMBER.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text)
}

const keepDigits = (_key: string, value: unknown, { source }: { source?: string } = {}): unknown =>
  typeof value === 'number' && source !== undefined && String(value) !== source && LONG_NUMBER.test(source)
    ? source
    : value
