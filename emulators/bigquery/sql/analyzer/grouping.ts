import type { Call, Expression, GroupBy } from '../ast.ts'
import { queryError, unsupported } from '../errors.ts'
import { isAggregate } from '../functions/registry.ts'
import type { Aggregation, Context } from './context.ts'
import type { Expr } from './expr.ts'
import { analyze, mentions } from './expressions.ts'
import type { Grouped } from './scope.ts'
import { isGroupable, typeName } from './types.ts'

/** Something that SELECT lists: an expression with its name, or a column that `*` stands for. */
export interface Item {
  readonly name: string
  readonly node?: Expression
  readonly column?: Expr
}

/** Whether rows must be grouped for this expression; subqueries group rows of their own. */
export function hasAggregate(node: unknown): boolean {
  if (Array.isArray(node)) return node.some((n) => hasAggregate(n))
  if (typeof node !== 'object' || node === null) return false
  const call = node as Call
  if (call.kind === 'call' && !call.over && isAggregate(call)) return true
  return Object.entries(node).some(([key, value]) => key !== 'query' && hasAggregate(value))
}

interface Key {
  readonly node: Expression | undefined
  readonly inner: Expr
  readonly name: string
}

/** The grouped rows of one SELECT: keys and aggregates, which become columns of an inner query. */
export class Grouping implements Aggregation, Grouped {
  readonly inner: Context
  readonly #alias: string
  readonly #keys: Key[] = []
  readonly #aggregates = new Map<string, Expr>()
  #sets: readonly (readonly string[])[] | undefined

  constructor(inner: Context) {
    this.inner = inner
    this.#alias = inner.statement.alias()
  }

  /** Adds a key, once, and answers its text on ungrouped rows. */
  addKey(value: Expr, node?: Expression): string {
    if (!isGroupable(value.type)) {
      if (value.type.kind === 'STRUCT' || value.type.kind === 'ARRAY')
        throw unsupported(`GROUP BY of ${value.type.kind} values`, value.at)
      throw queryError(`Grouping by expressions of type ${typeName(value.type)} is not allowed`, value.at)
    }
    if (!this.#keys.some((k) => k.inner.sql === value.sql)) {
      this.#keys.push({ node, inner: value, name: `k${this.#keys.length}` })
    }
    return value.sql
  }

  addSets(sets: readonly (readonly string[])[]): void {
    this.#sets = sets
  }

  get hasComputedKeys(): boolean {
    return this.#keys.some((k) => k.node?.kind !== 'identifier')
  }

  key(sql: string): Expr | undefined {
    return this.match(sql)
  }

  match(sql: string): Expr | undefined {
    const found = this.#keys.find((k) => k.inner.sql === sql)
    return found && { type: found.inner.type, sql: `${this.#alias}.${found.name}`, at: found.inner.at }
  }

  add(call: Call, emit: (inner: Context) => Expr): Expr {
    if (call.args.some((arg) => mentions(arg, (n) => n.kind === 'call' && n.over !== undefined))) {
      throw queryError('Analytic function not allowed in aggregate function arguments', call.at)
    }
    const value = emit({ ...this.inner, clause: 'aggregate function arguments' })
    const known = this.#aggregates.get(value.sql)
    if (known) return { ...known, at: call.at }
    const column = { type: value.type, sql: `${this.#alias}.a${this.#aggregates.size}`, at: call.at }
    this.#aggregates.set(value.sql, column)
    return column
  }

  /** GROUPING(key): 1 where a grouping set leaves the key out. */
  addGrouping(key: Expr, at: Expr['at']): Expr | undefined {
    const found = this.#keys.find((k) => k.inner.sql === key.sql)
    if (!found) return undefined
    const sql = this.#sets ? `CAST(grouping(${this.#keySql(found)}) AS BIGINT)` : 'CAST(any_value(0) AS BIGINT)'
    const known = this.#aggregates.get(sql)
    const column = known ?? { type: { kind: 'INT64' as const }, sql: `${this.#alias}.a${this.#aggregates.size}`, at }
    this.#aggregates.set(sql, column)
    return column
  }

  /** The inner query: `source` is its FROM clause, `where` its filter. */
  emit(source: string, where: string): string {
    const columns = [
      ...this.#keys.map((k) => `${this.#keySql(k)} AS ${k.name}`),
      ...[...this.#aggregates.keys()].map((sql, i) => `${sql} AS a${i}`),
    ]
    const list = columns.length > 0 ? columns.join(', ') : 'count(*) AS n'
    const by = this.#sets ? this.#groupingSets(this.#sets) : this.#keys.map((_, i) => i + 1).join(', ')
    const from = this.#sets ? this.#withKeys(source) : source
    return `(SELECT ${list}${from}${where}${by && ` GROUP BY ${by}`}) AS ${this.#alias}`
  }

  /** Grouping sets name their keys twice, and DuckDB must see that they are the same: they become columns first. */
  #keySql(key: Key): string {
    return this.#sets ? `${this.#alias}k.${key.name}` : key.inner.sql
  }

  #withKeys(source: string): string {
    const keys = `(SELECT ${this.#keys.map((k) => `${k.inner.sql} AS ${k.name}`).join(', ')}) AS ${this.#alias}k`
    return source ? `${source} CROSS JOIN LATERAL ${keys}` : ` FROM ${keys}`
  }

  #groupingSets(sets: readonly (readonly string[])[]): string {
    const named = (sql: string) => this.#keySql(this.#keys.find((k) => k.inner.sql === sql)!)
    return `GROUPING SETS (${sets.map((set) => `(${set.map(named).join(', ')})`).join(', ')})`
  }
}

/** Adds the keys of a GROUP BY clause: expressions, numbers of items, or names that SELECT gave. */
export function addKeys(grouping: Grouping, groupBy: GroupBy, items: readonly Item[]): void {
  const itemKey = (item: Item, at: Expr['at']): string => {
    if (item.column) return grouping.addKey(item.column, { kind: 'identifier', name: item.name, at })
    if (hasAggregate(item.node)) {
      throw queryError(
        `Column ${item.name || 'in GROUP BY'} contains an aggregation function, which is not allowed in GROUP BY`,
        at,
      )
    }
    return grouping.addKey(analyze(item.node!, { ...grouping.inner, clause: 'GROUP BY clause' }), item.node)
  }
  const key = (node: Expression): string => {
    if (node.kind === 'literal' && node.type === 'INT64') {
      const item = items[Number(node.value) - 1]
      if (!item)
        throw queryError(
          `GROUP BY column number item is out of range. Column numbers must be between 1 and ${items.length}, inclusive`,
          node.at,
        )
      return itemKey(item, node.at)
    }
    if (node.kind === 'identifier') {
      const named = items.find((i) => i.name.toLowerCase() === node.name.toLowerCase())
      if (named) return itemKey(named, node.at)
    }
    return grouping.addKey(analyze(node, { ...grouping.inner, clause: 'GROUP BY clause' }), node)
  }
  if (groupBy.kind === 'keys') for (const node of groupBy.keys) key(node)
  else if (groupBy.kind === 'sets') grouping.addSets(groupBy.sets.map((set) => set.map(key)))
  else {
    const windowed = (node: unknown) => mentions(node, (n) => n.kind === 'call' && n.over !== undefined)
    for (const item of items) {
      if (item.column) itemKey(item, item.column.at)
      else if (item.node && item.node.kind !== 'literal' && !hasAggregate(item.node) && !windowed(item.node))
        itemKey(item, item.node.at)
    }
  }
}
