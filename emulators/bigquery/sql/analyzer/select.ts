import type { Expression, OrderItem, Select, SelectItem, Window } from '../ast.ts'
import { queryError, unsupported } from '../errors.ts'
import type { Context } from './context.ts'
import type { Expr } from './expr.ts'
import { analyze, condition, makeStruct } from './expressions.ts'
import { emitFrom } from './from.ts'
import { addKeys, Grouping, hasAggregate, type Item } from './grouping.ts'
import { orderKeys } from './ordering.ts'
import { type Namespace, nothing, type Scope } from './scope.ts'
import { expandStar } from './star.ts'
import { isGroupable, typeName } from './types.ts'

/** A column of a query's result, with where its value came from, as far as coercion cares. */
export interface ResultColumn extends Pick<Expr, 'type' | 'origin' | 'constant'> {
  readonly name: string
}

/** A query body, whose columns DuckDB knows as c0, c1 …, and the keys to sort it by from outside. */
export interface Body {
  readonly sql: string
  readonly columns: readonly ResultColumn[]
  readonly order: readonly string[]
}

/** One SELECT. The ORDER BY of the query around it may use what is not in its list: that becomes hidden columns. */
export function emitSelect(select: Select, outer: Context, orderBy: readonly OrderItem[]): Body {
  const source = select.from ? emitFrom(select.from, outer) : undefined
  const namespace = source?.namespace ?? nothing
  const scope: Scope = { parent: outer.scope, namespace }
  const base: Context = { statement: outer.statement, ctes: outer.ctes, scope, clause: 'this clause' }
  const items = select.items.flatMap((item) => itemsOf(item, namespace, base))
  if (items.length === 0) throw queryError('SELECT * produces no columns', select.at)
  const where = select.where && condition(select.where, { ...base, clause: 'WHERE clause' }, 'WHERE clause')
  const rows = { from: source ? ` FROM ${source.sql}` : '', where: where ? ` WHERE ${where.sql}` : '' }

  const grouping = groupingOf(select, base, items, orderBy)
  const windows = new Map(select.windows.map(({ name, window }): [string, Window] => [name.text.toLowerCase(), window]))
  const inList: Context = grouping
    ? { ...base, scope: { ...scope, grouped: grouping }, aggregation: grouping, windows, clause: 'SELECT list' }
    : { ...base, windows, clause: 'SELECT list' }
  const values = items.map((item) => itemValue(item, inList))
  const aliased: Context = { ...inList, scope: { ...inList.scope, aliases: aliasesOf(items, values) } }
  const having = select.having && condition(select.having, withoutWindows(aliased, 'HAVING clause'), 'HAVING clause')
  if (select.qualify && !grouping && !source) throw queryError('The QUALIFY clause requires a FROM clause', select.at)
  const qualify =
    select.qualify && condition(select.qualify, { ...aliased, clause: 'QUALIFY clause' }, 'QUALIFY clause')

  const result = shape(select, items, values)
  const sorted = sortKeys(select, orderBy, result, aliased)
  const list = [...result.map((r, i) => `${r.sql} AS c${i}`), ...sorted.hidden.map((sql, i) => `${sql} AS o${i}`)]
  const from = grouping
    ? ` FROM ${grouping.emit(rows.from, rows.where)}${having ? ` WHERE ${having.sql}` : ''}`
    : rows.from + rows.where
  const sql = `SELECT ${select.distinct ? 'DISTINCT ' : ''}${list.join(', ')}${from}${qualify ? ` QUALIFY ${qualify.sql}` : ''}`
  return { sql, columns: result, order: sorted.keys }
}

function itemsOf(item: SelectItem, namespace: Namespace, base: Context): Item[] {
  if (item.kind === 'star') return expandStar(item, namespace, base)
  const { expression, alias } = item
  const inferred = expression.kind === 'identifier' || expression.kind === 'field' ? expression.name : ''
  return [{ name: alias?.text ?? inferred, node: expression }]
}

