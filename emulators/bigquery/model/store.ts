import type { DatasetReference } from './dataset.ts'
import type { Column, SqlType, TableReference } from './schema.ts'
import type { Row } from './value.ts'

/** A query in the engine's dialect: `$1`, `$2`, … stand for `values`. */
export interface Select {
  readonly sql: string
  readonly values: readonly { readonly type: SqlType; readonly value: unknown }[]
  readonly columns: readonly { readonly type: SqlType }[]
}

/** A query whose columns go, one by one, into those named; without names into the table's first ones. */
export interface InsertSource {
  readonly query: Select
  readonly into?: readonly string[]
}

/** Where the rows lie: what the model asks of the engine. */
export interface Store {
  /** All of it happens or nothing, one at a time. What `work` returns runs after the commit, before anyone's next turn. */
  transaction<T>(work: (writer: Writer) => Promise<() => T>): Promise<T>
  /** Sees what was committed before. An abort rejects with the signal's reason. */
  select(query: Select, signal?: AbortSignal): Promise<Row[]>
}

/** What a transaction can do. A table without columns does not exist here. */
export interface Writer {
  createDataset(dataset: DatasetReference): Promise<void>
  dropDataset(dataset: DatasetReference): Promise<void>
  createTable(table: TableReference, columns: readonly Column[]): Promise<void>
  dropTable(table: TableReference): Promise<void>
  /** From the columns `before` to those `after`, which have more fields at their ends. */
  reshapeTable(table: TableReference, before: readonly Column[], after: readonly Column[]): Promise<void>
  append(table: TableReference, columns: readonly Column[], rows: readonly Row[]): Promise<void>
  clear(table: TableReference): Promise<void>
  /** Adds a query's rows. Throws INVALID_ARGUMENT when a REQUIRED column would be NULL. */
  insert(
    table: TableReference,
    columns: readonly Column[],
    source: InsertSource,
  ): Promise<{ rows: number; bytes: number }>
}
