import { InMemoryBucket, InMemoryTables } from '../../pipeline/sinks/in-memory.ts'
import { connect } from '../../src/clients.ts'
import { parseSettings } from '../../src/settings.ts'
import { startBackend } from '../harness.ts'
import { holdTo } from './contract.ts'
import { embedded, inMemory } from './sinks/implementations.ts'
import { type Sinks, sinksContract, sinksOf } from './sinks/index.ts'
import { readTable } from './sinks/read.ts'

holdTo(sinksContract, inMemory, async (): Promise<Sinks> => {
  const streams = new InMemoryTables()
  const read = async ({ table }: { table: string }) => streams.rows.get(table) ?? []
  return { bucket: new InMemoryBucket(), streams, read, async [Symbol.asyncDispose]() {} }
})

holdTo(sinksContract, embedded, () => onEmulators({}))

// As on the emulators in Docker, which take days and instants as text.
const asInDocker = { SLUICE_BACKEND: 'docker' }
holdTo(sinksContract, { ...embedded, name: `${embedded.name}, by another name` }, () => onEmulators(asInDocker))

async function onEmulators(variables: Record<string, string>): Promise<Sinks> {
  await using starting = new AsyncDisposableStack()
  const { environment } = starting.use(await startBackend())
  const bigqueryStorage = { BIGQUERY_STORAGE_EMULATOR_HOST: environment.BIGQUERY_EMULATOR_HOST }
  const settings = parseSettings({ ...environment, ...bigqueryStorage, ...variables })
  const clients = starting.use(connect(settings))
  const running = starting.move()
  return {
    ...sinksOf(clients, settings),
    read: (table) => readTable({ clients, settings }, table),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
