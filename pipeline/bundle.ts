import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../clock/index.ts'
import type { Outcome } from './outcome.ts'
import type { Lanes } from './runners/lanes.ts'
import type { RawFiles } from './sinks/raw-files.ts'
import type { Rows } from './sinks/rows.ts'
import type { Message } from './transforms/message.ts'

/** What the stages of one bundle work with. Stages are made from JSON, so they cannot be given it. */
export interface Services {
  readonly rawFiles: Pick<RawFiles, 'write'>
  readonly rows: Pick<Rows, 'commit'>
  readonly clock: Clock
  /** The time that a row says it was written at, in milliseconds since the epoch. */
  readonly stamp: () => number
  readonly outcome: Outcome
  /** The bundle itself, where the runner has no source of its own. */
  readonly messages: readonly Message[]
  /** Where the runner can settle a part of a bundle later than the rest: what keeps a slow part from holding it up. */
  readonly lanes?: Lanes
  /** Takes every element through its coder, as a runner with several workers does. */
  readonly roundTrip?: boolean
}

const running = new AsyncLocalStorage<Services>()

export const inBundle = <Result>(bundle: Services, run: () => Promise<Result>): Promise<Result> =>
  running.run(bundle, run)

/** Those of the bundle that the caller is a part of. */
export function services(): Services {
  const found = running.getStore()
  if (!found) throw new Error('No bundle is running here.')
  return found
}
