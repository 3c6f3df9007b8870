import type { Call } from '../ast.ts'
import { type Position, queryError, unsupported } from '../errors.ts'
import { overloads } from '../functions/registry.ts'
import { choose, noMatch, type Overload } from '../functions/signature.ts'
import { specialForms } from '../functions/special.ts'
import { unimplementedFunctions } from '../functions/unimplemented.ts'
import { analyzeAggregate, analyzeWindowed } from './aggregates.ts'
import { coerce } from './coercion.ts'
import type { Context } from './context.ts'
import { bind, type Expr, orNull } from './expr.ts'
import { analyze } from './expressions.ts'
import { closest } from './scope.ts'

export function analyzeCall(call: Call, context: Context): Expr {
  const name = call.name.join('.').toUpperCase()
  const special = specialForms.get(name)
  if (special && !call.over) {
    refuseModifiers(call, name)
    return call.safe ? safely(call, context, special) : special(call, context)
  }
  const candidates = overloads.get(name)
  if (!candidates) throw notFound(call, name)
  const { kind } = candidates[0]!
  if (kind === 'aggregate' || kind === 'window') {
    if (call.safe) throw unsupported(`SAFE.${name}`, call.at)
    if (call.over) return analyzeWindowed(call, context, candidates)
    if (kind === 'window')
      throw queryError(`Analytic function ${name} cannot be called without an OVER clause`, call.at)
    return analyzeAggregate(call, context, candidates)
  }
  if (call.over) throw queryError(`Function ${name} does not support an OVER clause`, call.at)
  refuseModifiers(call, name)
  const args = call.args.map((arg) => analyze(arg, context))
  return scalarCall(name, candidates, args, call)
}

/** A call that is no aggregate, its arguments analyzed. */
function scalarCall(
  name: string,
  candidates: readonly Overload[],
  args: readonly Expr[],
  call: Pick<Call, 'safe' | 'at'>,
): Expr {
  const { at } = call
  const match = choose(candidates, args)
  if (!match) throw queryError(noMatch(name, candidates, args), at)
  const coerced = args.map((arg, i) => coerce(arg, match.types[i]!))
  const info = { args: coerced, at, result: match.result, aggregate: noAggregate(at) }
  const emit = (names: readonly string[]) => match.overload.emit(names, info)
  const operands = coerced.map((arg) => arg.sql)
  // SAFE. catches what the function itself reports, not what its arguments do: those are computed outside.
  const sql = call.safe ? bind(operands, (...names) => orNull(emit(names))) : emit(operands)
  return { type: match.result, sql, at }
}

const noAggregate = (at: Position) => (): never => {
  throw queryError('Aggregate function not allowed here', at)
}

/** SAFE. before a form whose arguments are not plain values: right only where these cannot fail themselves. */
function safely(call: Call, context: Context, special: (call: Call, context: Context) => Expr): Expr {
  const harmless = call.args.every(
    (arg) => !['call', 'binary', 'cast', 'subquery', 'index', 'unary'].includes(arg.kind),
  )
  if (!harmless) throw unsupported(`SAFE.${call.name.join('.').toUpperCase()} of computed arguments`, call.at)
  const value = special(call, context)
  return { type: value.type, sql: orNull(value.sql), at: call.at }
}

function refuseModifiers(call: Call, name: string): void {
  const { distinct, nulls, orderBy, limit, at } = call
  if (distinct) throw queryError(`Function ${name} does not support DISTINCT in arguments`, at)
  if (nulls) throw queryError(`Function ${name} does not support IGNORE NULLS or RESPECT NULLS`, at)
  if (orderBy.length > 0) throw queryError(`Function ${name} does not support ORDER BY in arguments`, at)
  if (limit) throw queryError(`Function ${name} does not support LIMIT in arguments`, at)
}

function notFound(call: Call, name: string) {
  if (
    unimplementedFunctions.has(name) ||
    /^(ST|S2|ML|AI|KLL_QUANTILES|HLL_COUNT|NET|AEAD|KEYS|DETERMINISTIC|VECTOR|OBJ)[_.]/.test(name)
  ) {
    return unsupported(`the function ${name}`, call.at)
  }
  const shown = call.name.map((part) => (/^\w+$/.test(part) ? part : `\`${part}\``)).join('.')
  const known = [...overloads.keys(), ...specialForms.keys()].map((f) => f.toLowerCase())
  return queryError(`Function not found: ${shown}${call.name.length === 1 ? closest(name, known) : ''}`, call.at)
}
