import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  type DuckDBType,
  INTERVAL,
  LIST,
  STRUCT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api'
import { SCALE } from '../model/decimal.ts'
import type { SqlType } from '../model/schema.ts'

const SCALARS = {
  BOOL: BOOLEAN,
  INT64: BIGINT,
  FLOAT64: DOUBLE,
  NUMERIC: DECIMAL(38, SCALE.NUMERIC),
  BIGNUMERIC: DECIMAL(38, SCALE.BIGNUMERIC),
  STRING: VARCHAR,
  BYTES: BLOB,
  DATE,
  TIME,
  DATETIME: TIMESTAMP,
  TIMESTAMP: TIMESTAMPTZ,
  JSON: VARCHAR,
  INTERVAL,
}

/** The type of what toDuck gives: an empty list, or one that begins with NULL, does not tell by itself. */
export function typeInDuck(type: SqlType): DuckDBType {
  switch (type.kind) {
    case 'ARRAY':
      return LIST(typeInDuck(type.element))
    case 'STRUCT':
      return STRUCT(Object.fromEntries(type.fields.map((field, i) => [field.name || `_${i}`, typeInDuck(field.type)])))
    default:
      return SCALARS[type.kind]
  }
}
