import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { SqlType } from '../../model/schema.ts'
import type { Parameter } from '../index.ts'

/** Recorded answers of BigQuery: not part of the repository, but beside it where it is developed. */
export interface RecordedCase {
  readonly name: string
  readonly query: string
  readonly setup?: readonly unknown[]
  readonly setupRest?: readonly unknown[]
  readonly jobConfig?: unknown
  readonly params?: { readonly mode: string; readonly parameters: readonly RecordedParameter[] }
  readonly expectedColumns?: readonly RecordedColumn[]
  readonly expectedRows?: readonly (readonly unknown[])[]
  readonly expectedError?: { readonly message_pattern: string }
}

export interface RecordedColumn {
  readonly name: string
  readonly type: string
  readonly mode: string
  readonly fields?: readonly RecordedColumn[]
}

interface RecordedParameter {
  readonly name?: string
  readonly type: unknown
  readonly value: unknown
}

const file = 'conformance/bigquery/recorded.json'

/** The corpus's cases; none where it is not found (SLUICE_CONFORMANCE may name its folder). */
export function recordedCases(): readonly RecordedCase[] {
  const named = process.env.SLUICE_CONFORMANCE
  let folder = import.meta.dirname
  const candidates = named ? [join(named, 'bigquery/recorded.json')] : []
  while (folder !== dirname(folder)) {
    candidates.push(resolve(folder, '../shared', file))
    folder = dirname(folder)
  }
  const found = candidates.find((path) => existsSync(path))
  if (!found) return []
  const keepDigits = (_: string, value: unknown, { source }: { source: string }) =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? { $i: source } : value
  const parsed = JSON.parse(readFileSync(found, 'utf8'), keepDigits as (key: string, value: unknown) => unknown)
  return Array.isArray(parsed) ? parsed : parsed.cases
}

/** A recorded parameter; undefined for types whose values this harness does not bind. */
export function parameterOf({ name, type, value }: RecordedParameter): Parameter | undefined {
  const bindable = ['INT64', 'STRING', 'BOOL', 'FLOAT64', 'NUMERIC', 'DATE']
  if (typeof type !== 'string' || !bindable.includes(type)) return undefined
  const bound = type === 'INT64' ? BigInt(value as number) : value
  return { ...(name !== undefined && { name }), type: { kind: type } as SqlType, value: bound }
}

const names: Record<string, string> = { INTEGER: 'INT64', FLOAT: 'FLOAT64', BOOLEAN: 'BOOL', RECORD: 'STRUCT' }

/** A column in few words: `INT64`, `REPEATED STRUCT<a STRING>`. */
export function columnText({ type, mode, fields }: RecordedColumn): string {
  const inner = fields && fields.length > 0 ? `<${fields.map((f) => `${f.name} ${columnText(f)}`).join(', ')}>` : ''
  return `${mode === 'REPEATED' ? 'REPEATED ' : ''}${names[type] ?? type}${inner}`
}

export function typeText(type: SqlType): string {
  if (type.kind === 'ARRAY') return `REPEATED ${typeText(type.element)}`
  if (type.kind !== 'STRUCT') return type.kind
  return `STRUCT<${type.fields.map((f, i) => `${f.name || `_field_${i + 1}`} ${typeText(f.type)}`).join(', ')}>`
}

/** Whether our value is the recorded one, by the rules of the corpus. */
export function sameValue(ours: unknown, recorded: unknown, type: SqlType): boolean {
  if (ours === null || recorded === null || recorded === undefined) {
    const empty = (v: unknown) => v === null || v === undefined || (Array.isArray(v) && v.length === 0)
    return type.kind === 'ARRAY' ? empty(ours) && empty(recorded) : ours === (recorded ?? null)
  }
  if (type.kind === 'ARRAY') {
    const [a, b] = [ours as unknown[], recorded as unknown[]]
    return Array.isArray(b) && a.length === b.length && a.every((v, i) => sameValue(v, b[i], type.element))
  }
  if (type.kind === 'STRUCT') return sameStruct(ours as object, recorded as object, type)
  return sameScalar(ours, recorded, type.kind)
}

function sameStruct(ours: object, recorded: object, type: Extract<SqlType, { kind: 'STRUCT' }>): boolean {
  const wrapped = (recorded as { $struct?: [string, unknown][] }).$struct
  const theirs = wrapped ? wrapped.map(([, v]) => v) : Object.values(recorded)
  return Object.values(ours).every((v, i) => sameValue(v, theirs[i], type.fields[i]!.type))
}

const inner = (v: unknown): unknown => {
  if (typeof v !== 'object' || v === null) return v
  const [wrapped] = ['$i', '$f', '$ts', '$bytes'].flatMap((k) => (k in v ? [(v as Record<string, unknown>)[k]] : []))
  return wrapped ?? v
}

function sameScalar(ours: unknown, recorded: unknown, kind: string): boolean {
  const theirs = inner(recorded)
  switch (kind) {
    case 'INT64':
      return String(ours) === String(theirs) || (/^-?\d{17,}$/.test(String(theirs)) && Number(ours) === Number(theirs))
    case 'FLOAT64': {
      const [a, b] = [Number(ours), Number(theirs)]
      return Object.is(a, b) || Math.abs(a - b) <= Math.max(1e-15, Math.abs(b) * 1e-12)
    }
    case 'NUMERIC':
    case 'BIGNUMERIC':
      return decimal(String(ours)) === decimal(String(theirs))
    case 'TIMESTAMP':
    case 'DATETIME':
    case 'TIME':
      return clock(String(ours)) === clock(String(theirs))
    case 'JSON':
      return (
        JSON.stringify(sorted(JSON.parse(String(ours)))) ===
        JSON.stringify(sorted(typeof theirs === 'string' && /^[[{"\d]/.test(theirs) ? attempt(theirs) : theirs))
      )
    case 'INTERVAL':
      return relative(String(theirs)) === undefined || relative(String(theirs)) === String(ours)
    default:
      return ours === theirs
  }
}

const attempt = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const decimal = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
const clock = (text: string) =>
  text
    .replace('+00:00', 'Z')
    .replace(/(\.\d*?)0+(Z?)$/, '$1$2')
    .replace(/\.(Z?)$/, '$1')

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  )
}

/** `relativedelta(years=+1, hours=+6)` in our own text. */
function relative(text: string): string | undefined {
  const parts = Object.fromEntries([...text.matchAll(/(\w+)=([+-]\d+)/g)].map(([, k, v]) => [k, Number(v)]))
  if (!text.startsWith('relativedelta')) return undefined
  const {
    years = 0,
    months = 0,
    days = 0,
    hours = 0,
    minutes = 0,
    seconds = 0,
    microseconds = 0,
  } = parts as Record<string, number>
  const micros = BigInt(hours * 3600 + minutes * 60 + seconds) * 1_000_000n + BigInt(microseconds)
  return `${years * 12 + months} months ${days} days ${micros} micros`
}
