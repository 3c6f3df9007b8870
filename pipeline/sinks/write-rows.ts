import type { KV } from 'apache-beam/values'
import { type DoFn, type Emit, registerDoFn } from '../beam/do-fn.ts'
import { services } from '../bundle.ts'
import { inParallel } from './in-parallel.ts'
import type { HeldFile } from './write-raw-files.ts'

const FILES_AT_ONCE = 16

/** Files and their content → the names of those whose rows are durable. */
export const writeRows = registerDoFn('writeRows', (): DoFn<KV<string, string>, string> => {
  const { rows, outcome, clock } = services()
  const files: { file: HeldFile; content: string; emit: Emit<string> }[] = []

  const commit = async ({ file: { messageIds, ...file }, content, emit }: (typeof files)[number]) => {
    try {
      const added = await rows.commit(file, BigInt(clock.now()) * 1000n, content || undefined)
      outcome.added(file.name, added)
      outcome.settle(messageIds, clock.now())
      emit(file.name)
    } catch (error) {
      outcome.fail(messageIds, error)
    }
  }

  return {
    process: ({ key, value }, emit) => void files.push({ file: JSON.parse(key) as HeldFile, content: value, emit }),
    async finishBundle() {
      const started = clock.now()
      await inParallel(files, FILES_AT_ONCE, commit)
      outcome.spent('rows', clock.now() - started)
    },
  }
})
