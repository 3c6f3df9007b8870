import type { SelectItem } from '../ast.ts'
import { queryError } from '../errors.ts'
import { fieldOf } from './access.ts'
import type { Context } from './context.ts'
import type { Expr } from './expr.ts'
import { analyze } from './expressions.ts'
import type { Item } from './grouping.ts'
import type { Namespace, Range, ScopeColumn } from './scope.ts'
import { typeName } from './types.ts'

type Star = Extract<SelectItem, { kind: 'star' }>

/** `*` and `x.*`, with what EXCEPT and REPLACE make of them. */
export function expandStar(star: Star, namespace: Namespace, context: Context): Item[] {
  const all = star.of ? ownedColumns(star, namespace, context) : allColumns(star, namespace)
  const has = (name: string) => all.some((item) => item.name.toLowerCase() === name.toLowerCase())
  for (const name of star.except) {
    if (!has(name.text)) throw queryError(`Column ${name.text} in SELECT * EXCEPT list does not exist`, name.at)
  }
  for (const { name } of star.replace) {
    if (!has(name.text)) throw queryError(`Column ${name.text} in SELECT * REPLACE list does not exist`, name.at)
  }
  const excluded = new Set(star.except.map((n) => n.text.toLowerCase()))
  const kept = all.filter((item) => !excluded.has(item.name.toLowerCase()))
  if (kept.length === 0) throw queryError('SELECT * EXCEPT(...) produces no columns', star.at)
  return kept.map((item) => {
    const replaced = star.replace.find((r) => r.name.text.toLowerCase() === item.name.toLowerCase())
    return replaced ? { name: item.name, node: replaced.expression } : item
  })
}

const toItem = (column: ScopeColumn, at: Expr['at']): Item => ({
  name: column.name,
  column: { type: column.type, sql: column.sql, at },
})

function allColumns(star: Star, namespace: Namespace): Item[] {
  if (namespace.ranges.length === 0) throw queryError('SELECT * must have a FROM clause', star.at)
  return namespace.columns.map((c) => toItem(c, star.at))
}

function ownedColumns(star: Star, namespace: Namespace, context: Context): Item[] {
  const { of } = star
  const range = of?.kind === 'identifier' && rangeNamed(namespace, of.name)
  if (range && (!range.element || range.element.type.kind === 'STRUCT'))
    return range.columns.map((c) => toItem(c, star.at))
  const value = analyze(of!, context)
  if (value.type.kind !== 'STRUCT') {
    throw queryError(`Dot-star is not supported for type ${typeName(value.type)}`, star.at)
  }
  return value.type.fields.map((f) => ({ name: f.name, column: fieldOf(value, f.name, star.at) }))
}

const rangeNamed = (namespace: Namespace, name: string): Range | undefined =>
  namespace.ranges.find((r) => r.name.toLowerCase() === name.toLowerCase())
