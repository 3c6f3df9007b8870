import { cast } from '../analyzer/casts.ts'
import { coerce, coercionCost } from '../analyzer/coercion.ts'
import { argument } from '../analyzer/conditional.ts'
import type { Context } from '../analyzer/context.ts'
import { castTo, type Expr, runtime, textLiteral } from '../analyzer/expr.ts'
import { analyze } from '../analyzer/expressions.ts'
import { FLOAT64, INT64, STRING, scalar, typeName } from '../analyzer/types.ts'
import type { Call } from '../ast.ts'
import { queryError, unsupported } from '../errors.ts'
import { specifier } from '../runtime/format.ts'
import { dateForms } from './dates.ts'
import { jsonText } from './json.ts'
import { normalizeMode } from './strings.ts'

export type SpecialForm = (call: Call, context: Context) => Expr

const only = (call: Call, count: number): void => {
  const name = call.name.join('.').toUpperCase()
  if (call.args.length > count) throw unsupported(`${name} with ${call.args.length} arguments`, call.at)
  if (call.args.length < count)
    throw queryError(`No matching signature for function ${name} with ${call.args.length} arguments`, call.at)
}

/** CONCAT of BYTES, or of anything that CAST makes a STRING of: `CONCAT('Summer ', 1923)`. */
const concat: SpecialForm = (call, context) => {
  if (call.args.length === 0) throw queryError('No matching signature for function CONCAT with no arguments', call.at)
  const values = call.args.map((arg) => analyze(arg, context))
  const typed = values.filter((v) => v.origin !== 'NULL')
  const bytes = typed.length > 0 && typed.every((v) => v.type.kind === 'BYTES')
  const type = bytes ? scalar('BYTES') : STRING
  const odd = typed.find((v) => ['ARRAY', 'STRUCT', 'JSON', bytes ? '' : 'BYTES'].includes(v.type.kind))
  if (odd)
    throw queryError(
      `No matching signature for function CONCAT for argument types: ${values.map((v) => typeName(v.type)).join(', ')}`,
      call.at,
    )
  const parts = values.map((v) => (bytes ? coerce(v, type) : cast(v, type, v.at)).sql)
  return { type, sql: parts.length === 1 ? parts[0]! : `(${parts.join(' || ')})`, at: call.at }
}

const toJsonString: SpecialForm = (call, context) => {
  only(call, 1)
  return { type: STRING, sql: jsonText(analyze(call.args[0]!, context)), at: call.at }
}

const toJson: SpecialForm = (call, context) => {
  only(call, 1)
  const value = analyze(call.args[0]!, context)
  const type = scalar('JSON')
  return { type, sql: castTo(runtime('parse_json', jsonText(value)), type), at: call.at }
}

const normalize: SpecialForm = (call, context) => {
  const [value, mode] = call.args
  if (call.args.length > 2 || mode?.kind === undefined || mode.kind !== 'identifier') {
    if (call.args.length === 1) {
      return {
        type: STRING,
        sql: runtime('normalize', argument(analyze(value!, context), STRING, 'NORMALIZE').sql, "'NFC'"),
        at: call.at,
      }
    }
    throw queryError('No matching signature for function NORMALIZE', call.at)
  }
  const text = argument(analyze(value!, context), STRING, 'NORMALIZE')
  return { type: STRING, sql: runtime('normalize', text.sql, normalizeMode(mode.name, mode.at)), at: call.at }
}

/** GROUPING(key), where the rows are grouped by it. */
const grouping: SpecialForm = (call, context) => {
  only(call, 1)
  const { aggregation } = context
  if (!aggregation) throw queryError(`GROUPING is not allowed in ${context.clause}`, call.at)
  const key = analyze(call.args[0]!, aggregation.inner)
  const found = aggregation.addGrouping(key, call.at)
  if (!found)
    throw queryError('GROUPING must have an argument that exists within the group-by expression list', call.at)
  return found
}

/** FORMAT with its format written out: each specifier becomes a piece of text of its own. */
const format: SpecialForm = (call, context) => {
  const [pattern, ...args] = call.args.map((arg) => analyze(arg, context))
  const text = pattern && argument(pattern, STRING, 'FORMAT').constant
  if (text === undefined) throw unsupported('FORMAT with a computed format', call.at)
  const pieces: string[] = []
  let next = 0
  let last = 0
  for (const match of text.matchAll(specifier)) {
    if (match.index > last) pieces.push(textLiteral(plainText(text.slice(last, match.index), call)))
    last = match.index + match[0].length
    if (match[4] === '%') pieces.push(textLiteral('%'))
    else {
      const value = args[next++]
      if (!value) throw queryError(`Too few arguments to FORMAT for pattern ${JSON.stringify(text)}`, call.at)
      pieces.push(formatted(match[0], match[4]!, value))
    }
  }
  if (last < text.length) pieces.push(textLiteral(plainText(text.slice(last), call)))
  if (next < args.length) throw queryError(`Too many arguments to FORMAT for pattern ${JSON.stringify(text)}`, call.at)
  return { type: STRING, sql: pieces.length === 0 ? textLiteral('') : `(${pieces.join(' || ')})`, at: call.at }
}

function plainText(text: string, call: Call): string {
  if (text.includes('%')) throw unsupported(`the FORMAT specifier in ${JSON.stringify(text)}`, call.at)
  return text
}

function formatted(spec: string, type: string, value: Expr): string {
  const as = (target: Expr['type']) => {
    if (value.type.kind !== 'NUMERIC' && value.type.kind !== 'BIGNUMERIC' && coercionCost(value, target))
      return argument(value, target, spec).sql
    if (value.type.kind === 'NUMERIC' || value.type.kind === 'BIGNUMERIC')
      throw unsupported(`FORMAT ${spec} of ${value.type.kind}`, value.at)
    throw queryError(
      `Invalid type for argument in FORMAT; Expected ${typeName(target)}; Got ${typeName(value.type)}`,
      value.at,
    )
  }
  if ('dixXo'.includes(type)) return runtime('format_int', textLiteral(spec), as(INT64))
  if ('fFeEgG'.includes(type)) return runtime('format_float', textLiteral(spec), as(FLOAT64))
  if (type === 's') return runtime('format_string', textLiteral(spec), as(STRING))
  if (type === 't' && value.type.kind !== 'STRUCT' && value.type.kind !== 'ARRAY' && value.type.kind !== 'BYTES') {
    const shown = value.type.kind === 'FLOAT64' ? runtime('float_text_t', value.sql) : cast(value, STRING, value.at).sql
    return runtime('format_string', textLiteral(spec), `coalesce(${shown}, 'NULL')`)
  }
  throw unsupported(`FORMAT ${spec} of ${typeName(value.type)}`, value.at)
}

/** Functions whose arguments are not all values: date parts, intervals, formats, the time of the statement. */
export const specialForms: ReadonlyMap<string, SpecialForm> = new Map([
  ...dateForms,
  ['CONCAT', concat],
  ['TO_JSON_STRING', toJsonString],
  ['TO_JSON', toJson],
  ['NORMALIZE', normalize],
  ['GROUPING', grouping],
  ['FORMAT', format],
])
