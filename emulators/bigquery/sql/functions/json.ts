import type { SqlType } from '../../model/schema.ts'
import { cast } from '../analyzer/casts.ts'
import { attempt, fieldText } from '../analyzer/coercion.ts'
import { castTo, type Expr, nullOf, runtime, textLiteral } from '../analyzer/expr.ts'
import { scalar } from '../analyzer/types.ts'
import { invalidQuery, unsupported } from '../errors.ts'
import { parsePath } from '../runtime/jsonpath.ts'
import { type EmitInfo, fn } from './signature.ts'

const STRING = scalar('STRING')
const text = (sql: string) => castTo(sql, STRING)
const json = (sql: string) => castTo(sql, scalar('JSON'))

/** The path argument, checked; without one, all of the document. */
function path(info: EmitInfo): string {
  const argument = info.args[1]
  if (!argument) return textLiteral('$')
  const { constant } = argument
  if (constant === undefined) throw unsupported('a computed JSONPath', info.at)
  if (attempt(() => String(parsePath(constant))) === undefined) throw invalidQuery(`Invalid JSONPath: ${constant}`)
  return argument.sql
}

/** A function of JSON text, and the same function of JSON. */
const both = (name: string, ofText: string, ofJson: string, result: { text: string; json: string }) => [
  fn(`${name}(STRING, [STRING]) -> ${result.text}`, ([v], info) => runtime(ofText, v!, path(info))),
  fn(`${name}(JSON, [STRING]) -> ${result.json}`, ([v], info) =>
    castTo(runtime(ofJson, text(v!), path(info)), info.result),
  ),
]

const part = { text: 'STRING', json: 'JSON' }
const plain = { text: 'STRING', json: 'STRING' }

export const jsons = [
  ...['JSON_EXTRACT', 'JSON_QUERY'].flatMap((name) => both(name, 'json_extract', 'json_query', part)),
  ...['JSON_EXTRACT_SCALAR', 'JSON_VALUE'].flatMap((name) => both(name, 'json_value', 'json_value', plain)),
  ...['JSON_EXTRACT_ARRAY', 'JSON_QUERY_ARRAY'].flatMap((name) =>
    both(name, 'json_array', 'json_array', { text: 'ARRAY<STRING>', json: 'ARRAY<JSON>' }),
  ),
  ...['JSON_EXTRACT_STRING_ARRAY', 'JSON_VALUE_ARRAY'].flatMap((name) =>
    both(name, 'json_string_array', 'json_string_array', { text: 'ARRAY<STRING>', json: 'ARRAY<STRING>' }),
  ),
  fn('PARSE_JSON(STRING) -> JSON', ([v]) => json(runtime('parse_json', v!))),
  fn('JSON_TYPE(JSON) -> STRING', ([v]) => runtime('json_type', text(v!))),
  fn('INT64(JSON) -> INT64', ([v]) => runtime('json_int64', text(v!))),
  fn('FLOAT64(JSON) -> FLOAT64', ([v]) => runtime('json_float64', text(v!))),
  fn('BOOL(JSON) -> BOOL', ([v]) => runtime('json_bool', text(v!))),
  fn('STRING(JSON) -> STRING', ([v]) => runtime('json_string', text(v!))),
  fn('LAX_INT64(JSON) -> INT64', ([v]) => runtime('lax_int64', text(v!))),
  fn('LAX_STRING(JSON) -> STRING', ([v]) => runtime('lax_string', text(v!))),
]

/** TO_JSON_STRING's text of a value, by its type (JSON functions, "JSON encodings"). */
export function jsonText(value: Expr): string {
  const type = value.origin === 'NULL' ? STRING : value.type
  return `coalesce(${encode(value.sql, type, 0, value.at)}, 'null')`
}

function encode(sql: string, type: SqlType, depth: number, at: Expr['at']): string {
  const quoted = (shown: string) => `('"' || ${shown} || '"')`
  const iso = (shown: string) => quoted(`replace(${shown}, ' ', 'T')`)
  switch (type.kind) {
    case 'BOOL':
      return text(sql)
    case 'INT64':
      return runtime('json_of_int', sql)
    case 'FLOAT64':
      return runtime('json_of_float', sql)
    case 'NUMERIC':
      return runtime('json_of_numeric', text(sql))
    case 'STRING':
      return runtime('json_of_string', text(sql))
    case 'BYTES':
      return quoted(runtime('to_base64', sql))
    case 'DATE':
    case 'TIME':
      return quoted(cast({ sql, type, at }, STRING, at).sql)
    case 'DATETIME':
      return iso(cast({ sql, type, at }, STRING, at).sql)
    case 'TIMESTAMP':
      return quoted(`(replace(${runtime('datetime_text', `epoch_us(${sql})`)}, ' ', 'T') || 'Z')`)
    case 'JSON':
      return runtime('parse_json', text(sql))
    case 'ARRAY': {
      const e = `j${depth}`
      const items = `list_transform(${sql}, lambda ${e}: coalesce(${encode(e, type.element, depth + 1, at)}, 'null'))`
      return `('[' || array_to_string(${items}, ',') || ']')`
    }
    case 'STRUCT':
      return encodeStruct(sql, type, depth, at)
    default:
      throw unsupported(`${type.kind} as JSON`, at)
  }
}

function encodeStruct(sql: string, type: Extract<SqlType, { kind: 'STRUCT' }>, depth: number, at: Expr['at']): string {
  const fields = type.fields.map((f, i) => {
    const key = textLiteral(`${i > 0 ? ',' : ''}${JSON.stringify(f.name)}:`)
    return `${key} || coalesce(${encode(`struct_extract(${sql}, ${fieldText(f.name, i)})`, f.type, depth, at)}, 'null')`
  })
  return `CASE WHEN ${sql} IS NULL THEN ${nullOf(STRING)} ELSE '{' || ${fields.join(' || ')} || '}' END`
}
