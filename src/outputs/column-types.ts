import type { Field } from './cells.ts'

/** BigQuery's types, by either name, as DuckDB's. BIGNUMERIC has more digits than any of DuckDB's decimals. */
const SCALARS: Readonly<Record<string, string>> = {
  INTEGER: 'BIGINT',
  INT64: 'BIGINT',
  FLOAT: 'DOUBLE',
  FLOAT64: 'DOUBLE',
  BOOLEAN: 'BOOLEAN',
  BOOL: 'BOOLEAN',
  NUMERIC: 'DECIMAL(38, 9)',
  TIMESTAMP: 'TIMESTAMPTZ',
  DATE: 'DATE',
  DATETIME: 'TIMESTAMP',
  TIME: 'TIME',
  JSON: 'JSON',
}

/** DuckDB's type of a column: records are STRUCTs, repeated ones LISTs; what DuckDB has no type for is text. */
export const duckDbType = ({ type = '', mode, fields = [] }: Field): string => {
  const one = isRecord(type)
    ? `STRUCT(${fields.map((field) => `${identifier(field.name!)} ${duckDbType(field)}`).join(', ')})`
    : (SCALARS[type] ?? 'VARCHAR')
  return mode === 'REPEATED' ? `${one}[]` : one
}

/**
 * The structure that json_transform reads columns with: every scalar as the text that it is in JSON, since a decimal that
 * went through a DOUBLE would lose digits.
 */
export const textStructure = (fields: readonly Field[]): object =>
  Object.fromEntries(
    fields.map(({ name, type = '', mode, fields: inner = [] }) => {
      const one = isRecord(type) ? textStructure(inner) : 'VARCHAR'
      return [name, mode === 'REPEATED' ? [one] : one]
    }),
  )

const isRecord = (type: string) => type === 'RECORD' || type === 'STRUCT'

/** A name in DuckDB's SQL. */
export const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`
