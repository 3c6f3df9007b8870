import { showFloat } from './floats.ts'

/** JSON text understood. Numbers keep their digits: functions on STRING show them as they were written. */
export type Json =
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Json])[] }
  | { readonly kind: 'array'; readonly items: readonly Json[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }

const string = String.raw`"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"`
const number = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?`
const tokens = new RegExp(String.raw`\s*(?:([{}[\],:])|(${string})|(${number})|(true|false|null))`, 'y')

/** Parses JSON text; undefined where it is none. */
export function parseJson(text: string): Json | undefined {
  const scanner = { text, at: 0, depth: 0 }
  const value = readValue(scanner)
  return value && /^\s*$/.test(text.slice(scanner.at)) ? value : undefined
}

interface Scanner {
  readonly text: string
  at: number
  depth: number
}

function read(scanner: Scanner): RegExpExecArray | null {
  tokens.lastIndex = scanner.at
  const match = tokens.exec(scanner.text)
  if (match) scanner.at = tokens.lastIndex
  return match
}

function readValue(scanner: Scanner): Json | undefined {
  const match = read(scanner)
  if (!match) return undefined
  const [, symbol, string, number, word] = match
  if (string !== undefined) return { kind: 'string', value: JSON.parse(string) }
  if (number !== undefined) return { kind: 'number', text: number }
  if (word !== undefined) return word === 'null' ? { kind: 'null' } : { kind: 'boolean', value: word === 'true' }
  if (++scanner.depth > 500) return undefined
  const container = symbol === '[' ? readArray(scanner) : symbol === '{' ? readObject(scanner) : undefined
  scanner.depth--
  return container
}

/** Whether the next token is this symbol; it is then behind us. */
function take(scanner: Scanner, symbol: string): boolean {
  const start = scanner.at
  if (read(scanner)?.[1] === symbol) return true
  scanner.at = start
  return false
}

function readArray(scanner: Scanner): Json | undefined {
  const items: Json[] = []
  if (take(scanner, ']')) return { kind: 'array', items }
  do {
    const item = readValue(scanner)
    if (!item) return undefined
    items.push(item)
  } while (take(scanner, ','))
  return take(scanner, ']') ? { kind: 'array', items } : undefined
}

function readObject(scanner: Scanner): Json | undefined {
  const entries = new Map<string, Json>()
  const done = (): Json => ({ kind: 'object', entries: [...entries] })
  if (take(scanner, '}')) return done()
  do {
    const key = read(scanner)?.[2]
    if (key === undefined || !take(scanner, ':')) return undefined
    const value = readValue(scanner)
    if (!value) return undefined
    const name: string = JSON.parse(key)
    if (!entries.has(name)) entries.set(name, value)
  } while (take(scanner, ','))
  return take(scanner, '}') ? done() : undefined
}

/** Compact text, numbers and keys as they came. */
export function showJson(json: Json): string {
  switch (json.kind) {
    case 'object':
      return `{${json.entries.map(([key, value]) => `${quoteJson(key)}:${showJson(value)}`).join(',')}}`
    case 'array':
      return `[${json.items.map(showJson).join(',')}]`
    case 'string':
      return quoteJson(json.value)
    case 'number':
      return json.text
    case 'boolean':
      return String(json.value)
    default:
      return 'null'
  }
}

export const quoteJson = (text: string): string => JSON.stringify(text)

/** What a JSON value is once parsed: keys in order, numbers as INT64, UINT64 or FLOAT64. */
export function canonical(json: Json): Json {
  if (json.kind === 'array') return { ...json, items: json.items.map(canonical) }
  if (json.kind === 'number') return { kind: 'number', text: canonicalNumber(json.text) }
  if (json.kind !== 'object') return json
  const entries = json.entries.map(([key, value]) => [key, canonical(value)] as const)
  return { kind: 'object', entries: entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)) }
}

function canonicalNumber(text: string): string {
  if (/^-?\d+$/.test(text)) {
    const value = BigInt(text)
    if (value >= -(2n ** 63n) && value < 2n ** 64n) return String(value)
  }
  const shown = showFloat(Number(text))
  const exact = Number(text)
  const digits = /^-?\d+$/.test(text) ? text : ''
  if (!Number.isFinite(exact) || (digits && BigInt(exact) !== BigInt(digits))) {
    throw new Error(`Invalid input: Input number: ${text} cannot round-trip through string representation`)
  }
  return /^-?\d+$/.test(shown) ? `${shown}.0` : shown
}

/** JSON text as a JSON value lies in DuckDB. Throws BigQuery's error for what is not JSON. */
export function normalizeJson(text: string): string {
  const json = parseJson(text)
  if (!json) throw new Error(`Invalid input: syntax error while parsing value - invalid JSON: ${text.slice(0, 50)}`)
  return showJson(canonical(json))
}
