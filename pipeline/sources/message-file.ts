import '../beam/sdk.ts'
import { readFile } from 'node:fs/promises'
import { impulse } from 'apache-beam'
import { MessageCoder, messageFromText } from '../beam/coders.ts'
import { type DoFn, type Emit, registerDoFn } from '../beam/do-fn.ts'
import { parDo } from '../beam/par-do.ts'
import type { PortableSource } from '../runners/portable.ts'
import type { Message } from '../transforms/message.ts'

/**
 * In place of a subscription, for a run that ends: the messages of a file that every worker can read, one a line, as
 * messageToText writes them.
 */
export const messageFile =
  (path: string): PortableSource =>
  (root) =>
    root.apply(impulse()).apply(parDo(fileMessages, new MessageCoder(), { path }))

const fileMessages = registerDoFn('fileMessages', ({ path }: { path: string }): DoFn<unknown, Message> => {
  const emits: Emit<Message>[] = []
  return {
    process: (_impulse, emit) => void emits.push(emit),
    async finishBundle() {
      if (emits.length === 0) return
      const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')
      for (const emit of emits) {
        for (const line of lines) {
          const message = messageFromText(line)
          emit(message, Date.parse(message.publishTime))
        }
      }
    },
  }
})
