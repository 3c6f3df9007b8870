/** Two columns wide on a terminal: East Asian characters and emoji. */
const WIDE =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u

const graphemes = new Intl.Segmenter()

const isPlain = (text: string) => /^[\x20-\x7e]*$/.test(text)

const widthOfOne = (grapheme: string) => (WIDE.test(grapheme) ? 2 : /^[\p{M}\p{Cf}]+$/u.test(grapheme) ? 0 : 1)

/** How many columns of a terminal a text takes. */
export function widthOf(text: string): number {
  if (isPlain(text)) return text.length
  return graphemes
    .segment(text)
    [Symbol.iterator]()
    .reduce((sum, { segment }) => sum + widthOfOne(segment), 0)
}

/**
 * A JSON value in one line: text as it stands, but that what would move the cursor, or turn the text around, is escaped;
 * lists and objects as JSON.
 */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.replaceAll(/[\p{Cc}\u2028-\u202e\u2066-\u2069\u200e\u200f]/gu, escaped)
}

const NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
const escaped = (character: string) =>
  NAMES[character] ?? `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`

/** What fits into so many columns; a path loses its beginning, anything else its end. */
export function truncated(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  const parts = Array.from(graphemes.segment(text), ({ segment }) => segment)
  const isPath = text.includes('/') && !/\s/.test(text)
  const kept = firstThatFit(isPath ? parts.reverse() : parts, width - 1)
  return isPath ? `…${kept.reverse().join('')}` : `${kept.join('')}…`
}

function firstThatFit(parts: readonly string[], width: number): string[] {
  let taken = 0
  const end = parts.findIndex((part) => {
    taken += widthOfOne(part)
    return taken > width
  })
  return end < 0 ? [...parts] : parts.slice(0, end)
}

/** The text in lines of so many columns, cut behind a space or a comma where there is one near the end. */
export function wrapped(text: string, width: number): string[] {
  const parts = Array.from(graphemes.segment(text), ({ segment }) => segment)
  const lines: string[] = []
  while (parts.length > 0) {
    // A character that is wider than the line still has to go somewhere.
    const most = Math.max(1, firstThatFit(parts, width).length)
    const last = parts.slice(0, most).findLastIndex((part) => part === ' ' || part === ',') + 1
    lines.push(parts.splice(0, most < parts.length && last > most / 2 ? last : most).join(''))
  }
  return lines.length === 0 ? [''] : lines
}

export const padded = (text: string, width: number, side: 'left' | 'right'): string => {
  const room = ' '.repeat(Math.max(0, width - widthOf(text)))
  return side === 'right' ? room + text : text + room
}
