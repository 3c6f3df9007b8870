import { type Position, syntaxError } from './errors.ts'

const simple: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '?': '?',
  '"': '"',
  "'": "'",
  '`': '`',
}

const sequence = /\\(?:([0-3][0-7]{2})|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]?))/g

/**
 * The value of a literal's text (Lexical structure, "Escape sequences"). Of a bytes literal, each character of the
 * answer is one byte; in it `\u` is illegal, and other characters stand for their UTF-8 bytes.
 */
export function unescapeLiteral(text: string, bytes: boolean, at: Position): string {
  const source = bytes ? latin(text) : text
  return source.replaceAll(sequence, (whole, octal, hex, short, long, other: string | undefined) => {
    if (octal) return character(Number.parseInt(octal, 8), bytes, at)
    if (hex) return character(Number.parseInt(hex, 16), bytes, at)
    if (short || long) {
      if (bytes)
        throw syntaxError(
          `Illegal escape sequence: Unicode escape sequence ${whole} cannot be used in bytes literals`,
          at,
        )
      return character(Number.parseInt(short ?? long, 16), false, at)
    }
    const plain = simple[other ?? '']
    if (plain === undefined) throw syntaxError(`Illegal escape sequence: ${whole}`, at)
    return plain
  })
}

const latin = (text: string) => Buffer.from(text, 'utf8').toString('latin1')

function character(code: number, bytes: boolean, at: Position): string {
  if (bytes) return String.fromCharCode(code)
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw syntaxError(
      `Illegal escape sequence: Value of \\U${code.toString(16)} exceeds Unicode limit (0x0010FFFF)`,
      at,
    )
  }
  return String.fromCodePoint(code)
}
