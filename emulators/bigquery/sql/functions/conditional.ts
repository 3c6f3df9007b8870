import { bind, nullOf } from '../analyzer/expr.ts'
import { unsupported } from '../errors.ts'
import { type EmitInfo, fn } from './signature.ts'

/** NULLIF compares as `=` does: NaN is not NaN. */
function nullIf([a, b]: readonly string[], { result, at }: EmitInfo): string {
  if (['STRUCT', 'ARRAY', 'JSON', 'INTERVAL'].includes(result.kind))
    throw unsupported(`NULLIF of ${result.kind} values`, at)
  return bind([a!, b!], (x, y) => {
    const same = result.kind === 'FLOAT64' ? `${x} = ${y} AND NOT isnan(${x})` : `${x} = ${y}`
    return `CASE WHEN ${same} THEN ${nullOf(result)} ELSE ${x} END`
  })
}

export const conditionals = [
  fn('IF(BOOL, T, T) -> T', ([test, yes, no]) => `CASE WHEN ${test} THEN ${yes} ELSE ${no} END`),
  fn('IFNULL(T, T) -> T', 'coalesce'),
  fn('COALESCE(T, [T...]) -> T', 'coalesce'),
  fn('NULLIF(T, T) -> T', nullIf),
]
