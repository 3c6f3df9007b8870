import type { Sample } from './probe.ts'

export interface Memory {
  /** Bytes at most. */
  readonly peakRss: number
  /** Bytes that are held when all is done and garbage was collected: in V8's heap, and in buffers outside of it. */
  readonly held: number
}

/** What a process took; the last sample is one after a garbage collection. */
export function memory(samples: readonly Sample[]): Memory {
  const { heap, buffers } = samples.at(-1)!
  return { peakRss: Math.max(...samples.map(({ rss }) => rss)), held: heap + buffers }
}
