import { createHash } from 'node:crypto'

/** A text longer than this stands in expected outputs as its length, its hash and its beginning. */
const LONGEST_TEXT = 10_000
const SHOWN = 100

/**
 * Numbers that JavaScript might write otherwise than they stand there: with an exponent, with 16 digits or more, or with
 * a zero at the end. It may find more than those.
 */
const ODD_NUMBER =
  /(?:^|[:[,\s])(?:-0(?=[\s,}\]]|$)|-?(?:[\d.]{16}|0\.0{6}|\d+(?:\.\d*0(?=[\s,}\]]|$)|(?:\.\d+)?[eE])))/

/**
 * Parses JSON so that nothing of it changes when it is written again: a number whose text JavaScript would change
 * (1.50, 12345678901234567890) becomes `{ $number: text }`. Long texts are abbreviated. Throws a SyntaxError.
 */
export function parseExactly(json: string): unknown {
  const value: unknown = ODD_NUMBER.test(json) ? JSON.parse(json, keepNumbers) : JSON.parse(json)
  return json.length > LONGEST_TEXT ? abbreviate(value) : value
}

const keepNumbers = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
    ? { $number: context.source }
    : value

function abbreviate(value: unknown): unknown {
  if (typeof value === 'string' && value.length > LONGEST_TEXT) {
    const sha256 = createHash('sha256').update(value).digest('hex')
    return { $text: { length: value.length, sha256, begins: value.slice(0, SHOWN) } }
  }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(abbreviate)
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, abbreviate(field)]))
}
