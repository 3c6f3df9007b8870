import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe } from 'vitest'
import { connect } from '../../src/clients.ts'
import { holdTo } from '../contracts/contract.ts'
import { pubsubBackend } from '../contracts/pubsub/backend.ts'
import { googleEmulator } from '../contracts/pubsub/implementations.ts'
import { pubsubContract } from '../contracts/pubsub/index.ts'
import { storageBackend } from '../contracts/storage/backend.ts'
import { fakeGcsServer } from '../contracts/storage/implementations.ts'
import { storageContract } from '../contracts/storage/index.ts'
import { startContainers, whyNoContainers } from './containers.ts'

const whyNot = await whyNoContainers('pubsub', 'storage')

describe.skipIf(whyNot)(whyNot ?? 'in containers', () => {
  let containers: Awaited<ReturnType<typeof startContainers>>

  beforeAll(async () => {
    containers = await startContainers()
  }, 120_000)
  afterAll(() => containers?.[Symbol.asyncDispose]())

  holdTo(storageContract, fakeGcsServer, async () => {
    await using starting = new AsyncDisposableStack()
    const { storage } = starting.use(connect(containers.settings))
    const backend = starting.use(await storageBackend(storage))
    const running = starting.move()
    return { ...backend, [Symbol.asyncDispose]: () => running.disposeAsync() }
  })

  holdTo(pubsubContract, googleEmulator, async () => {
    await using starting = new AsyncDisposableStack()
    const { pubsub } = starting.use(connect(containers.settings))
    const backend = starting.use(
      await pubsubBackend({
        pubsub,
        // Its time is the machine's.
        pass: (ms) => wait(ms),
        settle: () => wait(300),
        callback: 'host.docker.internal',
      }),
    )
    const running = starting.move()
    return { ...backend, [Symbol.asyncDispose]: () => running.disposeAsync() }
  })
})
