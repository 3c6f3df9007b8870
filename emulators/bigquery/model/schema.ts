import { invalidArgument } from '../../shared/index.ts'

/** GoogleSQL's types, as far as this emulator has them (cloud.google.com/bigquery/docs/reference/standard-sql/data-types). */
export type ScalarType =
  | 'BOOL'
  | 'INT64'
  | 'FLOAT64'
  | 'NUMERIC'
  | 'BIGNUMERIC'
  | 'STRING'
  | 'BYTES'
  | 'DATE'
  | 'TIME'
  | 'DATETIME'
  | 'TIMESTAMP'
  | 'JSON'
  | 'INTERVAL'

export type SqlType =
  | { readonly kind: ScalarType }
  | { readonly kind: 'ARRAY'; readonly element: SqlType }
  | { readonly kind: 'STRUCT'; readonly fields: readonly StructField[] }

/** A field without a name is legal in a STRUCT expression: its name is ''. */
export interface StructField {
  readonly name: string
  readonly type: SqlType
}

/** A column of a table: `REPEATED` stands in the mode, not in the type, as in the REST API's TableFieldSchema. */
export interface Column {
  readonly name: string
  /** Never an ARRAY: an array column has mode REPEATED and its element's type here. */
  readonly type: ScalarType | 'STRUCT'
  readonly mode: 'NULLABLE' | 'REQUIRED' | 'REPEATED'
  /** The fields of a STRUCT, in order. */
  readonly fields?: readonly Column[]
  readonly description?: string
}

export interface TableReference {
  readonly projectId: string
  readonly datasetId: string
  readonly tableId: string
}

/** What a CREATE TABLE statement or a tables.insert request defines. */
export interface TableDefinition {
  readonly reference: TableReference
  readonly columns: readonly Column[]
  readonly friendlyName?: string
  readonly description?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly partitioning?: {
    readonly type: 'DAY' | 'HOUR' | 'MONTH' | 'YEAR'
    /** Absent: by ingestion time. */
    readonly field?: string
    readonly expirationMs?: number
    readonly requireFilter?: boolean
  }
  readonly clustering?: readonly string[]
  readonly expirationTime?: number
}

/** The type that an expression reading the column has. */
export function columnType(column: Column): SqlType {
  const base: SqlType =
    column.type === 'STRUCT'
      ? { kind: 'STRUCT', fields: (column.fields ?? []).map((f) => ({ name: f.name, type: columnType(f) })) }
      : { kind: column.type }
  return column.mode === 'REPEATED' ? { kind: 'ARRAY', element: base } : base
}

/** The inverse of columnType, for a result's column or a field of it. Throws for an array of arrays: no column is one. */
export function columnOf(name: string, type: SqlType): Column {
  const element = type.kind === 'ARRAY' ? type.element : type
  if (element.kind === 'ARRAY') throw invalidArgument(`Column ${name} is an array of arrays.`)
  return {
    name,
    type: element.kind,
    mode: type.kind === 'ARRAY' ? 'REPEATED' : 'NULLABLE',
    ...(element.kind === 'STRUCT' && {
      fields: element.fields.map((field, i) => columnOf(field.name || `_field_${i + 1}`, field.type)),
    }),
  }
}
