import { parentPort } from 'node:worker_threads'
import { startEmulators } from '../../emulators/index.ts'
import { type Variables, variablesOf } from './variables.ts'

/** Emulators in a thread of their own: it says where they listen, and ends them when it is told anything. */
const emulators = await startEmulators()
parentPort!.postMessage(variablesOf(emulators) satisfies Variables)
parentPort!.once('message', async () => {
  await emulators[Symbol.asyncDispose]()
})
