import { ServiceError } from '../../../shared/index.ts'
import type { SqlType } from '../../model/schema.ts'
import type { Expression } from '../ast.ts'
import { queryError, unsupported } from '../errors.ts'
import { isAggregate } from '../functions/registry.ts'
import { elementOf, fieldOf } from './access.ts'
import { analyzeCall } from './calls.ts'
import { coerce, coercionCost, fieldName, supertype } from './coercion.ts'
import { analyzeCase, analyzeCast } from './conditional.ts'
import type { Context } from './context.ts'
import { castTo, type Expr } from './expr.ts'
import { analyzeInterval, extract } from './intervals.ts'
import { bytesLiteral, literal, typedLiteral } from './literals.ts'
import { analyzeBetween, analyzeBinary, analyzeDistinct, analyzeIn, analyzeLike, analyzeUnary } from './operators.ts'
import { closest, lookUp, lookUpField, visibleNames } from './scope.ts'
import { analyzeInQuery, analyzeInUnnest, analyzeSubquery } from './subqueries.ts'
import { arrayOf, BOOL, INT64, structOf, toType, typeName } from './types.ts'

/** The meaning of an expression: its type, and its text for DuckDB. Throws BigQuery's errors. */
export function analyze(node: Expression, context: Context): Expr {
  const key = mayBeKey(node) && keyOf(node, context)
  if (key) return { ...key, at: node.at }
  return meaning(node, context)
}

/** The computed key that an expression is, as it reads on ungrouped rows; what has no meaning there is none. */
function keyOf(node: Expression, { aggregation }: Context): Expr | undefined {
  if (!aggregation?.hasComputedKeys) return undefined
  try {
    return aggregation.match(analyze(node, aggregation.inner).sql)
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'INVALID_ARGUMENT') return undefined
    throw error
  }
}

/** Leaves need no comparing with computed keys, and calls that see many rows cannot be keys. */
const mayBeKey = (node: Expression): boolean =>
  [
    'call',
    'binary',
    'unary',
    'cast',
    'extract',
    'case',
    'field',
    'index',
    'logical',
    'is',
    'in',
    'between',
    'like',
  ].includes(node.kind) &&
  !mentions(
    node,
    (n) =>
      n.kind === 'subquery' || n.kind === 'inQuery' || (n.kind === 'call' && (n.over !== undefined || isAggregate(n))),
  )

/** Whether a node or one below it satisfies the condition. */
export function mentions(node: unknown, condition: (node: Expression) => boolean): boolean {
  if (Array.isArray(node)) return node.some((n) => mentions(n, condition))
  if (typeof node !== 'object' || node === null) return false
  if ('kind' in node && condition(node as Expression)) return true
  return Object.values(node).some((n) => mentions(n, condition))
}

function meaning(node: Expression, context: Context): Expr {
  switch (node.kind) {
    case 'literal':
      return literal(node)
    case 'bytes':
      return bytesLiteral(node.value, node.at)
    case 'null':
      return { type: INT64, sql: castTo('NULL', INT64), at: node.at, origin: 'NULL' }
    case 'typed':
      return typedLiteral(node)
    case 'parameter':
      return parameter(node, context)
    case 'identifier':
      return identifier(node, context)
    case 'field':
      return field(node, context)
    case 'index':
      return elementOf(node, context)
    case 'unary':
      return analyzeUnary(node, context)
    case 'binary':
      return analyzeBinary(node, context)
    case 'logical':
      return {
        type: BOOL,
        sql: `(${node.args.map((arg) => condition(arg, context, `operator ${node.op}`).sql).join(` ${node.op} `)})`,
        at: node.at,
      }
    case 'is':
      return isTest(node, context)
    case 'distinct':
      return analyzeDistinct(node, context)
    case 'like':
      return analyzeLike(node, context)
    case 'between':
      return analyzeBetween(node, context)
    case 'in':
      return analyzeIn(node, context)
    case 'inQuery':
      return analyzeInQuery(node, context)
    case 'inUnnest':
      return analyzeInUnnest(node, context)
    case 'case':
      return analyzeCase(node, context)
    case 'cast':
      return analyzeCast(node, context)
    case 'extract':
      return extract(node, context)
    case 'array':
      return array(node, context)
    case 'struct':
      return struct(node, context)
    case 'interval':
      return analyzeInterval(node, context)
    case 'subquery':
      return analyzeSubquery(node, context)
    case 'call':
      return analyzeCall(node, context)
    case 'system':
      throw unsupported(`the system variable ${node.name}`, node.at)
    default:
      throw queryError(
        `Syntax error: Unexpected ${node.kind === 'star' ? '"*"' : `keyword ${node.kind.toUpperCase()}`}`,
        node.at,
      )
  }
}

/** An expression that must be a BOOL, such as WHERE has. */
export function condition(node: Expression, context: Context, what: string): Expr {
  const expr = analyze(node, context)
  if (!coercionCost(expr, BOOL)) {
    throw queryError(
      `${what[0]!.toUpperCase()}${what.slice(1)} should return type BOOL, but returns ${typeName(expr.type)}`,
      node.at,
    )
  }
  return coerce(expr, BOOL)
}

