import { quoted } from '../../model/physical.ts'
import type { StructField } from '../../model/schema.ts'
import type { Name, Statement } from '../ast.ts'
import { type Position, queryError } from '../errors.ts'
import { coerce, coercionCost } from './coercion.ts'
import { type Context, rootContext, type StatementContext } from './context.ts'
import { castTo, type Expr } from './expr.ts'
import { analyze } from './expressions.ts'
import { emitQuery } from './queries.ts'
import { typeName } from './types.ts'

type Insert = Extract<Statement, { kind: 'insert' }>

/** The rows of an INSERT as a query whose columns are those of the table that it names, in their types. */
export function insertedRows(
  node: Insert,
  table: readonly StructField[],
  statement: StatementContext,
): { sql: string; columns: StructField[] } {
  const columns = node.columns ? node.columns.map((name) => named(table, name)) : [...table]
  const seen = new Set<string>()
  for (const { name } of columns) {
    if (seen.has(name.toLowerCase())) throw queryError(`Duplicate column name ${name} in INSERT`, node.at)
    seen.add(name.toLowerCase())
  }
  const context = rootContext(statement)
  return { sql: node.rows ? valueRows(node, columns, context) : queryRows(node, columns, context), columns }
}

function named(table: readonly StructField[], { text, at }: Name): StructField {
  const column = table.find((c) => c.name.toLowerCase() === text.toLowerCase())
  if (!column) throw queryError(`Column ${text} is not present in table`, at)
  return column
}

function valueRows(node: Insert, columns: readonly StructField[], context: Context): string {
  const rows = node.rows!.map((row) => {
    if (row.length !== columns.length) {
      throw queryError(`Inserted row has wrong column count; Has ${row.length}, expected ${columns.length}`, row[0]!.at)
    }
    const values = row.map((value, i) =>
      assigned(analyze(value, { ...context, clause: 'INSERT values' }), columns[i]!, value.at),
    )
    return `(${values.join(', ')})`
  })
  const names = columns.map((c) => quoted(c.name)).join(', ')
  return `SELECT ${names} FROM (VALUES ${rows.join(', ')}) AS v(${names})`
}

function queryRows(node: Insert, columns: readonly StructField[], context: Context): string {
  const plan = emitQuery(node.query!, context, (results) => {
    if (results.length !== columns.length) {
      throw queryError(
        `Inserted row has wrong column count; Has ${results.length}, expected ${columns.length}`,
        node.query!.at,
      )
    }
    return results.map((result, i) => {
      const value: Expr = { ...result, sql: `c${i}`, at: node.query!.at }
      return `${assigned(value, columns[i]!, node.query!.at)} AS ${quoted(columns[i]!.name)}`
    })
  })
  return plan.sql
}

function assigned(value: Expr, { name, type }: StructField, at: Position): string {
  if (coercionCost(value, type)) return castTo(coerce(value, type).sql, type)
  throw queryError(
    `Value has type ${typeName(value.type)} which cannot be inserted into column ${name}, which has type ${typeName(type)}`,
    at,
  )
}
