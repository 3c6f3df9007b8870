import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import { SCALE } from '../model/decimal.ts'
import type { SqlType } from '../model/schema.ts'
import type { Interval, Row, Value } from '../model/value.ts'

/** What DuckDB takes for a value of the type. A table has no NULL arrays: what is missing at a row's end is empty. */
export function toDuck(type: SqlType, value: Value | undefined): DuckDBValue {
  if (value === undefined) return type.kind === 'ARRAY' ? new DuckDBListValue([]) : null
  if (value === null) return null
  switch (type.kind) {
    case 'ARRAY':
      return new DuckDBListValue((value as Row).map((item) => toDuck(type.element, item)))
    case 'STRUCT':
      return new DuckDBStructValue(
        Object.fromEntries(type.fields.map((f, i) => [f.name || `_${i}`, toDuck(f.type, (value as Row)[i])])),
      )
    case 'INT64':
      return BigInt(value as bigint)
    case 'NUMERIC':
    case 'BIGNUMERIC':
      return new DuckDBDecimalValue(value as bigint, 38, SCALE[type.kind])
    case 'BYTES':
      return new DuckDBBlobValue(value as Uint8Array)
    case 'DATE':
      return new DuckDBDateValue(value as number)
    case 'TIME':
      return new DuckDBTimeValue(value as bigint)
    case 'DATETIME':
      return new DuckDBTimestampValue(value as bigint)
    case 'TIMESTAMP':
      return new DuckDBTimestampTZValue(value as bigint)
    case 'INTERVAL': {
      const { months, days, micros } = value as Interval
      return new DuckDBIntervalValue(months, days, micros)
    }
    default:
      return value as DuckDBValue
  }
}

/** The inverse of toDuck. An integer or a decimal of another width is brought to the type's own. */
export function fromDuck(type: SqlType, value: DuckDBValue): Value {
  if (value === null) return null
  switch (type.kind) {
    case 'ARRAY':
      return (value as DuckDBListValue).items.map((item) => fromDuck(type.element, item))
    case 'STRUCT': {
      const entries = Object.values((value as DuckDBStructValue).entries)
      return type.fields.map((field, i) => fromDuck(field.type, entries[i] ?? null))
    }
    case 'INT64':
      return BigInt(value as bigint | number)
    case 'FLOAT64':
      return value instanceof DuckDBDecimalValue ? value.toDouble() : Number(value)
    case 'NUMERIC':
    case 'BIGNUMERIC':
      return rescaled(value, SCALE[type.kind])
    case 'BYTES':
      return (value as DuckDBBlobValue).bytes
    case 'DATE':
      return value instanceof DuckDBTimestampValue
        ? Number(value.micros / 86_400_000_000n)
        : (value as DuckDBDateValue).days
    case 'TIME':
      return (value as DuckDBTimeValue).micros
    case 'DATETIME':
    case 'TIMESTAMP':
      return (value as DuckDBTimestampValue | DuckDBTimestampTZValue).micros
    case 'INTERVAL': {
      const { months, days, micros } = value as DuckDBIntervalValue
      return { months, days, micros }
    }
    default:
      return value as Value
  }
}

function rescaled(value: DuckDBValue, scale: number): bigint {
  if (!(value instanceof DuckDBDecimalValue)) return BigInt(value as bigint) * 10n ** BigInt(scale)
  const shift = scale - value.scale
  return shift >= 0 ? value.value * 10n ** BigInt(shift) : value.value / 10n ** BigInt(-shift)
}