function parameter({ name, index, at }: Extract<Expression, { kind: 'parameter' }>, context: Context): Expr {
  const { sql, type, value } = context.statement.parameter(name, index, at)
  const constant = type.kind === 'STRING' && typeof value === 'string' ? { constant: value } : {}
  return { type, sql: castTo(sql, type), at, origin: 'PARAMETER', ...constant }
}

const niladic = new Set(['CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_DATETIME', 'CURRENT_TIMESTAMP'])

function identifier({ name, at }: Extract<Expression, { kind: 'identifier' }>, context: Context): Expr {
  const found = lookUp(context.scope, name, at)
  if (found) return found
  if (niladic.has(name.toUpperCase())) {
    return analyzeCall({ kind: 'call', name: [name], safe: false, args: [], distinct: false, orderBy: [], at }, context)
  }
  if (/^_(PARTITION(TIME|DATE)|TABLE_SUFFIX|FILE_NAME|CHANGE_TYPE|CHANGE_TIMESTAMP)$/i.test(name)) {
    throw unsupported(`the pseudo column ${name}`, at)
  }
  throw queryError(`Unrecognized name: ${name}${closest(name, visibleNames(context.scope))}`, at)
}

function field(node: Extract<Expression, { kind: 'field' }>, context: Context): Expr {
  if (node.of.kind === 'identifier') {
    const column = lookUpField(context.scope, node.of.name, node.name, node)
    if (column) return column
  }
  return fieldOf(analyze(node.of, context), node.name, node.at, node.nameAt)
}

function isTest({ arg, what, not, at }: Extract<Expression, { kind: 'is' }>, context: Context): Expr {
  const expr = what === 'NULL' ? analyze(arg, context) : condition(arg, context, `operator IS ${what}`)
  return { type: BOOL, sql: `(${expr.sql} IS ${not ? 'NOT ' : ''}${what})`, at }
}

function array(node: Extract<Expression, { kind: 'array' }>, context: Context): Expr {
  const { at } = node
  const declared = node.element && toType(node.element)
  const items = node.items.map((item) => analyze(item, context))
  if (items.length === 0) {
    const type = arrayOf(declared ?? INT64)
    return { type, sql: castTo('[]', type), at, ...(!declared && { origin: 'EMPTY_ARRAY' as const }) }
  }
  const element = declared ?? supertype(items)
  if (!element) {
    throw queryError(
      `Array elements of types {${[...new Set(items.map((i) => typeName(i.type)))].sort().join(', ')}} do not have a common supertype`,
      at,
    )
  }
  if (element.kind === 'ARRAY') {
    throw queryError(
      `Cannot construct array with element type ${typeName(element)} because nested arrays are not supported`,
      at,
    )
  }
  const values = items.map((item) => {
    if (coercionCost(item, element)) return coerce(item, element)
    throw queryError(`Array element type ${typeName(item.type)} does not coerce to ${typeName(element)}`, item.at)
  })
  const sql = castTo(`[${values.map((v) => v.sql).join(', ')}]`, arrayOf(element))
  return { type: arrayOf(element), sql, at, ...(!declared && { parts: values }) }
}

function struct(node: Extract<Expression, { kind: 'struct' }>, context: Context): Expr {
  const { at } = node
  const declared = node.type && toType(node.type)
  const values = node.items.map((item) => analyze(item.expression, context))
  if (declared?.kind === 'STRUCT' && declared.fields.length !== values.length) {
    throw queryError(
      `STRUCT type has ${declared.fields.length} fields but constructor call has ${values.length} fields`,
      at,
    )
  }
  const fields = values.map((value, i) => {
    const target = declared?.kind === 'STRUCT' ? declared.fields[i] : undefined
    if (target && !coercionCost(value, target.type)) {
      throw queryError(
        `Struct field ${i + 1} has type ${typeName(value.type)} which does not coerce to ${typeName(target.type)}`,
        value.at,
      )
    }
    const coerced = target ? coerce(value, target.type) : value
    return { name: target?.name ?? node.items[i]!.alias ?? '', type: coerced.type, sql: coerced.sql, coerced }
  })
  if (fields.length === 0) throw unsupported('a STRUCT without fields', at)
  return { ...makeStruct(fields, at), ...(!declared && { parts: fields.map((f) => f.coerced) }) }
}

/** A STRUCT of these values. */
export function makeStruct(fields: readonly { name: string; type: SqlType; sql: string }[], at: Expr['at']): Expr {
  const keys = fields.map((f, i) => fieldName(f.name, i).toLowerCase())
  if (new Set(keys).size < keys.length) throw unsupported('a STRUCT with two fields of one name', at)
  const type = structOf(fields.map(({ name, type }) => ({ name, type })))
  return { type, sql: `struct_pack(${fields.map((f, i) => `${fieldName(f.name, i)} := ${f.sql}`).join(', ')})`, at }
}
