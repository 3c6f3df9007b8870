import type { Expression } from '../ast.ts'
import { queryError, unsupported } from '../errors.ts'
import { coerce, coercionCost, fieldText } from './coercion.ts'
import type { Context } from './context.ts'
import { bind, type Expr, failure, nullOf, runtime, textLiteral } from './expr.ts'
import { analyze } from './expressions.ts'
import { closest } from './scope.ts'
import { INT64, scalar, typeName } from './types.ts'

/** `value.name`. */
export function fieldOf(value: Expr, name: string, at: Expr['at'], nameAt: Expr['at'] = at): Expr {
  if (value.type.kind === 'JSON') {
    const path = textLiteral(`$."${name.replaceAll('"', '\\"')}"`)
    return {
      type: value.type,
      sql: `CAST(${runtime('json_query', `CAST(${value.sql} AS VARCHAR)`, path)} AS JSON)`,
      at,
    }
  }
  if (value.type.kind === 'ARRAY') {
    throw queryError(`Cannot access field ${name} on a value with type ${typeName(value.type)}`, nameAt)
  }
  if (value.type.kind !== 'STRUCT') {
    throw queryError(`Cannot access field ${name} on a value with type ${typeName(value.type)}`, nameAt)
  }
  const { fields } = value.type
  const matches = fields.flatMap((f, i) => (f.name.toLowerCase() === name.toLowerCase() ? [i] : []))
  if (matches.length > 1) throw queryError(`Struct field name ${name} is ambiguous`, nameAt)
  const index = matches[0]
  if (index === undefined) {
    const hint = closest(
      name,
      fields.map((f) => f.name),
    )
    throw queryError(`Field name ${name} does not exist in ${typeName(value.type)}${hint}`, nameAt)
  }
  const field = fields[index]!
  return { type: field.type, sql: `struct_extract(${value.sql}, ${fieldText(field.name, index)})`, at }
}

const subscripts = ['OFFSET', 'ORDINAL', 'SAFE_OFFSET', 'SAFE_ORDINAL']

/** `array[OFFSET(0)]`, `json['key']`. */
export function elementOf(node: Extract<Expression, { kind: 'index' }>, context: Context): Expr {
  const { at, index } = node
  const value = analyze(node.of, context)
  if (value.type.kind === 'JSON') return jsonElement(value, analyze(index, context), at)
  if (value.type.kind === 'STRUCT') throw unsupported('access of STRUCT fields by position', at)
  const keyword = index.kind === 'call' && index.name.length === 1 ? index.name[0]!.toUpperCase() : 'OFFSET'
  const inner = index.kind === 'call' && subscripts.includes(keyword) ? index.args[0] : index
  if (value.type.kind !== 'ARRAY') {
    throw queryError(`Element access using [] is not supported on values of type ${typeName(value.type)}`, at)
  }
  const position = inner && analyze(inner, context)
  if (!position || !coercionCost(position, INT64)) {
    throw queryError(
      `Array position in [] must be coercible to INT64 type, but has type ${position ? typeName(position.type) : 'nothing'}`,
      index.at,
    )
  }
  const type = value.type.element
  const how = subscripts.includes(keyword) ? keyword : 'OFFSET'
  const shift = how.endsWith('OFFSET') ? 1 : 0
  const sql = bind([value.sql, coerce(position, INT64).sql], (array, i) => {
    const outside = `${i} < ${1 - shift} OR ${i} > len(${array}) - ${shift}`
    const message = `'Array index ' || ${i} || ' is out of bounds'`
    const failed = how.startsWith('SAFE') ? nullOf(type) : failure(message, type)
    return `CASE WHEN ${outside} THEN ${failed} ELSE list_extract(${array}, ${i} + ${shift}) END`
  })
  return { type, sql, at }
}

function jsonElement(value: Expr, index: Expr, at: Expr['at']): Expr {
  const text = `CAST(${value.sql} AS VARCHAR)`
  const type = scalar('JSON')
  if (index.type.kind === 'STRING') return { type, sql: `CAST(${runtime('json_member', text, index.sql)} AS JSON)`, at }
  if (coercionCost(index, INT64)) {
    return { type, sql: `CAST(${runtime('json_item', text, coerce(index, INT64).sql)} AS JSON)`, at }
  }
  throw queryError(`Subscript access using [${typeName(index.type)}] is not supported on values of type JSON`, at)
}
