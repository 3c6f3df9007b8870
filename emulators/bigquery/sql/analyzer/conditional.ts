import type { Expression } from '../ast.ts'
import { queryError } from '../errors.ts'
import { cast } from './casts.ts'
import { coerce, coercionCost, supertype } from './coercion.ts'
import type { Context } from './context.ts'
import { bind, type Expr, orNull } from './expr.ts'
import { analyze, condition } from './expressions.ts'
import { compare } from './operators.ts'
import { toType, typeName } from './types.ts'

/** Values of which one will be the answer, all in their common type. */
function alternatives(values: readonly Expr[], what: string, at: Expr['at']): Expr[] {
  const type = supertype(values)
  if (type) return values.map((v) => coerce(v, type))
  const types = [...new Set(values.map((v) => typeName(v.type)))].sort().join(', ')
  const all = values.map((v) => typeName(v.type)).join(', ')
  throw queryError(
    `No matching signature for ${what} for argument types: ${all}\n    Unable to find common supertype for templated argument <T1>\n      Input types for <T1>: {${types}}`,
    at,
  )
}

export function analyzeCase(node: Extract<Expression, { kind: 'case' }>, context: Context): Expr {
  const { at } = node
  const operand = node.operand && analyze(node.operand, context)
  const otherwise: Expression = node.otherwise ?? { kind: 'null', at }
  const results = [...node.whens.map((w) => w.result), otherwise].map((n) => analyze(n, context))
  const values = alternatives(results, 'operator CASE', at)
  const branches = (tests: readonly string[]) =>
    `CASE ${tests.map((test, i) => `WHEN ${test} THEN ${values[i]!.sql}`).join(' ')} ELSE ${values.at(-1)!.sql} END`
  const { type } = values[0]!
  if (!operand) {
    const tests = node.whens.map((w) => condition(w.when, context, 'CASE condition').sql)
    return { type, sql: branches(tests), at }
  }
  const whens = node.whens.map((w) => analyze(w.when, context))
  const tests = (value: string) => whens.map((w) => compare('=', { ...operand, sql: value }, w, at))
  if (whens.length === 1) return { type, sql: branches(tests(operand.sql)), at }
  // The branches may hold subqueries, which a lambda cannot: only the number of the branch is found in one.
  const index = bind([operand.sql, ...whens.map((w) => w.sql)], (value, ...rest) => {
    const named = whens.map((w, i) => compare('=', { ...operand, sql: value! }, { ...w, sql: rest[i]! }, at))
    return `CASE ${named.map((test, i) => `WHEN ${test} THEN ${i}`).join(' ')} END`
  })
  const chosen = values.slice(0, -1).map((v, i) => `WHEN ${i} THEN ${v.sql}`)
  return { type, sql: `CASE ${index} ${chosen.join(' ')} ELSE ${values.at(-1)!.sql} END`, at }
}

export function analyzeCast(node: Extract<Expression, { kind: 'cast' }>, context: Context): Expr {
  const value = analyze(node.arg, context)
  const type = toType(node.type)
  if (!node.safe) return { ...cast(value, type, node.at), at: node.at }
  const converted = cast(value, type, node.at)
  if (converted.sql === value.sql) return { ...converted, at: node.at }
  const sql = bind([value.sql], (v) => orNull(cast({ ...value, sql: v }, type, node.at).sql))
  return { type, sql, at: node.at }
}

/** An argument that must coerce to a type, with BigQuery's words for one that does not. */
export function argument(value: Expr, type: Expr['type'], what: string): Expr {
  if (coercionCost(value, type)) return coerce(value, type)
  throw queryError(`${what} must be of type ${typeName(type)} but was ${typeName(value.type)}`, value.at)
}
