import type { Clock } from '../../../clock/index.ts'
import type { CompiledStatement, CompileOptions, Parameter } from '../sql/index.ts'
import type { Catalog } from './catalog.ts'
import type { DatasetReference } from './dataset.ts'
import { QueryCatalog, type QueryScope } from './query-catalog.ts'
import { columnType, type StructField, type TableReference } from './schema.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'
import type { Row } from './value.ts'

/** GoogleSQL to the engine's dialect. */
export type Compile = (sql: string, options: CompileOptions) => CompiledStatement

export interface StatementRequest extends QueryScope {
  readonly sql: string
  readonly parameters: readonly Parameter[]
  /** Checks the statement and says what it would do, but does not do it. */
  readonly dryRun: boolean
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
  if (compiled.kind === 'SELECT') {
    return request.dryRun ? outcome : { ...outcome, rows: await context.store.select(compiled, signal) }
  }
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
