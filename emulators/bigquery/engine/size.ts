import { quoted } from '../model/physical.ts'
import type { SqlType } from '../model/schema.ts'

/** The expression that gives the logical bytes of a value: sizeOf of the model, for rows that never leave DuckDB. */
export function sizeSql(type: SqlType, value: string): string {
  return `CASE WHEN ${value} IS NULL THEN 0 ELSE ${present(type, value)} END`
}

function present(type: SqlType, value: string): string {
  switch (type.kind) {
    case 'ARRAY':
      return `coalesce(list_sum(list_transform(${value}, lambda x: ${sizeSql(type.element, 'x')})), 0)`
    case 'STRUCT':
      return type.fields.map((f, i) => sizeSql(f.type, `(${value}).${quoted(f.name || `_${i}`)}`)).join(' + ')
    case 'STRING':
    case 'JSON':
      return `2 + strlen(CAST(${value} AS VARCHAR))`
    case 'BYTES':
      return `2 + octet_length(${value})`
    case 'BOOL':
      return '1'
    case 'NUMERIC':
    case 'INTERVAL':
      return '16'
    case 'BIGNUMERIC':
      return '32'
    default:
      return '8'
  }
}
