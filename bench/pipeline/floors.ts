import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** What the floor does. */
export interface Floor {
  readonly perSecond: number
  /** CPU time of an event. */
  readonly micros: number
}

/** Runs the floor so many times, each in a process of its own. */
export const floors = (runs: number): Floor[] =>
  Array.from(
    { length: runs },
    () =>
      JSON.parse(
        execFileSync(process.execPath, [join(import.meta.dirname, 'floor.ts')], { encoding: 'utf8' }),
      ) as Floor,
  )
