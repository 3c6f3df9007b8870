import { manualClock } from '../../clock/index.ts'
import { startStorage } from '../../emulators/storage/index.ts'
import { connect } from '../../src/clients.ts'
import { parseSettings } from '../../src/settings.ts'
import { holdTo } from './contract.ts'
import { storageBackend } from './storage/backend.ts'
import { embedded } from './storage/implementations.ts'
import { storageContract } from './storage/index.ts'

holdTo(storageContract, embedded, async () => {
  await using starting = new AsyncDisposableStack()
  const emulator = starting.use(await startStorage({ clock: manualClock() }))
  const settings = parseSettings({ STORAGE_EMULATOR_HOST: `${emulator.host}:${emulator.port}` })
  const { storage } = starting.use(connect(settings))
  const backend = starting.use(await storageBackend(storage))
  const running = starting.move()
  return { ...backend, [Symbol.asyncDispose]: () => running.disposeAsync() }
})
