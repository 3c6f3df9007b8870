import type { Call, Expression, FrameBound, OrderItem, Window } from '../ast.ts'
import { queryError, unsupported } from '../errors.ts'
import { type AggregateExtra, choose, noMatch, type Overload } from '../functions/signature.ts'
import { coerce } from './coercion.ts'
import { argument } from './conditional.ts'
import type { Context } from './context.ts'
import { type Expr, runtime } from './expr.ts'
import { analyze } from './expressions.ts'
import { orderKeys } from './ordering.ts'
import { INT64, isGroupable, scalar, typeName } from './types.ts'

/** Aggregates whose rows may be put in order and limited. */
const listing = new Set(['ARRAY_AGG', 'STRING_AGG', 'ARRAY_CONCAT_AGG'])

/** An aggregate call over the rows of a group. */
export function analyzeAggregate(call: Call, context: Context, candidates: readonly Overload[]): Expr {
  const name = call.name.join('.').toUpperCase()
  if (!context.aggregation) throw queryError(`Aggregate function ${name} not allowed in ${context.clause}`, call.at)
  return context.aggregation.add(call, (inner) => emitAggregate(call, inner, candidates, ''))
}

/** A call with OVER: an aggregate over a window of rows, or a function that only windows have. */
export function analyzeWindowed(call: Call, context: Context, candidates: readonly Overload[]): Expr {
  const name = call.name.join('.').toUpperCase()
  if (!context.windows) throw queryError(`Analytic function not allowed in ${context.clause}`, call.at)
  if (call.orderBy.length > 0 || call.limit)
    throw queryError(`ORDER BY and LIMIT in arguments are not allowed for analytic function ${name}`, call.at)
  const { windows: _, ...without } = context
  const inner = { ...without, clause: 'analytic function arguments' }
  const window = resolveWindow(call.over!, context, [])
  if (call.distinct && (window.orderBy.length > 0 || window.frame)) {
    throw queryError('Window ORDER BY is not allowed if DISTINCT is specified', call.at)
  }
  if (
    candidates[0]!.kind === 'window' &&
    window.orderBy.length === 0 &&
    /^(RANK|DENSE_RANK|LAG|LEAD|NTILE|CUME_DIST|PERCENT_RANK)$/.test(name)
  ) {
    throw queryError(`Window ORDER BY is required for analytic function ${name}`, call.at)
  }
  return emitAggregate(call, inner, candidates, ` OVER (${windowSql(window, inner)})`)
}

function emitAggregate(call: Call, context: Context, candidates: readonly Overload[], over: string): Expr {
  const { at } = call
  const name = call.name.join('.').toUpperCase()
  if (call.args.some((arg) => arg.kind === 'star')) {
    if (name !== 'COUNT' || call.args.length > 1 || call.distinct)
      throw queryError('Argument * can only be used in COUNT(*)', at)
    return { type: INT64, sql: `count(*)${over}`, at }
  }
  const args = call.args.map((arg) => analyze(arg, context))
  const match = choose(candidates, args)
  if (!match) throw queryError(noMatch(name, candidates, args), at)
  if (call.distinct && !isGroupable(args[0]!.type)) throw unsupported(`DISTINCT on ${typeName(args[0]!.type)}`, at)
  const coerced = args.map((arg, i) => coerce(arg, match.types[i]!))
  const nulls = call.nulls ? ` ${call.nulls} NULLS` : ''
  if (call.nulls && !listing.has(name) && !['FIRST_VALUE', 'LAST_VALUE', 'NTH_VALUE'].includes(name)) {
    throw unsupported(`${call.nulls} NULLS in ${name}`, at)
  }
  if ((call.orderBy.length > 0 || call.limit) && !listing.has(name))
    throw unsupported(`ORDER BY or LIMIT in ${name}`, at)
  const filter = listing.has(name) && call.nulls === 'IGNORE' ? `${coerced[0]!.sql} IS NOT NULL` : ''
  if (call.distinct && call.orderBy.length > 0 && args[0]!.type.kind === 'FLOAT64')
    throw unsupported('DISTINCT with ORDER BY of FLOAT64', at)
  const order = call.orderBy.length > 0 ? ` ORDER BY ${listOrder(call, context).join(', ')}` : ''
  const aggregate = (duck: string, operands: readonly string[], extra: AggregateExtra = {}) => {
    const distinct = call.distinct && !extra.plain ? 'DISTINCT ' : ''
    const inner = candidates[0]!.kind === 'window' ? nulls : ''
    const conditions = [filter, extra.filter].filter(Boolean).join(' AND ')
    const where = conditions ? ` FILTER (WHERE ${conditions})` : ''
    if (distinct && order && extra.ordered) return sortedDistinct(duck, operands, `${where}${over}`, call)
    return `${duck}(${distinct}${operands.join(', ')}${extra.ordered ? order : ''}${inner})${where}${over}`
  }
  const info = { args: coerced, at, result: match.result, aggregate }
  const sql = match.overload.emit(
    coerced.map((arg) => arg.sql),
    info,
  )
  return limited({ type: match.result, sql, at }, call, context)
}

