import { createHmac } from 'node:crypto'
import { isIP } from 'node:net'

/**
 * Stable stand-ins: the same value has the same one wherever it stands, so joins still work, and without the key nobody
 * can tell which. Numbers keep sign and number of digits, so two of them may share a stand-in; texts do not.
 */
export class Pseudonyms {
  readonly #key: Buffer

  /** `key`: 32 bytes that nobody else knows, and that are never written. */
  constructor(key: Buffer) {
    this.#key = key
  }

  /** An address stays an address, of a range that nobody has; an e-mail address and a UUID stay one; else `redacted-…`. */
  text(value: string): string {
    if (value === '') return ''
    const digest = this.#digest(`text:${value}`)
    const hex = digest.toString('hex')
    // 240.0.0.0/4 is reserved (RFC 1112, section 4), 2001:db8::/32 is for documentation (RFC 3849).
    if (isIP(value) === 4) return `${240 + (digest[0]! % 15)}.${digest[1]}.${digest[2]}.${digest[3]}`
    if (isIP(value) === 6) return `2001:db8:${hex.slice(0, 24).replace(/(.{4})(?=.)/g, '$1:')}`
    if (/^[^@\s]+@[^@\s]+$/.test(value)) return `redacted-${hex.slice(0, 16)}@example.com`
    if (UUID.test(value)) {
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
    }
    return `redacted-${hex.slice(0, 16)}`
  }

  /** The text of a JSON number. */
  number(text: string): string {
    const digest = this.#digest(`number:${text}`)
    const [, sign = '', whole = '0', fraction] = /^(-?)(\d+)(?:\.(\d+))?/.exec(text) ?? []
    let at = 0
    const digits = (count: number) => Array.from({ length: count }, () => digest[at++ % digest.length]! % 10).join('')
    // Not 0, which cannot begin a number, nor 9, with which sixteen digits would be more than JavaScript can hold.
    const first = whole.length > 1 ? String(1 + (digest[at++]! % 8)) : digits(1)
    return `${sign}${first}${digits(whole.length - 1)}${fraction === undefined ? '' : `.${digits(fraction.length)}`}`
  }

  #digest(value: string): Buffer {
    return createHmac('sha256', this.#key).update(value).digest()
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
