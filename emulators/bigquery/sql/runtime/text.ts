import { createHash } from 'node:crypto'
import { define, total } from './function.ts'

const characters = (text: string) => [...text]
/** BigQuery's limit for a value that a function makes. */
const limit = 16_000_000

/** Where SUBSTR starts and ends: from 1, from the end when negative, clamped to the value. */
function span(length: number, position: bigint, count: bigint | undefined): [number, number] {
  if (count !== undefined && count < 0n) throw new Error('Third argument in SUBSTR() cannot be negative')
  const size = BigInt(length)
  const from = position > 0n ? position - 1n : position === 0n || -position > size ? 0n : size + position
  const to = count === undefined || from + count > size ? size : from + count
  return [Number(from > size ? size : from), Number(to)]
}

const substring = (text: string, position: bigint, count?: bigint) => {
  const all = characters(text)
  return all.slice(...span(all.length, position, count)).join('')
}

const part = (bytes: Uint8Array, position: bigint, count?: bigint) =>
  bytes.slice(...span(bytes.length, position, count))

function trim(text: string, set: string | undefined, where: 'both' | 'start' | 'end'): string {
  const all = characters(text)
  const blank = set === undefined ? /^\p{White_Space}$/u : undefined
  const members = new Set(characters(set ?? ''))
  const idle = (c: string | undefined) => c !== undefined && (blank ? blank.test(c) : members.has(c))
  let [from, to] = [0, all.length]
  if (where !== 'end') while (from < to && idle(all[from])) from++
  if (where !== 'start') while (to > from && idle(all[to - 1])) to--
  return all.slice(from, to).join('')
}

function pad(text: string, length: bigint, fill: string, left: boolean): string {
  if (length < 0n) throw new Error('Second arg (output size) for LPAD/RPAD cannot be negative')
  if (fill === '') throw new Error('Third arg (pad pattern) for LPAD/RPAD cannot be empty')
  if (length > BigInt(limit)) throw new Error('Output of LPAD/RPAD exceeds max allowed output size of 1MB')
  const all = characters(text)
  const missing = Number(length) - all.length
  if (missing <= 0) return all.slice(0, Number(length)).join('')
  const pattern = characters(fill)
  const padding = Array.from({ length: missing }, (_, i) => pattern[i % pattern.length]).join('')
  return left ? padding + text : text + padding
}

/** INSTR: where the n-th occurrence starts, from 1; 0 when there is none. A negative position searches backwards. */
function instr(text: string, sought: string, position: bigint, occurrence: bigint): bigint {
  if (position === 0n || occurrence <= 0n)
    throw new Error('INSTR: position must not be 0 and occurrence must be positive')
  const all = characters(text)
  const pattern = characters(sought)
  const starts = all
    .map((_, i) => i)
    .filter((i) => i + pattern.length <= all.length && pattern.every((c, k) => all[i + k] === c))
  const found =
    position > 0n
      ? starts.filter((i) => BigInt(i) >= position - 1n)
      : starts.filter((i) => BigInt(i) <= BigInt(all.length) + position).reverse()
  return BigInt((found[Number(occurrence) - 1] ?? -1) + 1)
}

function split(text: string, delimiter: string): string[] {
  if (text === '') return ['']
  return delimiter === '' ? characters(text) : text.split(delimiter)
}

const utf8 = (bytes: Uint8Array) => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new Error(`Invalid UTF-8 string`, { cause })
  }
}

const hash = (algorithm: string) => (value: string | Uint8Array) =>
  new Uint8Array(createHash(algorithm).update(value).digest())
const hashes = [
  ['md5', 'md5'],
  ['sha1', 'sha1'],
  ['sha256', 'sha256'],
  ['sha512', 'sha512'],
] as const

function fromHex(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]*$/.test(text)) throw new Error('Failed to decode invalid hexadecimal string')
  return new Uint8Array(Buffer.from(text.length % 2 ? `0${text}` : text, 'hex'))
}

function fromBase64(text: string): Uint8Array {
  const plain = text.replaceAll(/\s/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain) || plain.replace(/=+$/, '').length % 4 === 1) {
    throw new Error('Failed to decode invalid base64 string')
  }
  return new Uint8Array(Buffer.from(plain, 'base64'))
}

const shift = (value: bigint, by: bigint, left: boolean): bigint => {
  if (by < 0n) throw new Error('Bitwise shift by negative offset.')
  if (by >= 64n) return 0n
  return BigInt.asIntN(64, left ? value << by : BigInt.asUintN(64, value) >> by)
}

function codePointsToString(points: readonly (bigint | null)[]): string | null {
  if (points.includes(null)) return null
  return points
    .map((p) => {
      if (p! < 0n || p! > 0x10ffffn || (p! >= 0xd800n && p! <= 0xdfffn)) throw new Error(`Invalid codepoint ${p}`)
      return String.fromCodePoint(Number(p))
    })
    .join('')
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function toBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((b) => b.toString(2).padStart(8, '0')).join('')
  const text = (bits.match(/.{1,5}/g) ?? []).map((group) => base32[Number.parseInt(group.padEnd(5, '0'), 2)]).join('')
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=')
}

