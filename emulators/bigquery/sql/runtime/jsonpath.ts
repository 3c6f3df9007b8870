import { define, total } from './function.ts'
import { canonical, type Json, parseJson, showJson } from './json.ts'

type Step = string | number

const step = /\.([A-Za-z_][\w-]*|"(?:[^"\\]|\\.)*")|\[(\d+)\]|\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/y

const unescaped = (text: string) => text.replaceAll(/\\(.)/g, '$1')

/** `$.a."b c"[0]` and the older `$['a']` in steps. Throws BigQuery's error for anything else. */
export function parsePath(path: string): Step[] {
  if (!path.startsWith('$')) throw new Error(`JSONPath must start with '$'`)
  const steps: Step[] = []
  let at = 1
  while (at < path.length) {
    step.lastIndex = at
    const [whole, name, index, single, double] = step.exec(path) ?? []
    if (whole === undefined) throw new Error(`Invalid token in JSONPath at: ${path.slice(at)}`)
    if (index !== undefined) steps.push(Number(index))
    else if (name !== undefined) steps.push(name.startsWith('"') ? unescaped(name.slice(1, -1)) : name)
    else steps.push(unescaped(single ?? double ?? ''))
    at += whole.length
  }
  return steps
}

const paths = new Map<string, Step[]>()

function stepsOf(path: string): Step[] {
  const known = paths.get(path)
  if (known) return known
  if (paths.size > 1000) paths.clear()
  const made = parsePath(path)
  paths.set(path, made)
  return made
}

function walk(json: Json | undefined, steps: readonly Step[]): Json | undefined {
  return steps.reduce<Json | undefined>((at, s) => {
    if (at?.kind === 'array') return typeof s === 'number' ? at.items[s] : undefined
    if (at?.kind === 'object') return at.entries.find(([key]) => key === String(s))?.[1]
    return undefined
  }, json)
}

const find = (text: string, path: string) => walk(parseJson(text), stepsOf(path))

/** A JSON scalar as plain text; undefined for what is no scalar. */
function scalarText(json: Json | undefined): string | undefined {
  if (json?.kind === 'string') return json.value
  if (json?.kind === 'number') return json.text
  return json?.kind === 'boolean' ? String(json.value) : undefined
}

const arrayAt = (text: string, path: string) => {
  const found = find(text, path)
  return found?.kind === 'array' ? found.items : undefined
}

const number = (json: Json | undefined, what: string): number => {
  if (json?.kind !== 'number') throw new Error(`The provided JSON input is not ${what}`)
  return Number(json.text)
}

function integer(json: Json | undefined): bigint | undefined {
  if (json?.kind !== 'number') return undefined
  const value = Number(json.text)
  const exact = /^-?\d+$/.test(json.text) ? BigInt(json.text) : Number.isInteger(value) ? BigInt(value) : undefined
  return exact !== undefined && exact >= -(2n ** 63n) && exact < 2n ** 63n ? exact : undefined
}

function laxInteger(json: Json | undefined): bigint | null {
  if (json?.kind === 'boolean') return json.value ? 1n : 0n
  const text = json?.kind === 'string' ? json.value.trim() : json?.kind === 'number' ? json.text : undefined
  if (text === undefined || !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return null
  const value = /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : rounded(Number(text))
  return value !== undefined && value >= -(2n ** 63n) && value < 2n ** 63n ? value : null
}

const rounded = (value: number) =>
  Number.isFinite(value) ? BigInt(Math.sign(value) * Math.round(Math.abs(value))) : undefined

export const jsonPathFunctions = [
  // Of a JSON value the answer is one, too; of text it is text, and JSON's null is NULL.
  total('json_query', ['STRING', 'STRING'], 'STRING', (text, path) => {
    const found = find(text, path)
    return found ? showJson(found) : null
  }),
  total('json_extract', ['STRING', 'STRING'], 'STRING', (text, path) => {
    const found = find(text, path)
    return found && found.kind !== 'null' ? showJson(found) : null
  }),
  total('json_value', ['STRING', 'STRING'], 'STRING', (text, path) => scalarText(find(text, path)) ?? null),
  total(
    'json_array',
    ['STRING', 'STRING'],
    'ARRAY<STRING>',
    (text, path) => arrayAt(text, path)?.map(showJson) ?? null,
  ),
  total('json_string_array', ['STRING', 'STRING'], 'ARRAY<STRING>', (text, path) => {
    const items = arrayAt(text, path)
    if (!items || items.some((i) => i.kind === 'array' || i.kind === 'object')) return null
    return items.map((i) => scalarText(i) ?? null)
  }),
  total('json_member', ['STRING', 'STRING'], 'STRING', (text, key) => {
    const json = parseJson(text)
    const found = json?.kind === 'object' ? walk(json, [key]) : undefined
    return found ? showJson(found) : null
  }),
  total('json_item', ['STRING', 'INT64'], 'STRING', (text, index) => {
    const found = index < 0n ? undefined : walk(parseJson(text), [Number(index)])
    return found ? showJson(found) : null
  }),
  total('json_type', ['STRING'], 'STRING', (text) => parseJson(text)?.kind ?? null),
  define('json_int64', ['STRING'], 'INT64', (text) => {
    const value = integer(parseJson(text))
    if (value === undefined) throw new Error('The provided JSON input is not an integer')
    return value
  }),
  define('json_float64', ['STRING'], 'FLOAT64', (text) => number(parseJson(text), 'a number')),
  define('json_bool', ['STRING'], 'BOOL', (text) => {
    const json = parseJson(text)
    if (json?.kind !== 'boolean') throw new Error('The provided JSON input is not a boolean')
    return json.value
  }),
  define('json_string', ['STRING'], 'STRING', (text) => {
    const json = parseJson(text)
    if (json?.kind !== 'string') throw new Error('The provided JSON input is not a string')
    return json.value
  }),
  total('lax_int64', ['STRING'], 'INT64', (text) => laxInteger(parseJson(text))),
  total('lax_string', ['STRING'], 'STRING', (text) => scalarText(parseJson(text)) ?? null),
  define('parse_json', ['STRING'], 'STRING', (text) => {
    const json = parseJson(text)
    if (!json) throw new Error(`Invalid input: syntax error while parsing value - invalid JSON`)
    return showJson(canonical(json))
  }),
]
