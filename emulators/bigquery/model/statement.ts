import type { Clock } from '../../../clock/index.ts'
import { invalidArgument } from '../../shared/index.ts'
import type { CompiledStatement, CompileOptions, Parameter } from '../sql/index.ts'
import type { Catalog } from './catalog.ts'
import { type DdlOutcome, define, foresee } from './ddl.ts'
import { type Destination, deliver } from './destination.ts'
import { physicalName, quoted } from './physical.ts'
import { QueryCatalog, type QueryScope } from './query-catalog.ts'
import { type Column, columnType, type StructField, type TableReference } from './schema.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'
import type { Row } from './value.ts'

type CompiledSelect = Extract<CompiledStatement, { kind: 'SELECT' }>
type CompiledInsert = Extract<CompiledStatement, { kind: 'INSERT' }>

/** GoogleSQL to the engine's dialect. */
export type Compile = (sql: string, options: CompileOptions) => CompiledStatement

export interface StatementRequest extends QueryScope {
  readonly sql: string
  readonly parameters: readonly Parameter[]
  /** Checks the statement and says what it would do, but does not do it. */
  readonly dryRun: boolean
  /** Absent: the rows are only answered. */
  readonly destination?: Destination
  /** The query fails when it would read more logical bytes (maximumBytesBilled). */
  readonly mostBytes?: number
}

export interface Outcome {
  readonly statementType: string
  readonly columns: readonly StructField[]
  readonly rows: readonly Row[]
  /** Logical bytes of the tables read, whole: an upper bound of what BigQuery would bill. */
  readonly bytesProcessed: number
  readonly referencedTables: readonly TableReference[]
  readonly ddl?: DdlOutcome
  /** Of an INSERT: how many rows it added. */
  readonly insertedRows?: number
}

export interface Statements {
  readonly catalog: Catalog
  readonly tables: Tables
  readonly store: Store
  readonly clock: Clock
  readonly compile: Compile
}

/** Runs one statement. What changes tables goes the way of the REST methods, with their rules and errors. */
export async function runStatement(
  context: Statements,
  request: StatementRequest,
  signal: AbortSignal,
): Promise<Outcome> {
  const { sql, parameters, dryRun, destination } = request
  const catalog = new QueryCatalog(context.catalog, context.tables, request)
  if (destination) catalog.checkLocation(destination.table)
  const now = context.clock.now()
  const compiled = context.compile(sql, { catalog, parameters, now, destination: destination !== undefined })
  const outcome = planned(context.tables, compiled)
  checkBytes(outcome, request)
  if (compiled.kind === 'SELECT') return dryRun ? outcome : answer(context, { request, compiled, outcome }, signal)
  if (destination) throw invalidArgument('Cannot set destination table in jobs with DML or DDL statements')
  if (compiled.kind === 'INSERT') return dryRun ? outcome : insert(context, compiled, outcome)
  const ddl = dryRun ? foresee(context.tables, compiled) : await define(context, request, compiled)
  return { ...outcome, ddl }
}

/** What is known of a statement before it runs: all that a dry run tells. */
function planned(tables: Tables, compiled: CompiledStatement): Outcome {
  const select = compiled.kind === 'SELECT' ? compiled : 'query' in compiled ? compiled.query : undefined
  const referencedTables = select?.tables ?? []
  return {
    statementType: compiled.kind,
    columns: resultColumns(tables, compiled),
    rows: [],
    bytesProcessed: referencedTables.reduce((sum, reference) => sum + (tables.find(reference)?.bytes ?? 0), 0),
    referencedTables,
  }
}

/** DDL that makes a table answers with its schema and no rows, and so does the dry run of an INSERT. */
function resultColumns(tables: Tables, statement: CompiledStatement): readonly StructField[] {
  switch (statement.kind) {
    case 'SELECT':
      return statement.columns
    case 'INSERT':
      return namesAndTypes(tables.get(statement.table).definition.columns)
    case 'CREATE_TABLE':
    case 'CREATE_TABLE_AS_SELECT':
      return namesAndTypes(statement.table.columns)
    default:
      return []
  }
}

const namesAndTypes = (columns: readonly Column[]) => columns.map((c) => ({ name: c.name, type: columnType(c) }))

async function insert({ tables }: Statements, compiled: CompiledInsert, outcome: Outcome): Promise<Outcome> {
  const { table, query, columns: into } = compiled
  return { ...outcome, columns: [], insertedRows: await tables.insert(table, { query, into }) }
}

/** The rows of a query, or of the whole table that they were written to. */
async function answer(
  { tables, store }: Statements,
  { request, compiled, outcome }: { request: StatementRequest; compiled: CompiledSelect; outcome: Outcome },
  signal: AbortSignal,
): Promise<Outcome> {
  const { destination } = request
  if (!destination) return { ...outcome, rows: await store.select(compiled, signal) }
  await deliver(tables, destination, compiled)
  const columns = namesAndTypes(tables.get(destination.table).definition.columns)
  const names = columns.map((column) => quoted(column.name)).join(', ')
  const query = { sql: `SELECT ${names} FROM ${physicalName(destination.table)}`, values: [], columns }
  return { ...outcome, columns, rows: await store.select(query, signal) }
}

/** The service never bills less than 10 MiB of a query that reads a table. */
function checkBytes({ bytesProcessed }: Outcome, { mostBytes }: StatementRequest): void {
  const billed = bytesProcessed === 0 ? 0 : Math.max(bytesProcessed, 10 * 2 ** 20)
  if (mostBytes === undefined || billed <= mostBytes) return
  const message = `Query exceeded limit for bytes billed: ${mostBytes}. ${billed} or higher required.`
  throw invalidArgument(message, { reason: 'bytesBilledLimitExceeded' })
}
