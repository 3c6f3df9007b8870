import type { Sample } from './probe.ts'

export interface Memory {
  /** Bytes at most. */
  readonly peakRss: number
  /**
   * The least heap in each fifth of the run, in bytes: what is left after a garbage collection, or nearly so. Level from
   * the second on, if nothing piles up.
   */
  readonly heapFloors: readonly number[]
  /** Bytes of RSS that each event of the last three fifths added, as the line nearest to the samples has it. */
  readonly rssPerEvent: number
}

const FIFTHS = 5

/** What a process took while so many events went through it, at an even pace. */
export function memory(samples: readonly Sample[], events: number): Memory {
  const size = samples.length / FIFTHS
  const fifths = Array.from({ length: FIFTHS }, (_, i) =>
    samples.slice(Math.floor(i * size), Math.floor((i + 1) * size)),
  )
  const late = samples.slice(Math.floor(2 * size))
  const span = samples.at(-1)!.time - samples[0]!.time
  return {
    peakRss: Math.max(...samples.map(({ rss }) => rss)),
    heapFloors: fifths.map((fifth) => Math.min(...fifth.map(({ heap }) => heap))),
    rssPerEvent: (slope(late.map(({ time, rss }) => [time, rss])) * span) / events,
  }
}

/** Of the line nearest to the points (least squares). */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map(([px]) => px)), mean(points.map(([, py]) => py))]
  const above = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0)
  return above / points.reduce((sum, [px]) => sum + (px - x) ** 2, 0)
}
