import { afterAll, beforeAll } from 'vitest'
import { type Emulators, startEmulators } from '../../emulators/index.ts'
import { parseSettings } from '../../src/settings.ts'
import { variablesOf } from '../../src/stack/index.ts'
import { embedded } from './bigquery/implementations.ts'
import { bigqueryBackend, bigqueryContract } from './bigquery/index.ts'
import { holdTo } from './contract.ts'

// One for all of them, as the service itself is.
let emulators: Emulators
beforeAll(async () => {
  emulators = await startEmulators()
})
afterAll(() => emulators?.[Symbol.asyncDispose]())

holdTo(bigqueryContract, embedded, () => bigqueryBackend(parseSettings(variablesOf(emulators))))
