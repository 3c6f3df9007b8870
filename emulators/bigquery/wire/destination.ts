import { invalidArgument } from '../../shared/index.ts'
import type { Destination } from '../model/destination.ts'
import type { Fields } from './fields.ts'
import { readClustering, readPartitioning } from './table.ts'

const CREATE = ['CREATE_IF_NEEDED', 'CREATE_NEVER'] as const
const WRITE = ['WRITE_EMPTY', 'WRITE_APPEND', 'WRITE_TRUNCATE'] as const
const UPDATES = ['ALLOW_FIELD_ADDITION', 'ALLOW_FIELD_RELAXATION'] as const

/** JobConfigurationQuery.destinationTable, and what goes with it. Without a destination the rest has no effect. */
export function readDestination(projectId: string, query: Fields): Destination | undefined {
  const table = query.object('destinationTable')
  const [partitioning, clustering] = [query.object('timePartitioning'), query.object('clustering')]
  const destination = {
    create: oneOf(CREATE, query.text('createDisposition') || 'CREATE_IF_NEEDED', 'createDisposition'),
    write: oneOf(WRITE, query.text('writeDisposition') || 'WRITE_EMPTY', 'writeDisposition'),
    schemaUpdates: (query.texts('schemaUpdateOptions') ?? []).map((o) => oneOf(UPDATES, o, 'schemaUpdateOptions')),
    ...(partitioning && { partitioning: readPartitioning(partitioning) }),
    ...(clustering && { clustering: readClustering(clustering) }),
  }
  if (!table) return undefined
  const [datasetId, tableId] = [table.needed('datasetId'), table.needed('tableId')]
  return { ...destination, table: { projectId: table.text('projectId') || projectId, datasetId, tableId } }
}

function oneOf<T extends string>(known: readonly T[], text: string, field: string): T {
  const found = known.find((each) => each === text.toUpperCase())
  if (!found) throw invalidArgument(`Invalid value for ${field}: ${text} is not a valid value`)
  return found
}
