import type { Expression } from '../ast.ts'
import { queryError } from '../errors.ts'
import { coerce, coercionCost } from './coercion.ts'
import type { Context } from './context.ts'
import { castTo, type Expr } from './expr.ts'
import { analyze } from './expressions.ts'
import { comparable } from './operators.ts'
import { emitQuery, resultColumns } from './queries.ts'
import { arrayOf, BOOL, typeName } from './types.ts'

type Node<K extends Expression['kind']> = Extract<Expression, { kind: K }>

/** A subquery sees the names of the queries around it, but not their analytic functions. */
const inside = (context: Context): Context => {
  const { windows: _, aggregation: __, ...rest } = context
  return rest
}

export function analyzeSubquery({ how, query, at }: Node<'subquery'>, context: Context): Expr {
  const plan = emitQuery(query, inside(context))
  if (how === 'EXISTS') return { type: BOOL, sql: `EXISTS (${plan.sql})`, at }
  const columns = resultColumns(plan)
  if (columns.length !== 1) {
    const what = how === 'ARRAY' ? 'ARRAY subquery' : 'Scalar subquery'
    throw queryError(
      `${what} cannot have more than one column unless using SELECT AS STRUCT to build STRUCT values`,
      at,
    )
  }
  const { type } = columns[0]!
  if (how === 'scalar') return { type, sql: `(${plan.sql})`, at }
  if (type.kind === 'ARRAY') {
    throw queryError(
      `Cannot use array subquery with column of type ${typeName(type)} because nested arrays are not supported`,
      at,
    )
  }
  const array = arrayOf(type)
  return { type: array, sql: `coalesce(ARRAY(${plan.sql}), ${castTo('[]', array)})`, at }
}

export function analyzeInQuery({ arg, query, not, at }: Node<'inQuery'>, context: Context): Expr {
  const value = analyze(arg, context)
  const plan = emitQuery(query, inside(context))
  const columns = resultColumns(plan)
  if (columns.length !== 1) throw queryError('Subquery of type IN must have only one output column', at)
  const item: Expr = { type: columns[0]!.type, sql: 'i.c0', at }
  const [left, right] = comparable([value, item], 'IN', at)
  // GoogleSQL's NaN equals nothing, DuckDB's itself.
  const filter = right!.type.kind === 'FLOAT64' ? ' WHERE i.c0 IS NULL OR NOT isnan(i.c0)' : ''
  const source =
    right!.sql === item.sql && !filter ? plan.sql : `SELECT ${right!.sql} FROM (${plan.sql}) AS i(c0)${filter}`
  return { type: BOOL, sql: `(${left!.sql} ${not ? 'NOT ' : ''}IN (${source}))`, at }
}

export function analyzeInUnnest({ arg, array, not, at }: Node<'inUnnest'>, context: Context): Expr {
  const value = analyze(arg, context)
  const list = analyze(array, context)
  if (list.type.kind !== 'ARRAY') {
    throw queryError(`Second argument of IN UNNEST must be an array but was ${typeName(list.type)}`, at)
  }
  const element: Expr = { type: list.type.element, sql: 'e', at }
  const target = list.origin === 'EMPTY_ARRAY' ? value.type : element.type
  const typed = coercionCost(value, target) ? coerce(value, target) : value
  const [left, right] = comparable([typed, { ...element, type: target }], 'IN UNNEST', at)
  const items = list.origin === 'EMPTY_ARRAY' ? coerce(list, arrayOf(target)).sql : list.sql
  const source = right!.sql === 'e' ? 'e' : right!.sql
  const unnested = `SELECT ${source} FROM (SELECT unnest(${items}) AS e)`
  return { type: BOOL, sql: `(${left!.sql} ${not ? 'NOT ' : ''}IN (${unnested}))`, at }
}
