import type { Clock } from '../../../clock/index.ts'
import { invalidArgument } from '../../shared/index.ts'
import type { CompiledStatement, CompileOptions, Parameter } from '../sql/index.ts'
import type { Catalog } from './catalog.ts'
import type { DatasetReference } from './dataset.ts'
import { type Destination, deliver } from './destination.ts'
import { physicalName, quoted } from './physical.ts'
import { QueryCatalog, type QueryScope } from './query-catalog.ts'
import { columnType, type StructField, type TableReference } from './schema.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'
import type { Row } from './value.ts'

type CompiledSelect = Extract<CompiledStatement, { kind: 'SELECT' }>

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
  readonly ddl?: {
    readonly operation: 'CREATE' | 'REPLACE' | 'SKIP' | 'DROP'
    readonly table?: TableReference
    readonly dataset?: DatasetReference
  }
}

export interface Statements {
  readonly catalog: Catalog
  readonly tables: Tables
  readonly store: Store
  readonly clock: Clock
  readonly compile: Compile
}

/** Runs one statement. DDL goes the way of the REST methods, with their rules and errors. */
export async function runStatement(
  context: Statements,
  request: StatementRequest,
  signal: AbortSignal,
): Promise<Outcome> {
  const view = new QueryCatalog(context.catalog, context.tables, request)
  const { sql, parameters } = request
  const compiled = context.compile(sql, { catalog: view, parameters, now: context.clock.now() })
  const select = compiled.kind === 'SELECT' ? compiled : 'query' in compiled ? compiled.query : undefined
  const outcome = {
    statementType: compiled.kind,
    columns: resultColumns(compiled),
    rows: [],
    bytesProcessed: bytesOf(context.tables, select?.tables ?? []),
    referencedTables: select?.tables ?? [],
  }
  checkBytes(outcome, request)
  if (compiled.kind === 'SELECT')
    return request.dryRun ? outcome : answer(context, { request, compiled, outcome }, signal)
  if (request.destination) throw invalidArgument('Cannot set destination table in jobs with DDL statements')
  if (request.dryRun) return { ...outcome, ddl: foreseen(context.tables, compiled) }
  return { ...outcome, ddl: await define(context, request, compiled) }
}

/** DDL that makes a table answers with its schema and no rows. */
function resultColumns(statement: CompiledStatement): readonly StructField[] {
  if (statement.kind === 'SELECT') return statement.columns
  if (!('table' in statement) || statement.kind === 'DROP_TABLE') return []
  return statement.table.columns.map((column) => ({ name: column.name, type: columnType(column) }))
}

/** What a dry run of DDL says that it would do. */
function foreseen(tables: Tables, statement: Definition): Outcome['ddl'] {
  if (statement.kind === 'CREATE_SCHEMA') return { operation: 'CREATE' }
  if (statement.kind === 'DROP_TABLE') return { operation: 'DROP', table: statement.table }
  const { reference } = statement.table
  const existing = tables.find(reference) !== undefined
  return { operation: existing ? (statement.orReplace ? 'REPLACE' : 'SKIP') : 'CREATE', table: reference }
}

async function answer(
  { tables, store }: Statements,
  { request, compiled, outcome }: { request: StatementRequest; compiled: CompiledSelect; outcome: Outcome },
  signal: AbortSignal,
): Promise<Outcome> {
  const { destination } = request
  if (!destination) return { ...outcome, rows: await store.select(compiled, signal) }
  await deliver(tables, destination, compiled)
  const { columns: definitions } = tables.get(destination.table).definition
  const columns = definitions.map((column) => ({ name: column.name, type: columnType(column) }))
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

const bytesOf = (tables: Tables, references: readonly TableReference[]) =>
  references.reduce((sum, reference) => sum + (tables.find(reference)?.bytes ?? 0), 0)

type Definition = Exclude<CompiledStatement, { kind: 'SELECT' }>

async function define(context: Statements, scope: QueryScope, statement: Definition): Promise<Outcome['ddl']> {
  const { catalog, tables } = context
  switch (statement.kind) {
    case 'CREATE_TABLE':
    case 'CREATE_TABLE_AS_SELECT': {
      const { table, query, ifNotExists, orReplace } = statement
      const ifExists = orReplace ? 'replace' : ifNotExists ? 'keep' : undefined
      return { operation: await tables.create(table, { ifExists, query }), table: table.reference }
    }
    case 'DROP_TABLE': {
      const { table } = statement
      if (statement.ifExists && !tables.find(table)) return { operation: 'SKIP', table }
      await tables.delete(table)
      return { operation: 'DROP', table }
    }
    case 'CREATE_SCHEMA': {
      const dataset = { projectId: statement.projectId ?? scope.projectId, datasetId: statement.datasetId }
      if (statement.ifNotExists && catalog.find(dataset)) return { operation: 'SKIP', dataset }
      await catalog.createDataset({ reference: dataset, location: scope.location, settings: {} })
      return { operation: 'CREATE', dataset }
    }
  }
}
