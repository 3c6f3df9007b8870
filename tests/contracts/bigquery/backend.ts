import { randomUUID } from 'node:crypto'
import type { BigQuery, Dataset, Table, TableField, TableMetadata } from '@google-cloud/bigquery'
import type { managedwriter } from '@google-cloud/bigquery-storage'
import { type Clients, connect, connectBigQueryOnce } from '../../../src/clients.ts'
import type { Settings } from '../../../src/settings.ts'

type TableOptions = Omit<TableMetadata, 'schema'> & { readonly dataset?: Dataset; readonly named?: string }

/** A BigQuery service as one clause of the contract uses it. */
export interface BigQueryBackend extends AsyncDisposable {
  /** Sends each request once, so that an error is seen at once. */
  readonly bigquery: BigQuery
  readonly writer: managedwriter.WriterClient
  readonly projectId: string
  /** The name of a dataset that nobody else uses. What bears it at the end is deleted, with its tables. */
  datasetName(): string
  /** A new dataset. */
  dataset(options?: object): Promise<Dataset>
  /** A new table, in a new dataset and under a name that nobody else uses, unless told otherwise. */
  table(fields: readonly TableField[], options?: TableOptions): Promise<Table>
}

const NOT_FOUND = 404

/** The contract's view of the service that the settings name. */
export async function bigqueryBackend(settings: Settings): Promise<BigQueryBackend> {
  await using starting = new AsyncDisposableStack()
  const { writer }: Clients = starting.use(connect(settings))
  await writer.initialize()
  const bigquery = connectBigQueryOnce(settings)
  const run = randomUUID().slice(0, 8)
  const cleaning = starting.use(new AsyncDisposableStack())
  let names = 0
  const backend = {
    bigquery,
    writer,
    projectId: settings.projectId,
    datasetName() {
      const name = `contract_${run}_${++names}`
      cleaning.defer(async () => {
        const deleted = bigquery.dataset(name).delete({ force: true })
        await deleted.catch((error: { code: number }) => {
          if (error.code !== NOT_FOUND) throw error
        })
      })
      return name
    },
    async dataset(options = {}) {
      const [dataset] = await bigquery.createDataset(backend.datasetName(), options)
      return dataset
    },
    async table(fields: readonly TableField[], { dataset, named, ...options }: TableOptions = {}) {
      const parent = dataset ?? (await backend.dataset())
      const [table] = await parent.createTable(named ?? `t_${run}_${++names}`, {
        schema: { fields: [...fields] },
        ...options,
      })
      return table
    },
  }
  const running = starting.move()
  return { ...backend, [Symbol.asyncDispose]: () => running.disposeAsync() }
}
