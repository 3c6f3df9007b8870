import type { Expression, Option } from '../ast.ts'
import { queryError, unsupported } from '../errors.ts'
import { parseTimestamp } from '../runtime/dates.ts'
import { attempt } from './coercion.ts'

export interface TableOptions {
  description?: string
  labels?: Record<string, string>
  expirationTime?: number
  expirationMs?: number
  requireFilter?: boolean
}

type Reader = (value: Expression, name: string) => TableOptions

const text: (value: Expression, name: string) => string = (value, name) => {
  if (value.kind === 'literal' && value.type === 'STRING') return value.value
  throw queryError(`Option ${name} must be a STRING literal`, value.at)
}

const readers: Record<string, Reader> = {
  description: (value, name) => (value.kind === 'null' ? {} : { description: text(value, name) }),
  labels: (value, name) => ({ labels: labelsOf(value, name) }),
  expiration_timestamp: (value) => (value.kind === 'null' ? {} : { expirationTime: instant(value) }),
  partition_expiration_days: (value, name) => (value.kind === 'null' ? {} : { expirationMs: days(value, name) }),
  require_partition_filter: (value, name) => ({ requireFilter: flag(value, name) }),
}

/** OPTIONS(…) of a table or a column. */
export function tableOptions(options: readonly Option[]): TableOptions {
  const all: TableOptions = {}
  const seen = new Set<string>()
  for (const { name, value } of options) {
    const key = name.text.toLowerCase()
    if (seen.has(key)) throw queryError(`Duplicate option specified for '${name.text}'`, name.at)
    seen.add(key)
    const reader = readers[key]
    if (!reader) throw unsupported(`the option ${name.text}`, name.at)
    Object.assign(all, reader(value, key))
  }
  return all
}

/** `[('key', 'value')]`. */
function labelsOf(value: Expression, name: string): Record<string, string> {
  if (value.kind !== 'array') throw queryError(`Option ${name} must be an ARRAY of STRUCTs`, value.at)
  const pairs = value.items.map((item) => {
    if (item.kind !== 'struct' || item.items.length !== 2)
      throw queryError(`Option ${name} must hold pairs of STRINGs`, item.at)
    return [text(item.items[0]!.expression, name), text(item.items[1]!.expression, name)] as const
  })
  return Object.fromEntries(pairs)
}

function instant(value: Expression): number {
  if (value.kind !== 'typed' || value.type !== 'TIMESTAMP') {
    throw unsupported('an expiration_timestamp that is not a TIMESTAMP literal', value.at)
  }
  const parsed = attempt(() => parseTimestamp(value.value, 'UTC'))
  if (parsed === undefined) throw queryError('Invalid TIMESTAMP literal', value.at)
  return Date.parse(parsed.replace(' ', 'T').replace('+00', 'Z'))
}

function days(value: Expression, name: string): number {
  if (value.kind === 'literal' && (value.type === 'INT64' || value.type === 'FLOAT64') && Number(value.value) > 0) {
    return Number(value.value) * 86_400_000
  }
  throw queryError(`Option ${name} must be a positive number`, value.at)
}

function flag(value: Expression, name: string): boolean {
  if (value.kind === 'literal' && value.type === 'BOOL') return value.value === 'TRUE'
  throw queryError(`Option ${name} must be a BOOL literal`, value.at)
}
