import type { SqlType, StructField, TableDefinition, TableReference } from '../model/schema.ts'

/** Something a FROM clause can name. */
export interface Relation {
  readonly columns: readonly StructField[]
  /** What stands in DuckDB's FROM: a quoted table name, or a query in parentheses. */
  readonly sql: string
}

/** What the compiler asks of the catalog. */
export interface CatalogView {
  /**
   * `path` is a table's name as written, cut at its dots outside and inside backquotes (a project id may hold dashes
   * and a colon): `['orders']`, `['ds', 'INFORMATION_SCHEMA', 'COLUMNS']`. Throws NOT_FOUND or INVALID_ARGUMENT in
   * BigQuery's words.
   */
  relation(path: readonly string[]): Relation
  /** The full name of a table that need not exist: the target of DDL. */
  reference(path: readonly string[]): TableReference
}

/** A query parameter, its value already decoded to what DuckDB binds (see `physicalType`). */
export interface Parameter {
  /** Absent for a positional parameter. */
  readonly name?: string
  readonly type: SqlType
  readonly value: unknown
}

export interface CompileOptions {
  readonly catalog: CatalogView
  readonly parameters: readonly Parameter[]
  /** Milliseconds since the epoch: what CURRENT_TIMESTAMP() and CURRENT_DATE() mean throughout the statement. */
  readonly now: number
  /** The result of a SELECT is to become a table: then two columns of one name are an error. */
  readonly destination?: boolean
}

export type CompiledStatement =
  | {
      readonly kind: 'SELECT'
      /** One DuckDB statement with `$1`, `$2`, … for `values`. */
      readonly sql: string
      readonly values: readonly { readonly type: SqlType; readonly value: unknown }[]
      readonly columns: readonly StructField[]
      readonly tables: readonly TableReference[]
    }
  | {
      readonly kind: 'CREATE_TABLE' | 'CREATE_TABLE_AS_SELECT'
      readonly table: TableDefinition
      readonly ifNotExists: boolean
      readonly orReplace: boolean
      /** CREATE TABLE … AS SELECT: what fills it. */
      readonly query?: Extract<CompiledStatement, { kind: 'SELECT' }>
    }
  | {
      /** `INSERT INTO <table> (<columns>) <query.sql>`: the query's columns have these names and the columns' types. */
      readonly kind: 'INSERT'
      readonly table: TableReference
      readonly columns: readonly string[]
      readonly query: Extract<CompiledStatement, { kind: 'SELECT' }>
    }
  | { readonly kind: 'DROP_TABLE'; readonly table: TableReference; readonly ifExists: boolean }
  | {
      readonly kind: 'CREATE_SCHEMA'
      readonly projectId?: string
      readonly datasetId: string
      readonly ifNotExists: boolean
    }
