import type { Expression, OrderItem, Query, QueryBody, SetOperation } from '../ast.ts'
import { queryError, unsupported } from '../errors.ts'
import type { Relation } from '../statement.ts'
import { coerce, supertype } from './coercion.ts'
import type { Context } from './context.ts'
import type { Expr } from './expr.ts'
import { analyze } from './expressions.ts'
import { orderKeys } from './ordering.ts'
import type { ScopeColumn } from './scope.ts'
import { type Body, emitSelect, ordinalOf, type ResultColumn } from './select.ts'
import { isGroupable, typeName } from './types.ts'

/** A query for DuckDB. Its columns are c0, c1 …, or the names that were asked for. */
export interface Plan {
  readonly sql: string
  readonly columns: readonly ResultColumn[]
}

export const resultColumns = (plan: Plan): readonly ResultColumn[] => plan.columns

/** `output` gives the columns of the outermost query their names, and the last touch to their values. */
export function emitQuery(query: Query, outer: Context, output?: (columns: readonly ResultColumn[]) => string[]): Plan {
  const { prefix, context } = withClause(query, outer)
  const body = emitBody(query.body, context, query.orderBy)
  const order = body.order.length > 0 ? ` ORDER BY ${body.order.join(', ')}` : ''
  const tail = `${order}${limitClause(query, context)}`
  const { columns } = body
  if (!tail && !output) return { sql: `${prefix}${body.sql}`, columns }
  const list = output ? output(columns) : columns.map((_, i) => `c${i}`)
  return { sql: `${prefix}SELECT ${list.join(', ')} FROM (${body.sql}) AS q${tail}`, columns: columns.map(forgetful) }
}

const forgetful = ({ name, type, origin }: ResultColumn): ResultColumn => ({
  name,
  type,
  ...(origin === 'NULL' && { origin }),
})

/** WITH: each query becomes one of DuckDB's, under a name of its own, so that no name is written out twice. */
function withClause(query: Query, context: Context): { prefix: string; context: Context } {
  if (query.with.length === 0) return { prefix: '', context }
  const ctes = new Map(context.ctes)
  const seen = new Set<string>()
  const parts: string[] = []
  for (const { name, query: body } of query.with) {
    const key = name.text.toLowerCase()
    if (seen.has(key)) throw queryError(`Duplicate alias ${name.text} for WITH subquery`, name.at)
    seen.add(key)
    const plan = emitQuery(body, { ...context, ctes: new Map(ctes) })
    const alias = context.statement.alias()
    const columns = plan.columns.map(({ name, type }) => ({ name, type }))
    parts.push(`${alias} AS (${plan.sql})`)
    ctes.set(key, { columns, sql: alias } satisfies Relation)
  }
  return { prefix: `WITH ${parts.join(', ')} `, context: { ...context, ctes } }
}

function emitBody(body: QueryBody, context: Context, orderBy: readonly OrderItem[]): Body {
  if (body.kind === 'select') return emitSelect(body, context, orderBy)
  const plan = body.kind === 'set' ? emitSet(body, context) : emitQuery(body.query, context)
  const sql = body.kind === 'query' ? `SELECT * FROM (${plan.sql}) AS p` : plan.sql
  return { sql, columns: plan.columns, order: orderOfColumns(orderBy, plan.columns, context) }
}

/** Behind a set operation, ORDER BY sees the columns of its result and nothing else. */
function orderOfColumns(orderBy: readonly OrderItem[], columns: readonly ResultColumn[], context: Context): string[] {
  const named: ScopeColumn[] = columns.map((c, i) => ({ name: c.name, type: c.type, sql: `c${i}` }))
  const scope = { parent: context.scope, namespace: { ranges: [], columns: named } }
  return orderKeys(orderBy, (node: Expression): Expr => {
    const ordinal = ordinalOf(node, columns)
    if (ordinal !== undefined) return { type: columns[ordinal]!.type, sql: `c${ordinal}`, at: node.at }
    return analyze(node, { statement: context.statement, ctes: context.ctes, scope, clause: 'ORDER BY clause' })
  })
}

function emitSet({ op, inputs, at }: SetOperation, context: Context): Plan {
  const plans = inputs.map((input) => emitBody(input, context, []))
  const width = plans[0]!.columns.length
  const [words] = op.split(' ')
  plans.forEach((plan, i) => {
    if (plan.columns.length !== width) {
      throw queryError(
        `Queries in ${op} have mismatched column count; query 1 has ${width} columns, query ${i + 1} has ${plan.columns.length} columns`,
        inputs[i]!.at,
      )
    }
  })
  const columns = plans[0]!.columns.map((first, i): ResultColumn => {
    const values = plans.map((plan) => asExpr(plan.columns[i]!, i, at))
    const type = supertype(values)
    if (!type) {
      const types = values.map((v) => typeName(v.type)).join(', ')
      throw queryError(`Column ${i + 1} in ${op} has incompatible types: ${types}`, inputs[1]!.at)
    }
    if (op !== 'UNION ALL' && !isGroupable(type)) throw unsupported(`${op} of ${typeName(type)} values`, at)
    return { name: first.name, type, ...(values.every((v) => v.origin === 'NULL') && { origin: 'NULL' as const }) }
  })
  const selects = plans.map((plan) => {
    const list = plan.columns.map((c, i) => `${coerce(asExpr(c, i, at), columns[i]!.type).sql} AS c${i}`)
    return `SELECT ${list.join(', ')} FROM (${plan.sql}) AS s`
  })
  return { sql: selects.join(` ${op === 'UNION ALL' ? op : words} `), columns }
}

const asExpr = ({ type, origin, constant }: ResultColumn, index: number, at: Expr['at']): Expr => ({
  type,
  sql: `c${index}`,
  at,
  ...(origin && { origin }),
  ...(constant !== undefined && { constant }),
})

function limitClause({ limit, offset }: Query, context: Context): string {
  if (!limit) return ''
  const count = (node: Expression, what: string): string => {
    const value = analyze(node, {
      statement: context.statement,
      ctes: context.ctes,
      scope: { namespace: { ranges: [], columns: [] } },
      clause: what,
    })
    if (
      value.type.kind !== 'INT64' ||
      !value.origin ||
      value.origin === 'NULL' ||
      (value.constant !== undefined && BigInt(value.constant) < 0n)
    ) {
      throw queryError(`${what} expects a non-negative integer literal or parameter`, node.at)
    }
    return value.sql
  }
  return ` LIMIT ${count(limit, 'LIMIT')}${offset ? ` OFFSET ${count(offset, 'OFFSET')}` : ''}`
}
