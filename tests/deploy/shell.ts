/** One simple command of a shell script: its words, without quotes. */
export type Command = readonly string[]

const KEYWORDS = new Set(['if', 'then', 'else', 'fi', 'while', 'do', 'done', '!'])

/**
 * The simple commands in a script, those in `$(…)` included, in the order in which they start. Variables are looked up in
 * `variables`; an unknown one throws. It knows what our documents and dry runs use: quotes, `$NAME`, `${NAME}`, `$(…)`,
 * pipes, lists, redirections, assignments, comments and continued lines; not here-documents, functions or `case`.
 */
export function commandsIn(script: string, variables: Readonly<Record<string, string>> = {}): Command[] {
  return new Reader(script, { ...variables }).commands()
}

class Reader {
  #at = 0
  #found: string[][] = []
  readonly #text: string
  readonly #variables: Record<string, string>

  constructor(text: string, variables: Record<string, string>) {
    this.#text = text
    this.#variables = variables
  }

  /** Up to the end, or to the parenthesis that closes a `$(`. */
  commands(until?: ')'): string[][] {
    let words: string[] | undefined
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at]!
      if (character === until) break
      if (/[\n;|&]/.test(character)) {
        words = undefined
        this.#at++
      } else if (/\s/.test(character)) this.#at++
      else if (this.#text.startsWith('\\\n', this.#at)) this.#at += 2
      else if (character === '#') this.#at = this.#lineEnd()
      else if (this.#redirection()) this.#word()
      else {
        const word = this.#word()
        if (words === undefined && (KEYWORDS.has(word) || this.#assigned(word))) continue
        if (words === undefined) {
          words = []
          this.#found.push(words)
        }
        words.push(word)
      }
    }
    return this.#found
  }

  #lineEnd(): number {
    const end = this.#text.indexOf('\n', this.#at)
    return end === -1 ? this.#text.length : end
  }

  #redirection(): boolean {
    const [operator] = /^\d?[<>]+&?\s*/.exec(this.#text.slice(this.#at)) ?? []
    this.#at += operator?.length ?? 0
    return operator !== undefined
  }

  #assigned(word: string): boolean {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? []
    if (name !== undefined) this.#variables[name] = value!
    return name !== undefined
  }

  #word(): string {
    let word = ''
    while (this.#at < this.#text.length && !/[\s;|&<>)]/.test(this.#text[this.#at]!)) {
      const character = this.#text[this.#at++]!
      if (character === "'") word += this.#upTo("'")
      else if (character === '"') word += this.#quoted()
      else if (character === '\\') word += this.#text[this.#at++]!.replace('\n', '')
      else if (character === '$') word += this.#expanded()
      else word += character
    }
    return word
  }

  #upTo(end: string): string {
    const from = this.#at
    this.#at = this.#text.indexOf(end, from) + 1
    if (this.#at === 0) throw new Error(`${end} is missing after: ${this.#text.slice(from, from + 40)}`)
    return this.#text.slice(from, this.#at - 1)
  }

  #quoted(): string {
    let word = ''
    for (;;) {
      const character = this.#text[this.#at++]
      if (character === undefined) throw new Error('" is missing')
      if (character === '"') return word
      if (character === '\\' && /[\\"$`\n]/.test(this.#text[this.#at]!)) word += this.#text[this.#at++]
      else word += character === '$' ? this.#expanded() : character
    }
  }

  /** What stands after a `$`. */
  #expanded(): string {
    if (this.#text[this.#at] === '(') {
      this.#at++
      const inner = new Reader(this.#text.slice(this.#at), this.#variables)
      this.#found.push(...inner.commands(')'))
      this.#at += inner.#at + 1
      return 'OUTPUT'
    }
    const [text, braced, plain] = /^(?:\{(\w+)\}|(\w+))/.exec(this.#text.slice(this.#at)) ?? []
    if (text === undefined) return '$'
    this.#at += text.length
    const name = (braced ?? plain)!
    const value = this.#variables[name]
    if (value === undefined) throw new Error(`$${name} has no value`)
    return value
  }
}
