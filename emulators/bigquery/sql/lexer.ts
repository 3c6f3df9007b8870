import { type Position, syntaxError } from './errors.ts'
import { unescapeLiteral } from './escapes.ts'

export type Token = { readonly at: Position; readonly start: number; readonly end: number } & (
  | { readonly kind: 'identifier'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'integer' | 'float' | 'string' | 'symbol'; readonly text: string }
  | { readonly kind: 'bytes'; readonly text: string; readonly bytes: Uint8Array }
  | { readonly kind: 'parameter'; readonly text: string }
  | { readonly kind: 'end'; readonly text: '' }
)

const patterns = {
  blank: /(?:\s|#[^\n]*|--[^\n]*|\/\*[\s\S]*?\*\/)+/y,
  quote: /([rR]?[bB]?|[bB][rR])("""|'''|"|')/y,
  number: /0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y,
  word: /[A-Za-z_][A-Za-z0-9_]*/y,
  parameter: /@@?[A-Za-z_][A-Za-z0-9_.]*/y,
  symbol: /\|\||<<|>>|<=|>=|<>|!=|=>|->|\|>|[-+*/%()[\]{},.;:<>=!~&|^?@$]/y,
}

/** The tokens of a statement, the last of kind `end`. Throws BigQuery's syntax errors. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  const positions = locator(source)
  let offset = 0
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = offset
    return pattern.exec(source)
  }
  for (;;) {
    offset += match(patterns.blank)?.[0].length ?? 0
    const at = positions(offset)
    if (source.startsWith('/*', offset)) throw syntaxError('Unclosed comment', at)
    if (offset >= source.length) {
      tokens.push({ kind: 'end', text: '', at, start: offset, end: offset })
      return tokens
    }
    const token = next(source, offset, at, match)
    tokens.push(token)
    offset = token.end
  }
}

function next(source: string, start: number, at: Position, match: (p: RegExp) => RegExpExecArray | null): Token {
  const quote = match(patterns.quote)
  if (quote) return quotedLiteral(source, start, at, quote[1]!.toLowerCase(), quote[2]!)
  if (source[start] === '`') {
    const end = closing(source, start + 1, '`', false)
    if (end < 0) throw syntaxError('Unclosed identifier literal', at)
    const text = unescapeLiteral(source.slice(start + 1, end), false, at)
    if (text === '') throw syntaxError('Invalid empty identifier', at)
    return { kind: 'identifier', text, quoted: true, at, start, end: end + 1 }
  }
  const number = match(patterns.number)
  if (number) {
    const text = number[0]
    const kind = /^0[xX]/.test(text) || /^\d+$/.test(text) ? 'integer' : 'float'
    return { kind, text, at, start, end: start + text.length }
  }
  const word = match(patterns.word)
  if (word) return { kind: 'identifier', text: word[0], quoted: false, at, start, end: start + word[0].length }
  const parameter = match(patterns.parameter)
  if (parameter) {
    return { kind: 'parameter', text: parameter[0], at, start, end: start + parameter[0].length }
  }
  const symbol = match(patterns.symbol)
  if (symbol) return { kind: 'symbol', text: symbol[0], at, start, end: start + symbol[0].length }
  throw syntaxError(`Illegal input character ${JSON.stringify(String.fromCodePoint(source.codePointAt(start)!))}`, at)
}

function quotedLiteral(source: string, start: number, at: Position, prefix: string, quote: string): Token {
  const from = start + prefix.length + quote.length
  const end = closing(source, from, quote, quote.length === 1)
  const what = prefix.includes('b') ? 'bytes' : 'string'
  const triple = quote.length === 3 ? 'triple-quoted ' : ''
  if (end < 0) throw syntaxError(`Unclosed ${triple}${what} literal`, at)
  const raw = source.slice(from, end).replaceAll(/\r\n?/g, '\n')
  const span = { at, start, end: end + quote.length }
  if (what === 'string') {
    const text = prefix.includes('r') ? raw : unescapeLiteral(raw, false, at)
    return { kind: 'string', text, ...span }
  }
  const text = prefix.includes('r')
    ? [...Buffer.from(raw)].map((b) => String.fromCharCode(b)).join('')
    : unescapeLiteral(raw, true, at)
  return { kind: 'bytes', text, bytes: Uint8Array.from(text, (c) => c.charCodeAt(0)), ...span }
}

/** Where the closing quote stands, or -1. A backslash keeps the next character, in raw literals too. */
function closing(source: string, from: number, quote: string, oneLine: boolean): number {
  for (let i = from; i < source.length; i++) {
    if (source[i] === '\\') i++
    else if (source.startsWith(quote, i)) return i
    else if (oneLine && source[i] === '\n') return -1
  }
  return -1
}

/** From an offset to line and column, for offsets that only grow. Columns count code points; a tab fills up to eight. */
function locator(source: string): (offset: number) => Position {
  let done = 0
  let line = 1
  let column = 1
  return (offset) => {
    while (done < offset) {
      const code = source.codePointAt(done)!
      if (code === 10) {
        line++
        column = 1
      } else if (code === 9) column += 8 - ((column - 1) % 8)
      else column++
      done += code > 0xffff ? 2 : 1
    }
    return { line, column }
  }
}
