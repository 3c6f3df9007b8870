/** Of two texts that begin alike, so much is shown before they part. */
const CONTEXT = 12

export const inLine = (value: unknown): string => JSON.stringify(value) ?? 'nothing'

/** Two values for a person, each at most `width` wide; of long ones, the part in which they differ. */
export function excerpts(expected: unknown, actual: unknown, width: number): [string, string] {
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