export const textFunctions = [
  total('upper', ['STRING'], 'STRING', (text) => text.toUpperCase()),
  total('lower', ['STRING'], 'STRING', (text) => text.toLowerCase()),
  total('substr', ['STRING', 'INT64'], 'STRING', substring),
  define('substr3', ['STRING', 'INT64', 'INT64'], 'STRING', substring),
  total('substr_bytes', ['BYTES', 'INT64'], 'BYTES', part),
  define('substr_bytes3', ['BYTES', 'INT64', 'INT64'], 'BYTES', part),
  ...(
    [
      ['trim', 'both'],
      ['ltrim', 'start'],
      ['rtrim', 'end'],
    ] as const
  ).flatMap(([name, where]) => [
    total(`${name}1`, ['STRING'], 'STRING', (text) => trim(text, undefined, where)),
    total(name, ['STRING', 'STRING'], 'STRING', (text, set) => trim(text, set, where)),
  ]),
  total('replace', ['STRING', 'STRING', 'STRING'], 'STRING', (text, from, to) =>
    from === '' ? text : text.replaceAll(from, () => to),
  ),
  total('reverse', ['STRING'], 'STRING', (text) => characters(text).reverse().join('')),
  total('reverse_bytes', ['BYTES'], 'BYTES', (bytes) => bytes.toReversed()),
  total('split', ['STRING', 'STRING'], 'ARRAY<STRING>', split),
  total('array_join', ['ARRAY<STRING>', 'STRING'], 'STRING', (list, by) => list.filter((e) => e !== null).join(by)),
  total('array_join3', ['ARRAY<STRING>', 'STRING', 'STRING'], 'STRING', (list, by, missing) =>
    list.map((e) => e ?? missing).join(by),
  ),
  define('lpad', ['STRING', 'INT64', 'STRING'], 'STRING', (text, n, fill) => pad(text, n, fill, true)),
  define('rpad', ['STRING', 'INT64', 'STRING'], 'STRING', (text, n, fill) => pad(text, n, fill, false)),
  define('repeat', ['STRING', 'INT64'], 'STRING', (text, n) => {
    if (n < 0n) throw new Error('Repetitions in REPEAT cannot be negative')
    if (n * BigInt(text.length) > BigInt(limit))
      throw new Error('Output of REPEAT exceeds max allowed output size of 1MB')
    return text.repeat(Number(n))
  }),
  define('instr', ['STRING', 'STRING', 'INT64', 'INT64'], 'INT64', instr),
  total('initcap', ['STRING'], 'STRING', (text) =>
    text
      .toLowerCase()
      .replaceAll(
        /(^|[\s\][(){}/|<>!?@"^#$&~_,.:;*%+-])(\p{L})/gu,
        (_, before: string, letter: string) => before + letter.toUpperCase(),
      ),
  ),
  define('translate', ['STRING', 'STRING', 'STRING'], 'STRING', (text, from, to) => {
    const [sources, targets] = [characters(from), characters(to)]
    if (new Set(sources).size < sources.length) throw new Error('Duplicate character in TRANSLATE source characters')
    return characters(text)
      .map((c) => (sources.includes(c) ? (targets[sources.indexOf(c)] ?? '') : c))
      .join('')
  }),
  define('parse_bool', ['STRING'], 'BOOL', (text) => {
    const word = text.trim().toLowerCase()
    if (word !== 'true' && word !== 'false') throw new Error(`Bad bool value: ${text}`)
    return word === 'true'
  }),
  define('utf8', ['BYTES'], 'STRING', utf8),
  total('utf8_lossy', ['BYTES'], 'STRING', (bytes) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)),
  total('to_hex', ['BYTES'], 'STRING', (bytes) => Buffer.from(bytes).toString('hex')),
  define('from_hex_text', ['STRING'], 'BYTES', fromHex),
  total('to_base64', ['BYTES'], 'STRING', (bytes) => Buffer.from(bytes).toString('base64')),
  define('from_base64', ['STRING'], 'BYTES', fromBase64),
  total('to_base32', ['BYTES'], 'STRING', toBase32),
  total('code_points', ['STRING'], 'ARRAY<INT64>', (text) => characters(text).map((c) => BigInt(c.codePointAt(0)!))),
  total('code_points_bytes', ['BYTES'], 'ARRAY<INT64>', (bytes) => [...bytes].map(BigInt)),
  define('code_points_to_string', ['ARRAY<INT64>'], 'STRING', codePointsToString),
  define('code_points_to_bytes', ['ARRAY<INT64>'], 'BYTES', (points) => {
    if (points.includes(null)) return null
    const bad = points.find((p) => p! < 0n || p! > 255n)
    if (bad !== undefined) throw new Error(`Invalid extended ASCII codepoint ${bad}`)
    return Uint8Array.from(points, Number)
  }),
  total('normalize', ['STRING', 'STRING'], 'STRING', (text, mode) => text.normalize(mode)),
  ...hashes.flatMap(([name, algorithm]) => [
    total(name, ['STRING'], 'BYTES', hash(algorithm)),
    total(`${name}_bytes`, ['BYTES'], 'BYTES', hash(algorithm)),
  ]),
  define('shift_left', ['INT64', 'INT64'], 'INT64', (value, by) => shift(value, by, true)),
  define('shift_right', ['INT64', 'INT64'], 'INT64', (value, by) => shift(value, by, false)),
]
