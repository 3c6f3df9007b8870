import { cut, WIDTH } from '../text.ts'

/** Of two texts that begin alike, so much is shown before they part. */
const CONTEXT = 12

export const inLine = (value: unknown): string => (isMatcher(value) ? String(named('', value)) : asJson(value))

const asJson = (value: unknown): string => JSON.stringify(value, named) ?? 'nothing'

/** Users' tests hold values against matchers, `expect.any(String)`, and against what JSON has no form for. */
const isMatcher = (value: unknown): value is { toAsymmetricMatcher?(): string } =>
  typeof value === 'object' && value !== null && 'asymmetricMatch' in value

function named(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return isMatcher(value) ? (value.toAsymmetricMatcher?.() ?? String(value)) : value
}

/** A line of 80 columns, or three: what is not as expected, and how. */
export function expectedAndGot(name: string, expected: unknown, actual: unknown): string {
  const inOne = `    ${name}: expected ${inLine(expected)}, got ${inLine(actual)}`
  if (inOne.length <= WIDTH) return inOne
  const [before, after] = excerpts(expected, actual, WIDTH - 17)
  return [cut(`    ${name}:`), `      expected ${before}`, `      got      ${after}`].join('\n')
}

/** Two values for a person, each at most `width` wide; of long ones, the part in which they differ. */
function excerpts(expected: unknown, actual: unknown, width: number): [string, string] {
  const [before, after] = [inLine(expected), inLine(actual)]
  if (before.length <= width && after.length <= width) return [before, after]
  let same = 0
  while (same < before.length && before[same] === after[same]) same++
  const start = Math.max(0, Math.min(same - CONTEXT, Math.max(before.length, after.length) - width + 2))
  return [excerpt(before, start, width), excerpt(after, start, width)]
}

function excerpt(text: string, start: number, width: number): string {
  const from = start === 0 ? text : `…${text.slice(start)}`
  return from.length <= width ? from : `${from.slice(0, width - 1)}…`
}
