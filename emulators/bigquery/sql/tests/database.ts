import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import { notFound, unimplemented } from '../../../shared/index.ts'
import { register } from '../../engine/functions.ts'
import { physicalName, physicalType, quoted } from '../../model/physical.ts'
import { columnType, type SqlType, type TableDefinition, type TableReference } from '../../model/schema.ts'
import {
  type CatalogView,
  type CompiledStatement,
  compile,
  type Parameter,
  runtimeError,
  scalarFunctions,
} from '../index.ts'

/** An empty DuckDB that has the functions which compiled SQL may call, and a catalog of what is created in it. */
export async function openDatabase(now = Date.parse('2024-06-15T12:34:56.789Z'), path = ':memory:') {
  const instance = await DuckDBInstance.create(path, { threads: '1' })
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  for (const declared of scalarFunctions) register(connection, declared)
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
      if (path.includes('INFORMATION_SCHEMA') || name.includes('*')) throw unimplemented('this table in these tests')
      if (!table) throw notFound(`Not found: Table ${path.join('.')}`)
      return { sql: name, columns: table.columns.map((c) => ({ name: c.name, type: columnType(c) })) }
    },
  }
  const read = ({ sql, values }: Extract<CompiledStatement, { kind: 'SELECT' }>) =>
    connection.runAndReadAll(sql, values.map((v) => v.value) as DuckDBValue[]).catch(translated)

  const createTable = async (table: TableDefinition) => {
    const name = physicalName(table.reference)
    const columns = table.columns.map((c) => `${quoted(c.name)} ${physicalType(columnType(c))}`)
    await connection.run(`CREATE SCHEMA IF NOT EXISTS ${name.split('.').slice(0, -1).join('.')}`)
    await connection.run(`CREATE OR REPLACE TABLE ${name} (${columns.join(', ')})`)
    tables.set(name, table)
    return name
  }

  const insert = async (
    name: string,
    columns: readonly string[],
    { sql, values }: Extract<CompiledStatement, { kind: 'SELECT' }>,
  ) => {
    await connection.run(
      `INSERT INTO ${name} (${columns.map(quoted).join(', ')}) ${sql}`,
      values.map((v) => v.value) as DuckDBValue[],
    )
  }

  const run = async (sql: string, parameters: readonly Parameter[] = []) => {
    const statement = compile(sql, { catalog, parameters, now })
    switch (statement.kind) {
      case 'SELECT': {
        const rows = (await read(statement))
          .getRows()
          .map((row) => row.map((v, i) => plain(v, statement.columns[i]!.type)))
        return { columns: statement.columns, rows, sql: statement.sql }
      }
      case 'CREATE_TABLE':
      case 'CREATE_TABLE_AS_SELECT': {
        const name = await createTable(statement.table)
        if (statement.query)
          await insert(
            name,
            statement.table.columns.map((c) => c.name),
            statement.query,
          )
        return { columns: [], rows: [], sql: '' }
      }
      case 'INSERT':
        await insert(physicalName(statement.table), statement.columns, statement.query)
        return { columns: [], rows: [], sql: statement.query.sql }
      case 'DROP_TABLE': {
        const known = tables.delete(physicalName(statement.table))
        if (!known && !statement.ifExists) throw notFound(`Not found: Table proj-x:ds.${statement.table.tableId}`)
        return { columns: [], rows: [], sql: '' }
      }
      default:
        return { columns: [], rows: [], sql: '' }
    }
  }
  /** A query's columns, with the types that DuckDB gives them. */
  const typed = async (sql: string) => {
    const statement = compile(sql, { catalog, parameters: [], now })
    if (statement.kind !== 'SELECT') throw new Error('not a query')
    const reader = await read(statement)
    return { columns: statement.columns, types: reader.columnTypes().map(String) }
  }

  return {
    run,
    typed,
    catalog,
    connection,
    tables,
    [Symbol.asyncDispose]: async () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

export type Database = Awaited<ReturnType<typeof openDatabase>>

function translated(error: Error): never {
  throw runtimeError(error.message) ?? error
}

/** A value as plain data that says exactly what it is: instants in microseconds, decimals without idle zeros. */
function plain(value: DuckDBValue, type: SqlType): unknown {
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