function groupingOf(
  select: Select,
  base: Context,
  items: readonly Item[],
  orderBy: readonly OrderItem[],
): Grouping | undefined {
  const listed = items.map((i) => i.node)
  const needed = select.groupBy || select.having || hasAggregate([listed, select.qualify, orderBy, select.windows])
  if (!needed) return undefined
  const grouping = new Grouping(base)
  if (select.groupBy) addKeys(grouping, select.groupBy, items)
  return grouping
}

function itemValue(item: Item, context: Context): Expr {
  if (item.node) return analyze(item.node, context)
  const column = item.column!
  if (!context.aggregation) return column
  const key = context.aggregation.match(column.sql)
  if (key) return key
  throw queryError(
    `Star expansion expression references column ${item.name} which is neither grouped nor aggregated`,
    column.at,
  )
}

/** SELECT's names, as ORDER BY, HAVING and QUALIFY see them. */
function aliasesOf(items: readonly Item[], values: readonly Expr[]): Map<string, Expr | 'ambiguous'> {
  const aliases = new Map<string, Expr | 'ambiguous'>()
  for (const [i, { name }] of items.entries()) {
    const key = name.toLowerCase()
    if (key === '') continue
    const { origin: _, constant: __, ...value } = values[i]!
    const known = aliases.get(key)
    aliases.set(key, known !== undefined && (known === 'ambiguous' || known.sql !== value.sql) ? 'ambiguous' : value)
  }
  return aliases
}

const withoutWindows = ({ windows: _, ...context }: Context, clause: string): Context => ({ ...context, clause })

type Shaped = ResultColumn & { readonly sql: string }

/** The result's columns: the list itself, or one STRUCT of it. */
function shape(select: Select, items: readonly Item[], values: readonly Expr[]): Shaped[] {
  const columns = values.map((value, i) => ({ ...value, name: items[i]!.name }))
  if (select.distinct) {
    const odd = columns.find((c) => !isGroupable(c.type))
    if (odd?.type.kind === 'STRUCT' || select.as === 'STRUCT')
      throw unsupported('SELECT DISTINCT of STRUCT values', select.at)
    if (odd)
      throw queryError(`Column ${odd.name} of type ${typeName(odd.type)} cannot be used in SELECT DISTINCT`, select.at)
  }
  if (select.as === 'STRUCT') return [{ ...makeStruct(columns, select.at), name: '' }]
  if (select.as === 'VALUE') {
    if (columns.length !== 1) throw queryError('SELECT AS VALUE query must have exactly one column', select.at)
    if (columns[0]!.type.kind === 'STRUCT') throw unsupported('SELECT AS VALUE of a STRUCT', select.at)
  }
  return columns
}

/** ORDER BY: by columns of the result where it names them, by hidden columns where it computes. */
function sortKeys(
  select: Select,
  orderBy: readonly OrderItem[],
  result: readonly Shaped[],
  context: Context,
): { keys: string[]; hidden: string[] } {
  const hidden: string[] = []
  const key = (node: Expression): Expr => {
    const ordinal = ordinalOf(node, result)
    if (ordinal !== undefined) return { ...result[ordinal]!, sql: `c${ordinal}`, at: node.at }
    const value = analyze(node, { ...context, clause: 'ORDER BY clause' })
    const listed = select.as ? -1 : result.findIndex((r) => r.sql === value.sql)
    if (listed >= 0) return { ...value, sql: `c${listed}` }
    if (select.distinct) {
      throw queryError(
        'ORDER BY clause expression references a column which is not visible after SELECT DISTINCT',
        node.at,
      )
    }
    return { ...value, sql: `o${hidden.push(value.sql) - 1}` }
  }
  return { keys: orderKeys(orderBy, key), hidden }
}

/** The index that `ORDER BY 1` means. */
export function ordinalOf(node: Expression, columns: readonly unknown[]): number | undefined {
  if (node.kind !== 'literal' || node.type !== 'INT64') return undefined
  const index = Number(node.value) - 1
  if (columns[index] === undefined) {
    throw queryError(
      `ORDER BY column number item is out of range. Column numbers must be between 1 and ${columns.length}, inclusive`,
      node.at,
    )
  }
  return index
}
