import type { Name } from '../ast.ts'
import { invalidQuery, type Position, syntaxError } from '../errors.ts'
import { type Token, tokenize } from '../lexer.ts'

const reserved = new Set(
  `ALL AND ANY ARRAY AS ASC ASSERT_ROWS_MODIFIED AT BETWEEN BY CASE CAST COLLATE CONTAINS CREATE CROSS CUBE CURRENT
   DEFAULT DEFINE DESC DISTINCT ELSE END ENUM ESCAPE EXCEPT EXCLUDE EXISTS EXTRACT FALSE FETCH FOLLOWING FOR FROM FULL
   GROUP GROUPING GROUPS HASH HAVING IF IGNORE IN INNER INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LIKE LIMIT LOOKUP
   MERGE NATURAL NEW NO NOT NULL NULLS OF ON OR ORDER OUTER OVER PARTITION PRECEDING PROTO QUALIFY RANGE RECURSIVE
   RESPECT RIGHT ROLLUP ROWS SELECT SET SOME STRUCT TABLESAMPLE THEN TO TREAT TRUE UNBOUNDED UNION UNNEST USING WHEN
   WHERE WINDOW WITH WITHIN`.split(/\s+/),
)

/** Nothing that people write nests deeper; a deeper tree would exhaust the stack. */
const maxDepth = 150

/** A place in the tokens of a statement, and the questions that a recursive descent asks there. */
export class Cursor {
  readonly source: string
  readonly #tokens: Token[]
  #next = 0
  #depth = 0
  #parameters = 0

  constructor(source: string) {
    this.source = source
    this.#tokens = tokenize(source)
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!
  }

  take(): Token {
    const token = this.peek()
    this.#next++
    return token
  }

  get at(): Position {
    return this.peek().at
  }

  /** Whether the next tokens are these words (unquoted, in any case) or symbols. */
  sees(...words: string[]): boolean {
    return words.every((word, i) => is(this.peek(i), word))
  }

  accept(...words: string[]): boolean {
    if (!this.sees(...words)) return false
    this.#next += words.length
    return true
  }

  expect(...words: string[]): void {
    for (const word of words) {
      if (!this.accept(word)) {
        throw syntaxError(
          `Expected ${/^\w/.test(word) ? `keyword ${word}` : `"${word}"`} but got ${describe(this.peek())}`,
          this.at,
        )
      }
    }
  }

  unexpected(): never {
    const token = this.peek()
    throw syntaxError(`Unexpected ${describe(token)}`, token.at)
  }

  /** Nothing may follow. */
  expectEnd(): void {
    const token = this.peek()
    if (token.kind !== 'end') throw syntaxError(`Expected end of input but got ${describe(token)}`, token.at)
  }

  isReserved(ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'identifier' && !token.quoted && reserved.has(token.text.toUpperCase())
  }

  /** An identifier; after a dot, a reserved word will do. */
  name(afterDot = false): Name {
    const token = this.peek()
    if (token.kind !== 'identifier' || (!afterDot && this.isReserved())) this.unexpected()
    this.take()
    return { text: token.text, at: token.at }
  }

  /** `AS name`, or a bare name where no clause can start. */
  alias(): Name | undefined {
    if (this.accept('AS')) return this.name()
    const token = this.peek()
    return token.kind === 'identifier' && !this.isReserved() ? this.name() : undefined
  }

  /** A list in which a comma stands between two items. */
  list<T>(item: () => T): T[] {
    const items = [item()]
    while (this.accept(',')) items.push(item())
    return items
  }

  parenthesized<T>(inner: () => T): T {
    this.expect('(')
    const value = inner()
    this.expect(')')
    return value
  }

  deeper<T>(inner: () => T): T {
    if (++this.#depth > maxDepth) throw invalidQuery('Query is too complex: it nests too deeply.')
    const value = inner()
    this.#depth--
    return value
  }

  /** The number of the next `?`, from 0. */
  nextParameter(): number {
    return this.#parameters++
  }

  /** Where to come back to after looking ahead. */
  mark(): number {
    return this.#next
  }

  reset(mark: number): void {
    this.#next = mark
  }

  /** Goes on behind an offset of the source: for names with dashes, which the lexer cuts otherwise. */
  skipTo(offset: number): void {
    while (this.peek().kind !== 'end' && this.peek().start < offset) this.#next++
  }

  /** Takes one `>` of a token like `>>`, so that nested type arguments close. */
  closeAngle(): void {
    const token = this.peek()
    if (token.kind === 'symbol' && token.text === '>>') {
      const second = {
        ...token,
        text: '>',
        start: token.start + 1,
        at: { line: token.at.line, column: token.at.column + 1 },
      }
      this.#tokens.splice(this.#next, 1, { ...token, text: '>', end: token.start + 1 }, second)
    }
    this.expect('>')
  }
}

const is = (token: Token, word: string) =>
  token.kind === 'symbol'
    ? token.text === word
    : token.kind === 'identifier' && !token.quoted && token.text.toUpperCase() === word

/** A token in the words of BigQuery's syntax errors. */
function describe(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'end of script'
    case 'identifier':
      if (token.quoted) return `identifier \`${token.text}\``
      return reserved.has(token.text.toUpperCase())
        ? `keyword ${token.text.toUpperCase()}`
        : `identifier "${token.text}"`
    case 'integer':
      return `integer literal "${token.text}"`
    case 'float':
      return `floating point literal "${token.text}"`
    case 'string':
      return `string literal ${JSON.stringify(token.text)}`
    case 'bytes':
      return `bytes literal b${JSON.stringify(token.text)}`
    case 'parameter':
      return '"@"'
    default:
      return `"${token.text}"`
  }
}
