import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBScalarFunction,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  VARCHAR,
} from '@duckdb/node-api'
import { physicalName } from '../../model/physical.ts'
import { columnType, type SqlType, type TableDefinition, type TableReference } from '../../model/schema.ts'
import { type CatalogView, type CompiledStatement, compile, type Parameter, scalarFunctions } from '../index.ts'
import type { RuntimeType, RuntimeValue } from '../runtime/index.ts'

const types: Record<RuntimeType, DuckDBType> = {
  BOOL: BOOLEAN,
  INT64: BIGINT,
  FLOAT64: DOUBLE,
  STRING: VARCHAR,
  BYTES: BLOB,
  'ARRAY<STRING>': LIST(VARCHAR),
  'ARRAY<INT64>': LIST(BIGINT),
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

/** An empty DuckDB that has the functions which compiled SQL may call, and a catalog of what is created in it. */
export async function openDatabase(now = Date.parse('2024-06-15T12:34:56.789Z')) {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  for (const { name, parameters, result, evaluate } of scalarFunctions) {
    const mainFunction: Parameters<typeof DuckDBScalarFunction.create>[0]['mainFunction'] = (info, chunk, output) => {
      const columns = parameters.map((_, i) => chunk.getColumnVector(i))
      for (let row = 0; row < chunk.rowCount; row++) {
        const args = columns.map((column) => fromDuck(column.getItem(row)))
        try {
          output.setItem(row, args.includes(null) ? null : toDuck(evaluate(args)))
        } catch (error) {
          info.setError(error instanceof Error ? error.message : String(error))
          return
        }
      }
      output.flush()
    }
    const parameterTypes = parameters.map((p) => types[p])
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({ name, mainFunction, returnType: types[result], parameterTypes }),
    )
  }
  const tables = new Map<string, TableDefinition>()
  const reference = (path: readonly string[]): TableReference => {
    const [tableId, datasetId = 'ds', projectId = 'proj-x'] = path.toReversed()
    return { projectId, datasetId, tableId: tableId! }
  }
  const catalog: CatalogView = {
    reference,
    relation(path) {
      const name = physicalName(reference(path))
      const table = tables.get(name)
      if (!table) throw new Error(`Not found: Table ${path.join('.')}`)
      return { sql: name, columns: table.columns.map((c) => ({ name: c.name, type: columnType(c) })) }
    },
  }
  const execute = async (sql: string, values: CompiledStatement & { kind: 'SELECT' }) =>
    connection.runAndReadAll(sql, values.values.map((v) => v.value) as DuckDBValue[])

  const run = async (sql: string, parameters: readonly Parameter[] = []) => {
    const statement = compile(sql, { catalog, parameters, now })
    if (statement.kind !== 'SELECT') return { columns: [], rows: [], sql: '' }
    const reader = await execute(statement.sql, statement)
    const rows = reader.getRows().map((row) => row.map((value, i) => plain(value, statement.columns[i]!.type)))
    return { columns: statement.columns, rows, sql: statement.sql }
  }
  return { run, catalog, connection, tables, close: () => connection.closeSync() }
}

export type Database = Awaited<ReturnType<typeof openDatabase>>

/** A value as plain data that says exactly what it is: instants in microseconds, decimals without idle zeros. */
export function plain(value: DuckDBValue, type: SqlType): unknown {
  if (value === null) return null
  if (type.kind === 'ARRAY' && value instanceof DuckDBListValue) return value.items.map((v) => plain(v, type.element))
  if (type.kind === 'STRUCT' && value instanceof DuckDBStructValue) {
    const values = Object.values(value.entries)
    return Object.fromEntries(type.fields.map((f, i) => [f.name || `_field_${i + 1}`, plain(values[i]!, f.type)]))
  }
  if (value instanceof DuckDBDecimalValue) return decimalText(value.toString())
  if (value instanceof DuckDBTimestampTZValue) return `${isoOf(value.micros)}Z`
  if (value instanceof DuckDBTimestampValue) return isoOf(value.micros)
  if (value instanceof DuckDBDateValue) return value.toString()
  if (value instanceof DuckDBTimeValue) return value.toString()
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64')
  if (value instanceof DuckDBIntervalValue) return `${value.months} months ${value.days} days ${value.micros} micros`
  return value
}

const decimalText = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)

function isoOf(micros: bigint): string {
  const millis = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n)
  const rest = String(micros - millis * 1000n).padStart(3, '0')
  return `${new Date(Number(millis)).toISOString().slice(0, -1)}${rest}`.replace(/\.?0+$/, '')
}
