import type { SqlType, TableReference } from '../../model/schema.ts'
import type { Call, Window } from '../ast.ts'
import { type Position, queryError } from '../errors.ts'
import type { CompileOptions, Relation } from '../statement.ts'
import type { Expr } from './expr.ts'
import { nothing, type Scope } from './scope.ts'

/** What one statement gathers while it is analyzed. */
export class StatementContext {
  readonly options: CompileOptions
  readonly values: { readonly type: SqlType; readonly value: unknown }[] = []
  readonly tables = new Map<string, TableReference>()
  readonly #bound = new Map<string, number>()
  #aliases = 0

  constructor(options: CompileOptions) {
    this.options = options
  }

  /** A name that DuckDB sees nowhere else in the statement. */
  alias(): string {
    return `t${this.#aliases++}`
  }

  /** The `$n` that a parameter's value gets; the same one each time. */
  parameter(name: string | undefined, index: number, at: Position): { sql: string; type: SqlType; value: unknown } {
    const { parameters } = this.options
    const found =
      name === undefined
        ? parameters.filter((p) => p.name === undefined)[index]
        : parameters.find((p) => p.name?.toLowerCase() === name.toLowerCase())
    if (!found) {
      const what = name === undefined ? `Positional parameter at ${index + 1}` : `Query parameter '${name}'`
      throw queryError(`${what} not found`, at)
    }
    const key = name?.toLowerCase() ?? `?${index}`
    if (!this.#bound.has(key)) this.#bound.set(key, this.values.push({ type: found.type, value: found.value }))
    return { sql: `$${this.#bound.get(key)}`, type: found.type, value: found.value }
  }

  table(path: readonly string[]): Relation {
    const relation = this.options.catalog.relation(path)
    if (path.some((part) => part.toUpperCase() === 'INFORMATION_SCHEMA')) return relation
    const reference = this.options.catalog.reference(path)
    this.tables.set(`${reference.projectId}.${reference.datasetId}.${reference.tableId}`, reference)
    return relation
  }
}

/** Where aggregate calls go when their rows are grouped: they become columns of the grouped rows. */
export interface Aggregation {
  add(call: Call, sql: (inner: Context) => Expr): Expr
  /** The key that this expression, as it reads on ungrouped rows, is. */
  match(sql: string): Expr | undefined
  /** GROUPING(key): 1 on rows of a grouping set without the key, else 0. Undefined for what is no key. */
  addGrouping(key: Expr, at: Position): Expr | undefined
  readonly hasComputedKeys: boolean
  readonly inner: Context
}

/** What analyzing an expression depends on. */
export interface Context {
  readonly statement: StatementContext
  readonly scope: Scope
  /** Common table expressions in sight, by lower-case name. */
  readonly ctes: ReadonlyMap<string, Relation>
  /** Words for `Aggregate function SUM not allowed in …`. */
  readonly clause: string
  readonly aggregation?: Aggregation
  /** Present where analytic functions may stand: the named windows. */
  readonly windows?: ReadonlyMap<string, Window>
}

export const rootContext = (statement: StatementContext): Context => ({
  statement,
  scope: { namespace: nothing },
  ctes: new Map(),
  clause: 'this statement',
})
