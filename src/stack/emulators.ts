import { once } from 'node:events'
import { type EmulatorOptions, startEmulators } from '../../emulators/index.ts'
import { startThread } from '../thread.ts'
import { type Variables, variablesOf } from './variables.ts'

/** Emulators as a stack needs them: where they are, and how they end. */
export interface StackEmulators extends AsyncDisposable {
  readonly variables: Variables
}

export async function startHere(options: EmulatorOptions): Promise<StackEmulators> {
  const emulators = await startEmulators(options)
  return { variables: variablesOf(emulators), [Symbol.asyncDispose]: () => emulators[Symbol.asyncDispose]() }
}

/**
 * In a thread of their own, so that they and the pipeline have a core each. The thread is no place for a test: what it
 * does cannot be reached but on the wire.
 */
export async function startApart(): Promise<StackEmulators> {
  const thread = startThread(import.meta, 'emulators-thread')
  const ended = once(thread, 'exit')
  const [variables]: [Variables] = await Promise.race([
    once(thread, 'message') as Promise<[Variables]>,
    ended.then(([code]) => Promise.reject(new Error(`The emulators' thread ended with ${code} before they were up.`))),
  ])
  return {
    variables,
    async [Symbol.asyncDispose]() {
      thread.postMessage('end')
      await ended
    },
  }
}
