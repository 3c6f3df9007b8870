import type { KV } from 'apache-beam/values'
import { type DoFn, type Emit, registerDoFn } from '../beam/do-fn.ts'
import { services } from '../bundle.ts'
import { metaOfLine } from '../transforms/meta.ts'
import { inParallel } from './in-parallel.ts'
import type { RawFile } from './raw-bucket.ts'

const FOLDERS_AT_ONCE = 16

/** What writeRows is told of a file, as the JSON key of its content. The content is empty when the file is not new. */
export interface HeldFile extends RawFile {
  readonly messageIds: readonly string[]
}

interface Group {
  readonly folder: string
  readonly lines: string[]
  readonly emit: Emit<KV<string, string>>
}

/** Folder and lines → the files that hold them, durable. */
export const writeRawFiles = registerDoFn(
  'writeRawFiles',
  (): DoFn<KV<string, Iterable<string>>, KV<string, string>> => {
    const { rawFiles, outcome } = services()
    const groups = new Map<string, Group>()

    const write = async ({ folder, lines, emit }: Group) => {
      try {
        const written = await rawFiles.write(folder, lines)
        outcome.wrote(written)
        if (written.failed) outcome.fail(written.failed.messageIds, written.failed.error)
        for (const { file, content = '', messageIds } of written.held) {
          emit({ key: JSON.stringify({ ...file, messageIds } satisfies HeldFile), value: content })
        }
      } catch (error) {
        const messageIds = lines.map((line) => metaOfLine(line).message_id)
        outcome.fail(messageIds, error)
      }
    }

    return {
      process({ key: folder, value }, emit) {
        // Some runners hand on a minute in parts: what is here at once makes one file.
        const group = groups.get(folder) ?? { folder, lines: [], emit }
        groups.set(folder, group)
        for (const line of value) group.lines.push(line)
      },
      finishBundle: () => inParallel([...groups.values()], FOLDERS_AT_ONCE, write),
    }
  },
)
