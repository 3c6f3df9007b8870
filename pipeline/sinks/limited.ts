import type { Clock } from '../../clock/index.ts'
import { ONCE } from './append.ts'

/**
 * The answer of a REST call, if it comes in time: Google's clients wait for one without end. What has no answer by then
 * may still be done, which the ledger stands (docs/decisions/0003-the-raw-file-is-the-ledger.md).
 */
export function limited<Answer>(clock: Clock, what: string, call: Promise<Answer>): Promise<Answer> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const seconds = ONCE.timeout / 1_000
  const cancel = clock.at(clock.now() + ONCE.timeout, () => reject(new Error(`${what}: no answer in ${seconds} s.`)))
  return Promise.race([call, late]).finally(cancel)
}
