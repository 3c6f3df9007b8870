import { invalidArgument } from '../../shared/index.ts'

/** A partial response: `items(name,size),nextPageToken`, `items/name`, `*` (cloud.google.com/storage/docs/json_api#partial-response). */
export type Mask = Map<string, Mask | undefined>

export function parseFields(text: string): Mask {
  const tokens = text.match(/[^,()/\s]+|[,()/]/g) ?? []
  const mask = parseList(tokens)
  if (tokens.length > 0) throw invalid(text)
  return mask

  function parseList(rest: string[]): Mask {
    const found: Mask = new Map()
    do {
      const [name, below] = parseField(rest)
      const before = found.has(name) ? found.get(name) : new Map()
      found.set(name, before && below ? new Map([...before, ...below]) : undefined)
    } while (rest[0] === ',' && rest.shift())
    return found
  }

  function parseField(rest: string[]): [string, Mask | undefined] {
    const name = rest.shift()
    if (name === undefined || /^[,()/]$/.test(name)) throw invalid(text)
    if (rest[0] === '/' && rest.shift()) return [name, new Map([parseField(rest)])]
    if (rest[0] !== '(') return [name, undefined]
    rest.shift()
    const below = parseList(rest)
    if (rest.shift() !== ')') throw invalid(text)
    return [name, below]
  }
}

/** What the mask leaves of a JSON value. */
export function select(value: unknown, mask: Mask): unknown {
  if (Array.isArray(value)) return value.map((item) => select(item, mask))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    if (!mask.has(key) && !mask.has('*')) return []
    const below = mask.has(key) ? mask.get(key) : mask.get('*')
    return [[key, below === undefined ? inner : select(inner, below)]]
  })
  return Object.fromEntries(kept)
}

const invalid = (text: string) =>
  invalidArgument(`Invalid field selection ${text}`, {
    reason: 'invalidParameter',
    location: { type: 'parameter', name: 'fields' },
  })
