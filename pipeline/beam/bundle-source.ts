import { services } from '../bundle.ts'
import type { Message } from '../transforms/message.ts'
import { type DoFn, type Emit, registerDoFn } from './do-fn.ts'

/** In place of a source: an impulse becomes the messages of the bundle that runs here. */
export const bundleMessages = registerDoFn('bundleMessages', (): DoFn<unknown, Message> => {
  const { messages } = services()
  let emitted: Emit<Message> | undefined
  return {
    process: (_impulse, emit) => {
      emitted = emit
    },
    // Not in process: the direct runner waits for nothing that an impulse sets off.
    async finishBundle() {
      for (const message of messages) emitted?.(message)
    },
  }
})
