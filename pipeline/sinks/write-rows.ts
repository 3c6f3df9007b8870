import type { KV } from 'apache-beam/values'
import { type DoFn, type Emit, registerDoFn } from '../beam/do-fn.ts'
import { services } from '../bundle.ts'
import { folderOfFile, readFolder } from '../transforms/destination.ts'
import { attend } from './attend.ts'
import { inParallel } from './in-parallel.ts'
import type { HeldFile } from './write-raw-files.ts'

const FILES_AT_ONCE = 16

/** Files and their content → the names of those whose rows are durable. */
export const writeRows = registerDoFn('writeRows', (): DoFn<KV<string, string>, string> => {
  const bundle = services()
  const files: { file: HeldFile; content: string; emit: Emit<string> }[] = []

  const commit = async ({ file: { messageIds, ...file }, content, emit }: (typeof files)[number]) => {
    const added = await attend(
      bundle,
      { lane: `rows of ${readFolder(folderOfFile(file.name)).type}`, messageIds: () => messageIds },
      () => bundle.rows.commit(file, BigInt(bundle.stamp()) * 1000n, content || undefined),
      (outcome, result) => {
        outcome.added(file, result)
        outcome.settle(messageIds, bundle.stamp())
      },
    )
    if (added) emit(file.name)
  }

  return {
    process: ({ key, value }, emit) => void files.push({ file: JSON.parse(key) as HeldFile, content: value, emit }),
    async finishBundle() {
      const started = bundle.clock.now()
      await inParallel(files, FILES_AT_ONCE, commit)
      bundle.outcome.spent('rows', bundle.clock.now() - started)
    },
  }
})
