import type { Context } from '../analyzer/context.ts'
import type { Expr } from '../analyzer/expr.ts'
import type { Call } from '../ast.ts'

export type SpecialForm = (call: Call, context: Context) => Expr

/** Functions whose arguments are not all values: date parts, intervals, the time of the statement. */
export const specialForms: ReadonlyMap<string, SpecialForm> = new Map()
