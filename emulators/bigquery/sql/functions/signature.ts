import type { ScalarType, SqlType } from '../../model/schema.ts'
import { coercionCost, supertype } from '../analyzer/coercion.ts'
import type { Expr } from '../analyzer/expr.ts'
import { arrayOf, typeName } from '../analyzer/types.ts'

/** A type in a signature: a scalar's name, `T` for any one type, `ANY`, or an ARRAY of one. */
export type Pattern = ScalarType | 'T' | 'ANY' | { readonly array: Pattern }

export interface EmitInfo {
  /** The arguments, coerced: for what a function must know of them when the statement is compiled. */
  readonly args: readonly Expr[]
  readonly at: Expr['at']
  readonly result: SqlType
  /** An aggregate call of DuckDB's with the modifiers of this one: DISTINCT, ORDER BY, OVER. */
  readonly aggregate: (name: string, args: readonly string[], extra?: AggregateExtra) => string
}

export interface AggregateExtra {
  readonly filter?: string
  /** The modifiers that this call keeps: an order matters to few. */
  readonly ordered?: boolean
  /** Leaves DISTINCT out, where it changes nothing or is seen to otherwise. */
  readonly plain?: boolean
}

export type Emit = (args: readonly string[], info: EmitInfo) => string

export interface Overload {
  readonly name: string
  readonly shown: string
  readonly params: readonly { readonly type: Pattern; readonly optional: boolean; readonly repeated: boolean }[]
  readonly result: Pattern
  readonly emit: Emit
  readonly kind: 'scalar' | 'aggregate' | 'window'
}

/**
 * One signature, written as BigQuery's messages write it: `SUBSTR(STRING, INT64, [INT64]) -> STRING`. `...` behind an
 * argument repeats it.
 */
export function fn(signature: string, emit: Emit | string, kind: Overload['kind'] = 'scalar'): Overload {
  const [shown, result] = signature.split(' -> ')
  const [, name, list] = /^([\w.]+)\((.*)\)$/.exec(shown!)!
  const params = list === '' ? [] : list!.split(', ').map(param)
  const make: Emit = typeof emit === 'string' ? (args) => `${emit}(${args.join(', ')})` : emit
  return { name: name!, shown: shown!, params, result: pattern(result!), emit: make, kind }
}

export const aggregate = (signature: string, emit: Emit): Overload => fn(signature, emit, 'aggregate')

function param(text: string): Overload['params'][number] {
  const optional = text.startsWith('[')
  const inner = optional ? text.slice(1, -1) : text
  const repeated = inner.endsWith('...')
  return { type: pattern(repeated ? inner.slice(0, -3) : inner), optional: optional || repeated, repeated }
}

function pattern(text: string): Pattern {
  const array = /^ARRAY<(.*)>$/.exec(text)
  return array ? { array: pattern(array[1]!) } : (text as Pattern)
}

export interface Match {
  readonly overload: Overload
  readonly types: readonly SqlType[]
  readonly result: SqlType
}

/** The overload that asks the least coercion of the arguments, the earlier one in doubt. */
export function choose(overloads: readonly Overload[], args: readonly Expr[]): Match | undefined {
  let best: (Match & { column: number; literal: number }) | undefined
  for (const overload of overloads) {
    const match = fitting(overload, args)
    if (
      match &&
      (!best || match.column < best.column || (match.column === best.column && match.literal < best.literal))
    ) {
      best = match
    }
  }
  return best
}

const paramAt = (overload: Overload, i: number) => overload.params[Math.min(i, overload.params.length - 1)]

function fitting(overload: Overload, args: readonly Expr[]): (Match & { column: number; literal: number }) | undefined {
  if (arityProblem(overload, args.length)) return undefined
  const t = templateType(overload, args)
  if (t === 'none') return undefined
  let cost = { column: 0, literal: 0 }
  const types: SqlType[] = []
  for (const [i, arg] of args.entries()) {
    const type = instantiate(paramAt(overload, i)!.type, t, arg.type)
    const one = type && coercionCost(arg, type)
    if (!one) return undefined
    cost = { column: cost.column + one.column, literal: cost.literal + one.literal }
    types.push(type)
  }
  const result = instantiate(overload.result, t, args[0]?.type)
  return result && { overload, types, result, ...cost }
}

function instantiate(type: Pattern, t: SqlType | undefined, any: SqlType | undefined): SqlType | undefined {
  if (type === 'T') return t
  if (type === 'ANY') return any
  if (typeof type === 'string') return { kind: type }
  const element = instantiate(type.array, t, any?.kind === 'ARRAY' ? any.element : undefined)
  return element && element.kind !== 'ARRAY' ? arrayOf(element) : undefined
}

/** What `T` stands for in this call. */
function templateType(overload: Overload, args: readonly Expr[]): SqlType | undefined | 'none' {
  const bound: Expr[] = []
  for (const [i, arg] of args.entries()) {
    const { type } = paramAt(overload, i)!
    if (type === 'T') bound.push(arg)
    else if (typeof type === 'object' && type.array === 'T') {
      if (arg.origin === 'NULL') continue
      if (arg.type.kind !== 'ARRAY') return 'none'
      if (arg.origin !== 'EMPTY_ARRAY') bound.push({ ...arg, type: arg.type.element })
    }
  }
  if (bound.length === 0) return { kind: 'INT64' }
  return supertype(bound) ?? 'none'
}

function arityProblem({ params }: Overload, found: number): string | undefined {
  const least = params.filter((p) => !p.optional).length
  const counted = (n: number) => `${n} argument${n === 1 ? '' : 's'}`
  if (found < least) return `Signature requires at least ${counted(least)}, found ${counted(found)}`
  if (found > params.length && !params.at(-1)?.repeated) {
    return `Signature accepts at most ${counted(params.length)}, found ${counted(found)}`
  }
  return undefined
}

/** BigQuery's message for a call that no overload takes; the place is added by the caller. */
export function noMatch(name: string, overloads: readonly Overload[], args: readonly Expr[]): string {
  const signatures = overloads.map(
    (o) => `\n  Signature: ${shownOf(o)}\n    ${arityProblem(o, args.length) ?? mismatch(o, args)}`,
  )
  const types =
    args.length === 0 ? '(no arguments)' : args.map((a) => (a.origin === 'NULL' ? 'NULL' : typeName(a.type))).join(', ')
  return `No matching signature for function ${name}\n  Argument types: ${types}${signatures.join('')}`
}

const shownOf = (o: Overload) => o.shown.replaceAll(/\b(T|ANY)\b/g, 'T1').replaceAll(/\[?(\w+)\.\.\.\]?/g, '[$1, ...]')

function mismatch(overload: Overload, args: readonly Expr[]): string {
  for (const [i, arg] of args.entries()) {
    const { type } = paramAt(overload, i)!
    if (typeof type === 'string' && type !== 'T' && type !== 'ANY' && !coercionCost(arg, { kind: type })) {
      return `Argument ${i + 1}: Unable to coerce type ${typeName(arg.type)} to expected type ${type}`
    }
  }
  const set = [...new Set(args.map((a) => typeName(a.type)))].sort().join(', ')
  return `Unable to find common supertype for templated argument <T1>\n      Input types for <T1>: {${set}}`
}
