import type { CompiledStatement } from '../sql/index.ts'
import type { Catalog } from './catalog.ts'
import type { DatasetReference } from './dataset.ts'
import type { QueryScope } from './query-catalog.ts'
import type { TableReference } from './schema.ts'
import type { Tables } from './tables.ts'

type Definition = Exclude<CompiledStatement, { kind: 'SELECT' | 'INSERT' }>

/** What a statement that defines something did: `ddlOperationPerformed` and its target. */
export interface DdlOutcome {
  readonly operation: 'CREATE' | 'REPLACE' | 'SKIP' | 'DROP'
  readonly table?: TableReference
  readonly dataset?: DatasetReference
}

/** Does as the statement says, through the same doors as the REST methods. */
export async function define(
  { catalog, tables }: { readonly catalog: Catalog; readonly tables: Tables },
  scope: QueryScope,
  statement: Definition,
): Promise<DdlOutcome> {
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

/** What a dry run says that the statement would do. */
export function foresee(tables: Tables, statement: Definition): DdlOutcome {
  if (statement.kind === 'CREATE_SCHEMA') return { operation: 'CREATE' }
  if (statement.kind === 'DROP_TABLE') return { operation: 'DROP', table: statement.table }
  const { reference } = statement.table
  const existing = tables.find(reference) !== undefined
  return { operation: existing ? (statement.orReplace ? 'REPLACE' : 'SKIP') : 'CREATE', table: reference }
}
