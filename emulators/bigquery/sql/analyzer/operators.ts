import type { SqlType } from '../../model/schema.ts'
import type { Expression } from '../ast.ts'
import { type Position, queryError, unsupported } from '../errors.ts'
import { arithmetic, noOperator } from './arithmetic.ts'
import { coerce, coercionCost, supertype } from './coercion.ts'
import type { Context } from './context.ts'
import { bind, type Expr, runtime } from './expr.ts'
import { analyze, condition } from './expressions.ts'
import { BOOL, INT64, isOrderable, STRING, typeName } from './types.ts'

type Node<K extends Expression['kind']> = Extract<Expression, { kind: K }>

const comparisons = new Set(['=', '!=', '<', '>', '<=', '>='])

export function analyzeBinary({ op, left, right, at }: Node<'binary'>, context: Context): Expr {
  const l = analyze(left, context)
  const r = analyze(right, context)
  if (comparisons.has(op)) return { type: BOOL, sql: compare(op, l, r, at), at }
  if (op === '||') return concatenate(l, r, at)
  if (['|', '&', '^', '<<', '>>'].includes(op)) return bitwise(op, l, r, at)
  return arithmetic(op, l, r, at)
}

export function analyzeUnary({ op, arg, at }: Node<'unary'>, context: Context): Expr {
  if (op === 'NOT') return { type: BOOL, sql: `(NOT ${condition(arg, context, 'operator NOT').sql})`, at }
  const value = analyze(arg, context)
  if (op === '~') {
    if (value.type.kind === 'BYTES') throw unsupported('~ on BYTES', at)
    if (!coercionCost(value, INT64)) throw noOperator('~', [value], ['~INT64', '~BYTES'], at)
    return { type: INT64, sql: `(~${coerce(value, INT64).sql})`, at }
  }
  if (value.type.kind === 'INTERVAL') return { type: value.type, sql: op === '+' ? value.sql : `(-${value.sql})`, at }
  if (!['INT64', 'FLOAT64', 'NUMERIC', 'BIGNUMERIC'].includes(value.type.kind)) {
    throw noOperator(
      op,
      [value],
      ['INT64', 'FLOAT64', 'NUMERIC', 'BIGNUMERIC'].map((t) => `${op}${t}`),
      at,
    )
  }
  return { type: value.type, sql: op === '+' ? value.sql : `(-${value.sql})`, at }
}

/** Two or more values that must have one type, for which equality (or an order) is defined. */
export function comparable(values: readonly Expr[], op: string, at: Position): Expr[] {
  const type = supertype(values)
  if (!type) throw noSupertype(op, values, at)
  const ordered = ['<', '>', '<=', '>=', 'BETWEEN'].includes(op)
  if (type.kind === 'STRUCT') throw unsupported(`comparison of STRUCT values (operator ${op})`, at)
  if (type.kind === 'ARRAY' || type.kind === 'JSON' || (ordered && !isOrderable(type))) {
    const what = op === 'BETWEEN' ? 'BETWEEN' : ordered ? 'Less than' : 'Equality'
    const shown = typeName(type)
    throw queryError(
      ordered
        ? `${what} is not defined for arguments of type ${shown}`
        : `Equality is not defined for arguments of type ${shown}`,
      at,
    )
  }
  if (type.kind === 'INTERVAL') throw unsupported('comparison of INTERVAL values', at)
  return values.map((v) => coerce(v, type))
}

function noSupertype(op: string, values: readonly Expr[], at: Position) {
  const names = values.map((v) => typeName(v.type))
  const set = [...new Set(names)].sort().join(', ')
  return queryError(
    `No matching signature for operator ${op} for argument types: ${names.join(', ')}\n  Signature: T1 ${op} T1\n` +
      `    Unable to find common supertype for templated argument <T1>\n      Input types for <T1>: {${set}}`,
    at,
  )
}

/** A comparison as GoogleSQL has it. DuckDB holds NaN for equal to itself and greater than all; GoogleSQL for neither. */
export function compare(op: string, left: Expr, right: Expr, at: Position): string {
  const [l, r] = comparable([left, right], op, at)
  return compareSql(op, l!, r!)
}

function compareSql(op: string, l: Expr, r: Expr): string {
  const plain = (a: string, b: string) => `(${a} ${op} ${b})`
  if (l.type.kind !== 'FLOAT64' || op === '!=') {
    return l.type.kind === 'FLOAT64' ? notEqual(l, r) : plain(l.sql, r.sql)
  }
  const suspects = [l, r].map((e) => e.constant === undefined)
  if (!suspects[0] && !suspects[1]) return plain(l.sql, r.sql)
  return bind([l.sql, r.sql], (a, b) => {
    const tests = [a, b].filter((_, i) => suspects[i]).map((x) => `NOT isnan(${x})`)
    return `(${a} ${op} ${b} AND ${tests.join(' AND ')})`
  })
}

