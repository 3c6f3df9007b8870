import type { Expr } from '../analyzer/expr.ts'
import type { Expression } from '../ast.ts'
import { type Position, unsupported } from '../errors.ts'

export function extractPart(_part: Expression, _value: Expr, _zone: Expr | undefined, at: Position): Expr {
  throw unsupported('EXTRACT', at)
}
