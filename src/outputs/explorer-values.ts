import {
  type DuckDBDecimalValue,
  type DuckDBMapValue,
  type DuckDBTimestampTZValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValueConverter,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api'
import { instantText } from './cells.ts'
import { decimalText } from './decimal.ts'

type Json = ReturnType<typeof JsonDuckDBValueConverter>

/**
 * A value of DuckDB's in JSON, as decodeRow has those of BigQuery: whole numbers beyond 2^53 and decimals are text, instants
 * are RFC 3339 in UTC, and a MAP with text for keys is an object.
 */
export const jsonValue: DuckDBValueConverter<Json> = (value, type, convert) => {
  if (value === null) return null
  switch (type.typeId) {
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.UHUGEINT:
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    case DuckDBTypeId.DECIMAL:
      return decimalText((value as DuckDBDecimalValue).toString())
    case DuckDBTypeId.TIMESTAMP_TZ:
      return instantOf(value as DuckDBTimestampTZValue)
    case DuckDBTypeId.MAP:
      return Object.fromEntries(
        (value as DuckDBMapValue).entries.map(({ key, value: v }) => [
          String(key),
          convert(v, (type as DuckDBType & { valueType: DuckDBType }).valueType, convert),
        ]),
      )
    default:
      return JsonDuckDBValueConverter(value, type, convert)
  }
}

function instantOf({ micros }: DuckDBTimestampTZValue): string {
  const isInTheYearsOfDate = micros > -62_135_596_800_000_001n && micros < 253_402_300_800_000_000n
  return isInTheYearsOfDate ? instantText(micros) : `${micros} µs since 1970` // infinity, and what nobody writes
}

const NUMBERS = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
])

export const isNumber = ({ typeId }: DuckDBType): boolean => NUMBERS.has(typeId)
