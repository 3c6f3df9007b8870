import { startEmulators } from '../../emulators/index.ts'
import { variablesOf } from '../../src/cli/stack.ts'
import { parseSettings } from '../../src/settings.ts'
import { embedded } from './bigquery/implementations.ts'
import { bigqueryBackend, bigqueryContract } from './bigquery/index.ts'
import { holdTo } from './contract.ts'

holdTo(bigqueryContract, embedded, async () => {
  await using starting = new AsyncDisposableStack()
  const emulators = starting.use(await startEmulators())
  const backend = starting.use(await bigqueryBackend(parseSettings(variablesOf(emulators))))
  const running = starting.move()
  return { ...backend, [Symbol.asyncDispose]: () => running.disposeAsync() }
})
