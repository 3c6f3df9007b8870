import type { KV } from 'apache-beam/values'
import { type DoFn, type Emit, registerDoFn } from '../beam/do-fn.ts'
import { services } from '../bundle.ts'
import { readFolder } from '../transforms/destination.ts'
import { metaOfLine } from '../transforms/meta.ts'
import { attend, type Group } from './attend.ts'
import { inParallel } from './in-parallel.ts'
import type { RawFile } from './raw-bucket.ts'

const FOLDERS_AT_ONCE = 16

/** What writeRows is told of a file, as the JSON key of its content. The content is empty when the file is not new. */
export interface HeldFile extends RawFile {
  readonly messageIds: readonly string[]
}

interface Gathered {
  readonly folder: string
  readonly lines: string[]
  readonly emit: Emit<KV<string, string>>
}

/** Folder and lines → the files that hold them, durable. */
export const writeRawFiles = registerDoFn(
  'writeRawFiles',
  (): DoFn<KV<string, Iterable<string>>, KV<string, string>> => {
    const bundle = services()
    const gathered = new Map<string, Gathered>()

    const write = async ({ folder, lines, emit }: Gathered) => {
      const group: Group = {
        lane: `files of ${readFolder(folder).type}`,
        messageIds: () => lines.map((line) => metaOfLine(line).message_id),
      }
      const written = await attend(
        bundle,
        group,
        () => bundle.rawFiles.write(folder, lines),
        (outcome, result) => {
          outcome.wrote(result)
          if (result.failed) outcome.fail(result.failed.messageIds, result.failed.error, group.lane)
        },
      )
      for (const { file, content = '', messageIds } of written?.held ?? []) {
        emit({ key: JSON.stringify({ ...file, messageIds } satisfies HeldFile), value: content })
      }
    }

    return {
      process({ key: folder, value }, emit) {
        // Some runners hand on a minute in parts: what is here at once makes one file.
        const group = gathered.get(folder) ?? { folder, lines: [], emit }
        gathered.set(folder, group)
        for (const line of value) group.lines.push(line)
      },
      async finishBundle() {
        const started = bundle.clock.now()
        await inParallel([...gathered.values()], FOLDERS_AT_ONCE, write)
        bundle.outcome.spent('rawFiles', bundle.clock.now() - started)
      },
    }
  },
)
