import { quoted } from '../../model/physical.ts'
import type { SqlType } from '../../model/schema.ts'
import { type Position, queryError, unsupported } from '../errors.ts'
import type { Expr } from './expr.ts'
import { structOf } from './types.ts'

/** A column that names can reach. Its `sql` is unique in the statement, so it serves as its identity. */
export interface ScopeColumn {
  /** '' for a column without a name: only `*` shows it. */
  readonly name: string
  readonly type: SqlType
  readonly sql: string
}

/** One table, subquery or array of a FROM clause. */
export interface Range {
  /** '' for a subquery without an alias. */
  readonly name: string
  readonly columns: readonly ScopeColumn[]
  /** UNNEST: the element itself, which the range's name means. */
  readonly element?: ScopeColumn
  /** An outer join may have no row of it. */
  readonly optional?: boolean
}

/** What one FROM clause offers. */
export interface Namespace {
  readonly ranges: readonly Range[]
  /** What `*` stands for: USING shows its columns once, and first. */
  readonly columns: readonly ScopeColumn[]
}

export const nothing: Namespace = { ranges: [], columns: [] }

/** How names read once rows are grouped: a column is a key, or not to be had. */
export interface Grouped {
  key(sql: string): Expr | undefined
}

export interface Scope {
  readonly parent?: Scope
  readonly namespace: Namespace
  /** Names that SELECT gave, which ORDER BY, GROUP BY, HAVING and QUALIFY see before all others. */
  readonly aliases?: ReadonlyMap<string, Expr | 'ambiguous'>
  readonly grouped?: Grouped
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/** What an identifier means, or undefined. */
export function lookUp(scope: Scope | undefined, name: string, at: Position): Expr | undefined {
  if (!scope) return undefined
  const alias = scope.aliases?.get(name.toLowerCase())
  if (alias === 'ambiguous') throw queryError(`Column name ${name} is ambiguous`, at)
  if (alias) return { ...alias, at }
  const range = scope.namespace.ranges.find((r) => r.name !== '' && same(r.name, name))
  if (range) return rangeValue(scope, range, at)
  const columns = scope.namespace.columns.filter((c) => same(c.name, name))
  if (columns.length > 1) throw queryError(`Column name ${name} is ambiguous`, at)
  if (columns.length === 1) return columnValue(scope, columns[0]!, at, name)
  return lookUp(scope.parent, name, at)
}

/** Where a path starts, and where the name in question stands. */
interface Place {
  readonly at: Position
  readonly nameAt?: Position
}

/** What `range.column` means, or undefined when there is no such range. */
export function lookUpField(scope: Scope | undefined, range: string, field: string, place: Place): Expr | undefined {
  if (!scope) return undefined
  const { at, nameAt = at } = place
  if (scope.aliases?.has(range.toLowerCase())) return undefined
  const found = scope.namespace.ranges.find((r) => r.name !== '' && same(r.name, range))
  if (!found) {
    if (scope.namespace.columns.some((c) => same(c.name, range))) return undefined
    return lookUpField(scope.parent, range, field, place)
  }
  if (found.element && found.element.type.kind !== 'STRUCT') return undefined
  const columns = found.columns.filter((c) => same(c.name, field))
  if (columns.length > 1) throw queryError(`Column name ${field} is ambiguous`, nameAt)
  if (columns.length === 0) {
    const hint = closest(
      field,
      found.columns.map((c) => c.name),
    )
    throw queryError(`Name ${field} not found inside ${range}${hint}`, nameAt)
  }
  return columnValue(scope, columns[0]!, at, `${range}.${field}`)
}

function columnValue(scope: Scope, column: ScopeColumn, at: Position, written: string): Expr {
  if (!scope.grouped) return { type: column.type, sql: column.sql, at }
  const key = scope.grouped.key(column.sql)
  if (key) return { ...key, at }
  throw queryError(`SELECT list expression references column ${written} which is neither grouped nor aggregated`, at)
}

/** A table's alias where a value is expected: its row as a STRUCT. */
function rangeValue(scope: Scope, range: Range, at: Position): Expr {
  if (range.element) return columnValue(scope, range.element, at, range.name)
  if (range.optional) throw unsupported(`the row ${range.name} of an outer join as a value`, at)
  const fields = range.columns.map((c) => ({
    name: c.name,
    value: columnValue(scope, c, at, `${range.name}.${c.name}`),
  }))
  return {
    type: structOf(fields.map((f) => ({ name: f.name, type: f.value.type }))),
    sql: `struct_pack(${fields.map((f) => `${quoted(f.name)} := ${f.value.sql}`).join(', ')})`,
    at,
  }
}

/** `; Did you mean x?` when a name is nearly one that exists. */
export function closest(name: string, candidates: readonly string[]): string {
  const limit = name.length < 3 ? 0 : Math.ceil(name.length * 0.2)
  const best = candidates
    .map((candidate) => ({ candidate, far: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, far }) => candidate !== '' && far <= limit)
    .sort((a, b) => a.far - b.far)[0]
  return best ? `; Did you mean ${best.candidate}?` : ''
}

/** All names that an identifier could have meant. */
export function visibleNames(scope: Scope | undefined): string[] {
  if (!scope) return []
  const { ranges, columns } = scope.namespace
  return [...columns.map((c) => c.name), ...ranges.map((r) => r.name), ...visibleNames(scope.parent)]
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}
