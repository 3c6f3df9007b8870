import type { Expression, OrderItem } from '../ast.ts'
import { queryError } from '../errors.ts'
import type { Expr } from './expr.ts'
import { isOrderable, typeName } from './types.ts'

/**
 * Sort keys as DuckDB writes them. GoogleSQL has NULL before all values, and NaN before all numbers, when ascending;
 * DuckDB would have NaN last.
 */
export function orderKeys(items: readonly OrderItem[], key: (node: Expression) => Expr): string[] {
  return items.flatMap(({ expression, descending, nulls }) => {
    const { type, sql } = key(expression)
    if (!isOrderable(type) || type.kind === 'INTERVAL') {
      throw queryError(`ORDER BY does not support expressions of type ${typeName(type)}`, expression.at)
    }
    const direction = `${descending ? 'DESC' : 'ASC'} NULLS ${nulls ?? (descending ? 'LAST' : 'FIRST')}`
    const keys = type.kind === 'FLOAT64' ? [`(NOT isnan(${sql}))`, sql] : [sql]
    return keys.map((k) => `${k} ${direction}`)
  })
}
