import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DOUBLE,
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBListValue,
  DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  VARCHAR,
} from '@duckdb/node-api'
import type { RuntimeType, RuntimeValue, ScalarFunction } from '../sql/index.ts'

const TYPES: Readonly<Record<RuntimeType, DuckDBType>> = {
  BOOL: BOOLEAN,
  INT64: BIGINT,
  FLOAT64: DOUBLE,
  STRING: VARCHAR,
  BYTES: BLOB,
  'ARRAY<STRING>': LIST(VARCHAR),
  'ARRAY<INT64>': LIST(BIGINT),
}

/** Makes a function known to all connections of the database. */
export function register(connection: DuckDBConnection, { evaluate, ...declared }: ScalarFunction): void {
  const { name, parameters, result, volatile } = declared
  const scalarFunction = DuckDBScalarFunction.create({
    name,
    volatile,
    returnType: TYPES[result],
    parameterTypes: parameters.map((type) => TYPES[type]),
    mainFunction(info, chunk, output) {
      const columns = parameters.map((_, i) => chunk.getColumnVector(i))
      for (let row = 0; row < chunk.rowCount; row++) {
        const args = columns.map((column) => fromDuck(column.getItem(row)))
        try {
          output.setItem(row, args.includes(null) ? null : toDuck(evaluate(args)))
        } catch (thrown) {
          info.setError(thrown instanceof Error ? thrown.message : String(thrown))
          return
        }
      }
      output.flush()
    },
  })
  connection.registerScalarFunction(scalarFunction)
}

function fromDuck(value: DuckDBValue): RuntimeValue {
  if (value instanceof DuckDBBlobValue) return value.bytes
  if (value instanceof DuckDBListValue) return value.items.map(fromDuck)
  return value as RuntimeValue
}

function toDuck(value: RuntimeValue): DuckDBValue {
  if (value instanceof Uint8Array) return new DuckDBBlobValue(value)
  if (Array.isArray(value)) return new DuckDBListValue(value.map(toDuck))
  return value as DuckDBValue
}
