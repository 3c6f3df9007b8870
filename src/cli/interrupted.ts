import { once } from 'node:events'
import { UserError } from './user-error.ts'

/**
 * Resolves at the first SIGINT or SIGTERM, or when the process that started this one and talks with it is gone. A second
 * signal ends the process at once, as it would without us.
 */
export function interrupted(): Promise<unknown> {
  if (process.send && !process.connected) return Promise.resolve()
  const signals = [once(process, 'SIGINT'), once(process, 'SIGTERM')]
  return Promise.race(process.connected ? [...signals, once(process, 'disconnect')] : signals)
}

/** The work, unless the user ends it first. `ended` is for those who have something to clean up: from then on it is heard. */
export const unlessInterrupted = <Result>(work: Promise<Result>, ended = interrupted()): Promise<Result> =>
  Promise.race([
    work,
    ended.then((): never => {
      throw new UserError('interrupted.')
    }),
  ])
