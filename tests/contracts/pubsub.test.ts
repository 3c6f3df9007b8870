import { afterAll, beforeAll } from 'vitest'
import { manualClock } from '../../clock/index.ts'
import { startPubSub } from '../../emulators/pubsub/index.ts'
import { connect } from '../../src/clients.ts'
import { parseSettings, type Settings } from '../../src/settings.ts'
import { holdTo } from './contract.ts'
import { pubsubBackend } from './pubsub/backend.ts'
import { embedded } from './pubsub/implementations.ts'
import { pubsubContract } from './pubsub/index.ts'

// One for all of them, as the service itself is.
const clock = manualClock()
let emulator: Awaited<ReturnType<typeof startPubSub>>
let settings: Settings
beforeAll(async () => {
  emulator = await startPubSub({ clock })
  settings = parseSettings({ PUBSUB_EMULATOR_HOST: `${emulator.host}:${emulator.port}` })
})
afterAll(() => emulator?.[Symbol.asyncDispose]())

holdTo(pubsubContract, embedded, async () => {
  await using starting = new AsyncDisposableStack()
  const { pubsub } = starting.use(connect(settings))
  const backend = starting.use(
    await pubsubBackend({
      pubsub,
      pass: async (ms) => clock.advance(ms),
      // What the emulator has to say after a request, it has said before it answers a few more.
      async settle() {
        for (let i = 0; i < 5; i++) await pubsub.topic('none').exists()
      },
      callback: '127.0.0.1',
    }),
  )
  const running = starting.move()
  return { ...backend, [Symbol.asyncDispose]: () => running.disposeAsync() }
})
