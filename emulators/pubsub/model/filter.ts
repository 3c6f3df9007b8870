import { invalidArgument } from '../../shared/index.ts'

type Attributes = Readonly<Record<string, string>>
/** Whether a message with these attributes is for the subscription. */
export type Filter = (attributes: Attributes) => boolean

const MOST_BYTES = 256

/**
 * The language of cloud.google.com/pubsub/docs/subscription-message-filter, whose keywords are upper case:
 *
 *     filter     = term { "AND" term } | term { "OR" term }
 *     term       = [ "NOT" | "-" ] ( "(" filter ")" | comparison )
 *     comparison = "attributes" ":" key | "attributes" "." key ( "=" | "!=" ) string
 *                | "hasPrefix" "(" "attributes" "." key "," string ")"
 *     key        = identifier | string
 *
 * INVALID_ARGUMENT when the text is anything else, or longer than 256 bytes.
 */
export function parseFilter(text: string): Filter {
  if (Buffer.byteLength(text) > MOST_BYTES) {
    throw invalidArgument(`Invalid filter given: it must not be longer than ${MOST_BYTES} bytes.`)
  }
  const parser = new Parser(text)
  const filter = parser.filter()
  parser.expect(END)
  return filter
}

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|([A-Za-z_][A-Za-z0-9_-]*)|(!=|[:.=(),-])|$)/y

/** No text can hold this token. */
const END = 'the end'

class Parser {
  #text: string
  #token = ''
  /** Where the token begins. */
  #at = 0
  #next = 0

  constructor(text: string) {
    this.#text = text
    this.#advance()
  }

  filter(): Filter {
    const terms = [this.#term()]
    const operator = this.#token
    if (operator !== 'AND' && operator !== 'OR') return terms[0]!
    while (this.#accept(operator)) terms.push(this.#term())
    if (this.#token === 'AND' || this.#token === 'OR') this.#fail('parentheses, since AND and OR are mixed')
    return operator === 'AND'
      ? (attributes) => terms.every((term) => term(attributes))
      : (attributes) => terms.some((term) => term(attributes))
  }

  expect(token: string): void {
    if (!this.#accept(token)) this.#fail(token)
  }

  #term(): Filter {
    if (!this.#accept('NOT') && !this.#accept('-')) return this.#operand()
    const operand = this.#operand()
    return (attributes) => !operand(attributes)
  }

  #operand(): Filter {
    if (this.#accept('(')) {
      const filter = this.filter()
      this.expect(')')
      return filter
    }
    if (this.#accept('hasPrefix')) return this.#hasPrefix()
    if (!this.#accept('attributes')) this.#fail('attributes, hasPrefix or (')
    if (this.#accept(':')) {
      const key = this.#key()
      return (attributes) => Object.hasOwn(attributes, key)
    }
    return this.#comparison()
  }

  #comparison(): Filter {
    this.expect('.')
    const key = this.#key()
    const equal = this.#accept('=')
    if (!equal) this.expect('!=')
    const value = this.#string()
    return (attributes) => (lookUp(attributes, key) === value) === equal
  }

  #hasPrefix(): Filter {
    for (const token of ['(', 'attributes', '.']) this.expect(token)
    const key = this.#key()
    this.expect(',')
    const prefix = this.#string()
    this.expect(')')
    return (attributes) => lookUp(attributes, key)?.startsWith(prefix) ?? false
  }

  #key(): string {
    if (this.#token.startsWith('"')) return this.#string()
    const key = this.#token
    if (!/^[A-Za-z_][\w-]*$/.test(key)) this.#fail('the key of an attribute')
    this.#advance()
    return key
  }

  #string(): string {
    const token = this.#token
    if (!token.startsWith('"')) this.#fail('a string in double quotes')
    this.#advance()
    return unquote(token)
  }

  #accept(token: string): boolean {
    if (this.#token !== token) return false
    this.#advance()
    return true
  }

  #advance(): void {
    TOKEN.lastIndex = this.#next
    const match = TOKEN.exec(this.#text)
    const [, quoted, word, symbol] = match ?? []
    this.#next = match ? TOKEN.lastIndex : this.#next
    this.#token = match ? (quoted ?? word ?? symbol ?? END) : 'something else'
    this.#at = this.#next - (quoted ?? word ?? symbol ?? '').length
  }

  #fail(expected: string): never {
    throw invalidArgument(`Invalid filter given (filter=${this.#text}): expected ${expected} at ${this.#at}.`)
  }
}

const lookUp = (attributes: Attributes, key: string) => (Object.hasOwn(attributes, key) ? attributes[key] : undefined)

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

const unquote = (quoted: string) =>
  quoted
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, letter: string) =>
      code === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
    )
