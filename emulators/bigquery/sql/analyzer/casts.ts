import type { SqlType } from '../../model/schema.ts'
import { type Position, queryError, unsupported } from '../errors.ts'
import { coerce, convert, fieldName, fieldText } from './coercion.ts'
import { bind, castTo, decimalOf, type Expr, nullOf, runtime } from './expr.ts'
import { sameType, typeName } from './types.ts'

type Rule = (sql: string) => string
const text = (sql: string) => castTo(sql, { kind: 'STRING' })

/** CAST between scalar types, beyond what coerces by itself (Conversion functions, "CAST"). Keys are `FROM>TO`. */
const rules: Record<string, Rule> = {
  'INT64>STRING': text,
  'INT64>BOOL': (v) => `(${v} <> 0)`,
  'BOOL>INT64': (v) => castTo(v, { kind: 'INT64' }),
  'BOOL>STRING': text,
  'FLOAT64>STRING': (v) => runtime('float_text', v),
  'FLOAT64>INT64': (v) => runtime('float_to_int', v),
  'FLOAT64>BIGNUMERIC': (v) => decimalOf(runtime('float_to_bignumeric', v), 'BIGNUMERIC'),
  'NUMERIC>STRING': (v) => runtime('numeric_text', text(v)),
  'BIGNUMERIC>STRING': (v) => runtime('numeric_text', text(v)),
  'NUMERIC>INT64': (v) => castTo(v, { kind: 'INT64' }),
  'BIGNUMERIC>INT64': (v) => castTo(v, { kind: 'INT64' }),
  'BIGNUMERIC>NUMERIC': (v) => castTo(v, { kind: 'NUMERIC' }),
  'STRING>INT64': (v) => runtime('parse_int', v),
  'STRING>FLOAT64': (v) => runtime('parse_float', v),
  'STRING>NUMERIC': (v) => decimalOf(runtime('numeric', v), 'NUMERIC'),
  'STRING>BIGNUMERIC': (v) => decimalOf(runtime('bignumeric', v), 'BIGNUMERIC'),
  'STRING>BOOL': (v) => runtime('parse_bool', v),
  'STRING>BYTES': (v) => `encode(${v})`,
  'BYTES>STRING': (v) => runtime('utf8', v),
  'STRING>DATE': (v) => convert(v, { kind: 'STRING' }, { kind: 'DATE' }),
  'STRING>DATETIME': (v) => convert(v, { kind: 'STRING' }, { kind: 'DATETIME' }),
  'STRING>TIME': (v) => convert(v, { kind: 'STRING' }, { kind: 'TIME' }),
  'STRING>TIMESTAMP': (v) => convert(v, { kind: 'STRING' }, { kind: 'TIMESTAMP' }),
  'DATE>STRING': text,
  'TIME>STRING': (v) => runtime('time_text', `epoch_us(${v})`),
  'DATETIME>STRING': (v) => runtime('datetime_text', `epoch_us(${v})`),
  'TIMESTAMP>STRING': (v) => runtime('timestamp_text', `epoch_us(${v})`, "'UTC'"),
  'DATE>TIMESTAMP': (v) => castTo(v, { kind: 'TIMESTAMP' }),
  'DATETIME>DATE': (v) => castTo(v, { kind: 'DATE' }),
  'DATETIME>TIME': (v) => castTo(v, { kind: 'TIME' }),
  'DATETIME>TIMESTAMP': (v) => castTo(v, { kind: 'TIMESTAMP' }),
  'TIMESTAMP>DATE': (v) => castTo(castTo(v, { kind: 'DATETIME' }), { kind: 'DATE' }),
  'TIMESTAMP>TIME': (v) => castTo(castTo(v, { kind: 'DATETIME' }), { kind: 'TIME' }),
  'TIMESTAMP>DATETIME': (v) => castTo(v, { kind: 'DATETIME' }),
}

/** What BigQuery casts and this front end does not. */
const missing = ['INTERVAL>STRING', 'STRING>INTERVAL']

const coercions = [
  'INT64>NUMERIC',
  'INT64>BIGNUMERIC',
  'INT64>FLOAT64',
  'NUMERIC>BIGNUMERIC',
  'NUMERIC>FLOAT64',
  'BIGNUMERIC>FLOAT64',
  'FLOAT64>NUMERIC',
  'DATE>DATETIME',
]

export function cast(value: Expr, type: SqlType, at: Position): Expr {
  if (value.origin === 'NULL' || value.origin === 'EMPTY_ARRAY' || sameType(value.type, type)) {
    const { origin: _, ...plain } = coerceAny(value, type, at)
    return plain
  }
  return { type, sql: castSql(value.sql, value.type, type, at), at }
}

function coerceAny(value: Expr, type: SqlType, at: Position): Expr {
  if (value.origin === 'EMPTY_ARRAY' && type.kind !== 'ARRAY') throw invalid(value.type, type, at)
  return coerce(value, type)
}

const invalid = (from: SqlType, to: SqlType, at: Position) =>
  queryError(`Invalid cast from ${typeName(from)} to ${typeName(to)}`, at)

function castSql(sql: string, from: SqlType, to: SqlType, at: Position): string {
  if (sameType(from, to)) return sql
  if (from.kind === 'STRUCT' && to.kind === 'STRUCT') return castStruct(sql, from, to, at)
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') {
    const element = castSql('e', from.element, to.element, at)
    return `list_transform(${sql}, lambda e: ${element})`
  }
  const key = `${from.kind}>${to.kind}`
  if (missing.includes(key)) throw unsupported(`CAST from ${typeName(from)} to ${typeName(to)}`, at)
  const rule = rules[key]
  if (rule) return rule(sql)
  if (coercions.includes(key)) return convert(sql, from, to)
  throw invalid(from, to, at)
}

type Struct = Extract<SqlType, { kind: 'STRUCT' }>

function castStruct(sql: string, from: Struct, to: Struct, at: Position): string {
  if (from.fields.length !== to.fields.length) throw invalid(from, to, at)
  return bind([sql], (s) => {
    const fields = from.fields.map((f, i) => {
      const target = to.fields[i]!
      return `${fieldName(target.name, i)} := ${castSql(`struct_extract(${s}, ${fieldText(f.name, i)})`, f.type, target.type, at)}`
    })
    return `CASE WHEN ${s} IS NULL THEN ${nullOf(to)} ELSE struct_pack(${fields.join(', ')}) END`
  })
}