/** Distinct values in order: DuckDB sorts them afterwards, since it cannot tell that the key is the argument. */
function sortedDistinct(duck: string, [value, ...rest]: readonly string[], tail: string, call: Call): string {
  const { descending, nulls } = call.orderBy[0]!
  const direction = `'${descending ? 'DESC' : 'ASC'}', 'NULLS ${nulls ?? (descending ? 'LAST' : 'FIRST')}'`
  const list = `list_sort(list(DISTINCT ${value})${tail}, ${direction})`
  if (duck === 'list') return list
  return runtime('array_join', `list_filter(${list}, lambda e: e IS NOT NULL)`, rest[0]!)
}

/** The order of a list: with DISTINCT, only that of its elements is possible. */
function listOrder(call: Call, context: Context): string[] {
  if (
    call.distinct &&
    call.orderBy.some((item) => analyze(item.expression, context).sql !== analyze(call.args[0]!, context).sql)
  ) {
    throw queryError(
      'An aggregate function that has both DISTINCT and ORDER BY arguments can only ORDER BY expressions that are arguments to the function',
      call.at,
    )
  }
  return orderKeys(call.orderBy, (node) => analyze(node, context))
}

function limited(value: Expr, call: Call, context: Context): Expr {
  if (!call.limit) return value
  if (value.type.kind !== 'ARRAY') throw unsupported(`LIMIT in ${call.name.join('.')}`, call.at)
  const limit = argument(analyze(call.limit, context), INT64, 'LIMIT')
  return { ...value, sql: `list_slice(${value.sql}, 1, ${limit.sql})` }
}

/** A window with what its named base contributes. */
function resolveWindow(window: Window, context: Context, seen: readonly string[]): Window {
  if (!window.base) return window
  const key = window.base.text.toLowerCase()
  const base = seen.includes(key) ? undefined : context.windows?.get(key)
  if (!base) throw queryError(`Unrecognized window alias ${window.base.text}`, window.base.at)
  const resolved = resolveWindow(base, context, [...seen, key])
  const frame = window.frame ?? resolved.frame
  return {
    partitionBy: window.partitionBy.length > 0 ? window.partitionBy : resolved.partitionBy,
    orderBy: window.orderBy.length > 0 ? window.orderBy : resolved.orderBy,
    ...(frame && { frame }),
    at: window.at,
  }
}

function windowSql({ partitionBy, orderBy, frame, at }: Window, context: Context): string {
  const partition = partitionBy.map((node) => {
    const key = analyze(node, context)
    if (!isGroupable(key.type))
      throw queryError(`Partitioning by expressions of type ${typeName(key.type)} is not allowed`, node.at)
    return key.sql
  })
  const ranged = frame?.unit === 'RANGE' && [frame.from, frame.to].some((bound) => bound.offset)
  const order = ranged ? rangeKey(orderBy, context, at) : orderKeys(orderBy, (node) => analyze(node, context))
  const clauses = [
    partition.length > 0 ? `PARTITION BY ${partition.join(', ')}` : '',
    order.length > 0 ? `ORDER BY ${order.join(', ')}` : '',
    frame ? `${frame.unit} BETWEEN ${boundSql(frame.from, context)} AND ${boundSql(frame.to, context)}` : '',
  ]
  return clauses.filter(Boolean).join(' ')
}

function rangeKey(orderBy: readonly OrderItem[], context: Context, at: Window['at']): string[] {
  if (orderBy.length !== 1)
    throw queryError('Window framing clause of type RANGE with a numeric offset needs exactly one ORDER BY key', at)
  const key = analyze(orderBy[0]!.expression, context)
  if (key.type.kind !== 'INT64' && key.type.kind !== 'NUMERIC')
    throw unsupported(`RANGE with an offset over ${typeName(key.type)}`, at)
  return orderKeys(orderBy, () => key)
}

function boundSql({ kind, offset }: FrameBound, context: Context): string {
  if (!offset) return kind
  const value = argument(analyze(offset as Expression, context), scalar('INT64'), 'Window framing offset')
  return `${value.sql} ${kind}`
}
