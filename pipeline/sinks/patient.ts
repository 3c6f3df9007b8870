import type { Clock } from '../../clock/index.ts'
import type { Services } from '../bundle.ts'
import { backoffMs } from '../runners/backoff.ts'
import { metaOfLine } from '../transforms/meta.ts'
import type { Held, Written } from './raw-files.ts'

export interface Patience {
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  /** How long a failure may be tried again, in milliseconds. */
  readonly forMs: number
  readonly onRetry: (error: unknown, attempt: number) => void
}

/** Sinks that try again by themselves, for a runner that would start over from its last checkpoint at any failure. */
export const patient = (sinks: Pick<Services, 'rawFiles' | 'rows'>, patience: Patience): typeof sinks => ({
  rows: { commit: (...file) => patiently(() => sinks.rows.commit(...file), patience) },
  rawFiles: { write: (path, lines) => writePatiently(sinks.rawFiles, path, [...lines], patience) },
})

async function writePatiently(
  rawFiles: Services['rawFiles'],
  path: string,
  lines: readonly string[],
  patience: Patience,
): Promise<Written> {
  let waiting = lines
  const held: Held[] = []
  const total = { lines: 0, duplicates: 0 }
  const writeWaiting = async () => {
    const written = await rawFiles.write(path, waiting)
    held.push(...written.held)
    total.lines += written.lines
    total.duplicates += written.duplicates
    if (!written.failed) return
    const failed = new Set(written.failed.messageIds)
    waiting = waiting.filter((line) => failed.has(metaOfLine(line).message_id))
    throw written.failed.error
  }
  try {
    await patiently(writeWaiting, patience)
    return { held, ...total }
  } catch (error) {
    const messageIds = waiting.map((line) => metaOfLine(line).message_id)
    return { held, ...total, failed: { messageIds, error } }
  }
}

async function patiently<Result>(work: () => Promise<Result>, patience: Patience): Promise<Result> {
  const { clock, random, forMs, onRetry } = patience
  const until = clock.now() + forMs
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const next = clock.now() + backoffMs(attempt, random)
      if (next > until) throw error
      onRetry(error, attempt)
      await new Promise<void>((resolve) => clock.at(next, resolve))
    }
  }
}
