import { invalidArgument, notFound, ServiceError, unimplemented } from '../../shared/index.ts'
import type { CatalogView, Relation } from '../sql/index.ts'
import { type Catalog, datasetName } from './catalog.ts'
import type { DatasetReference } from './dataset.ts'
import { informationSchema } from './information-schema.ts'
import { physicalName } from './physical.ts'
import { columnType, type TableReference } from './schema.ts'
import { tableName } from './table.ts'
import type { Tables } from './tables.ts'

export interface QueryScope {
  /** Whose job it is: where a table's name has no project, it is this one. */
  readonly projectId: string
  readonly defaultDataset?: DatasetReference
  readonly location: string
  /** Whether the client chose the location. Otherwise the job runs where its datasets are. */
  readonly fixedLocation?: boolean
}

/** What the statements of one job can name, with the errors that queries get. Notes the tables they read. */
export class QueryCatalog implements CatalogView {
  readonly #catalog: Catalog
  readonly #tables: Tables
  readonly #scope: QueryScope

  constructor(catalog: Catalog, tables: Tables, scope: QueryScope) {
    this.#catalog = catalog
    this.#tables = tables
    this.#scope = scope
  }

  relation(path: readonly string[]): Relation {
    const parts = withProject(path)
    const at = parts.findIndex((part) => part.toUpperCase() === 'INFORMATION_SCHEMA')
    if (at >= 0 && at === parts.length - 2) return this.#informationSchema(parts.slice(0, at), parts.at(-1)!)
    const reference = this.reference(path)
    const { location } = this.#scope
    if (reference.tableId.endsWith('*')) throw unimplemented(`the wildcard table ${tableName(reference)}`)
    this.#dataset(reference)
    const table = this.#tables.find(reference)
    if (!table) throw notFound(`Not found: Table ${tableName(reference)} was not found in location ${location}`)
    const { columns } = table.definition
    if (columns.length === 0) throw invalidArgument(`Table ${tableName(reference)} does not have a schema.`)
    return {
      columns: columns.map((column) => ({ name: column.name, type: columnType(column) })),
      sql: physicalName(reference),
    }
  }

  reference(path: readonly string[]): TableReference {
    const [tableId, datasetId, projectId, ...rest] = withProject(path).reverse() as [string, ...string[]]
    const { defaultDataset } = this.#scope
    if (rest.length > 0) {
      throw invalidArgument(`Invalid table name: \`${path.join('.')}\``, { reason: 'invalidQuery' })
    }
    const dataset =
      datasetId === undefined ? defaultDataset : { projectId: projectId ?? this.#scope.projectId, datasetId }
    if (!dataset) {
      throw invalidArgument(`Table "${tableId}" must be qualified with a dataset (e.g. dataset.table).`, {
        reason: 'invalidQuery',
      })
    }
    this.checkLocation(dataset)
    return { ...dataset, tableId }
  }

  /** Throws NOT_FOUND for a dataset that is not where the job is to run: there it does not exist. */
  checkLocation(reference: DatasetReference): void {
    const { location, fixedLocation = false } = this.#scope
    const dataset = this.#catalog.find(reference)
    if (!fixedLocation || !dataset || dataset.location.toUpperCase() === location.toUpperCase()) return
    throw this.#notFound(reference)
  }

  #notFound(reference: DatasetReference) {
    return notFound(`Not found: Dataset ${datasetName(reference)} was not found in location ${this.#scope.location}`)
  }

  #informationSchema(qualifier: readonly string[], view: string): Relation {
    const [datasetId, projectId = this.#scope.projectId] = qualifier.toReversed()
    if (datasetId === undefined || datasetId.startsWith('region-')) {
      throw unimplemented(`INFORMATION_SCHEMA.${view} of a region or a project`)
    }
    this.checkLocation({ projectId, datasetId })
    return informationSchema(this.#dataset({ projectId, datasetId }), view)
  }

  #dataset(reference: DatasetReference & { readonly tableId?: string }) {
    const dataset = this.#catalog.find(reference)
    if (dataset) return dataset
    const { projectId } = this.#scope
    if (reference.projectId !== projectId && this.#catalog.datasets(reference.projectId).length === 0) {
      const what = reference.tableId
        ? `Table ${tableName(reference as TableReference)}`
        : `Dataset ${datasetName(reference)}`
      throw new ServiceError(
        'PERMISSION_DENIED',
        `Access Denied: ${what}: User does not have permission to query ${what.replace(/^T/, 't').replace(/^D/, 'd')}, or perhaps it does not exist.`,
        { reason: 'accessDenied' },
      )
    }
    throw this.#notFound(reference)
  }
}

/** `project:dataset`, the older way to write it, is two parts. */
const withProject = ([first = '', ...rest]: readonly string[]): string[] =>
  /^[\w-]+:\w+$/.test(first) ? [...first.split(':'), ...rest] : [first, ...rest]