const notEqual = (l: Expr, r: Expr): string =>
  l.constant !== undefined || r.constant !== undefined
    ? `(${l.sql} != ${r.sql})`
    : bind([l.sql, r.sql], (a, b) => `(${a} != ${b} OR isnan(${a}))`)

export function analyzeDistinct({ left, right, not, at }: Node<'distinct'>, context: Context): Expr {
  const [l, r] = comparable([analyze(left, context), analyze(right, context)], 'IS DISTINCT FROM', at)
  return { type: BOOL, sql: `(${l!.sql} IS ${not ? 'NOT ' : ''}DISTINCT FROM ${r!.sql})`, at }
}

export function analyzeLike({ left, right, not, at }: Node<'like'>, context: Context): Expr {
  const l = analyze(left, context)
  const r = analyze(right, context)
  if (l.type.kind === 'BYTES' || r.type.kind === 'BYTES') throw unsupported('LIKE on BYTES', at)
  if (!coercionCost(l, STRING) || !coercionCost(r, STRING))
    throw noOperator('LIKE', [l, r], ['STRING LIKE STRING', 'BYTES LIKE BYTES'], at)
  const pattern = coerce(r, STRING)
  if (pattern.constant !== undefined && /(?:^|[^\\])(?:\\\\)*\\$/.test(pattern.constant)) {
    throw queryError('LIKE pattern ends with a backslash', right.at)
  }
  return { type: BOOL, sql: `(${not ? 'NOT ' : ''}(${coerce(l, STRING).sql} LIKE ${pattern.sql} ESCAPE '\\'))`, at }
}

export function analyzeBetween({ arg, low, high, not, at }: Node<'between'>, context: Context): Expr {
  const [value, from, to] = comparable(
    [arg, low, high].map((node) => analyze(node, context)),
    'BETWEEN',
    at,
  )
  if (value!.type.kind !== 'FLOAT64') {
    return { type: BOOL, sql: `(${value!.sql} ${not ? 'NOT ' : ''}BETWEEN ${from!.sql} AND ${to!.sql})`, at }
  }
  const sql = bind([value!.sql, from!.sql, to!.sql], (v, a, b) => {
    const named = (name: string, of: Expr): Expr => ({ ...of, sql: name })
    return `(${compareSql('>=', named(v, value!), named(a, from!))} AND ${compareSql('<=', named(v, value!), named(b, to!))})`
  })
  return { type: BOOL, sql: not ? `(NOT ${sql})` : sql, at }
}

export function analyzeIn({ arg, list, not, at }: Node<'in'>, context: Context): Expr {
  const [value, ...items] = comparable(
    [arg, ...list].map((node) => analyze(node, context)),
    'IN',
    at,
  )
  if (value!.type.kind === 'FLOAT64') {
    const sql = bind(
      [value!.sql],
      (v) => `(${items.map((i) => compareSql('=', { ...value!, sql: v }, i)).join(' OR ')})`,
    )
    return { type: BOOL, sql: not ? `(NOT ${sql})` : sql, at }
  }
  return { type: BOOL, sql: `(${value!.sql} ${not ? 'NOT ' : ''}IN (${items.map((i) => i.sql).join(', ')}))`, at }
}

function concatenate(l: Expr, r: Expr, at: Position): Expr {
  const type = supertype([l, r])
  const signatures = ['STRING || STRING', 'BYTES || BYTES', 'ARRAY<T1> || ARRAY<T1>']
  if (l.origin === 'NULL' && r.origin === 'NULL') return coerce({ ...l, at }, STRING)
  if (!type || !['STRING', 'BYTES', 'ARRAY'].includes(type.kind)) throw noOperator('||', [l, r], signatures, at)
  const [a, b] = [coerce(l, type).sql, coerce(r, type).sql]
  if (type.kind !== 'ARRAY') return { type, sql: `(${a} || ${b})`, at }
  return { type, sql: concatArrays([a, b]), at }
}

/** NULL where an array is NULL; DuckDB's own concatenation would skip it. */
export const concatArrays = (arrays: readonly string[]): string =>
  bind(arrays, (...names) => {
    const missing = names.map((n) => `${n} IS NULL`).join(' OR ')
    return `CASE WHEN ${missing} THEN NULL ELSE list_concat(${names.join(', ')}) END`
  })

function bitwise(op: string, l: Expr, r: Expr, at: Position): Expr {
  if (l.type.kind === 'BYTES' || r.type.kind === 'BYTES') throw unsupported(`operator ${op} on BYTES`, at)
  if (!coercionCost(l, INT64) || !coercionCost(r, INT64))
    throw noOperator(op, [l, r], [`INT64 ${op} INT64`, `BYTES ${op} BYTES`], at)
  const [a, b] = [coerce(l, INT64).sql, coerce(r, INT64).sql]
  const type: SqlType = INT64
  if (op === '^') return { type, sql: `xor(${a}, ${b})`, at }
  if (op === '<<' || op === '>>') return { type, sql: runtime(op === '<<' ? 'shift_left' : 'shift_right', a, b), at }
  return { type, sql: `(${a} ${op} ${b})`, at }
}
