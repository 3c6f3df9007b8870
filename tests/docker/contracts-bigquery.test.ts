import { afterAll, beforeAll, describe } from 'vitest'
import { provision } from '../../src/resources.ts'
import { applyTables } from '../../src/tables/index.ts'
import { goccy } from '../contracts/bigquery/implementations.ts'
import { bigqueryBackend, bigqueryContract } from '../contracts/bigquery/index.ts'
import { holdTo } from '../contracts/contract.ts'
import { thirdParty } from '../contracts/sinks/implementations.ts'
import { type Sinks, sinksContract, sinksOf } from '../contracts/sinks/index.ts'
import { readTable } from '../contracts/sinks/read.ts'
import { startContainers, whyNoContainers } from './containers.ts'

const whyNot = await whyNoContainers('bigquery', 'storage')

describe.skipIf(whyNot)(whyNot ?? 'in containers', () => {
  let containers: Awaited<ReturnType<typeof startContainers>>

  beforeAll(async () => {
    containers = await startContainers()
  }, 120_000)
  afterAll(() => containers?.[Symbol.asyncDispose]())

  holdTo(bigqueryContract, goccy, () => bigqueryBackend(containers.settings))

  holdTo(sinksContract, thirdParty, async (): Promise<Sinks> => {
    const { clients, settings } = containers
    const { bucket, dataset } = settings.resources
    await provision(clients, settings)
    await applyTables(clients, settings)
    return {
      ...sinksOf(clients, settings),
      read: (table) => readTable(containers, table),
      async [Symbol.asyncDispose]() {
        await clients.bigquery.dataset(dataset).delete({ force: true })
        await clients.storage.bucket(bucket).deleteFiles()
      },
    }
  })
})
