import { invalidArgument } from '../../shared/index.ts'
import { isAckId } from '../model/leases.ts'
import type { AckOutcome, Subscription } from '../model/subscription.ts'
import { ackIdFailure } from './ack-id-failure.ts'

/** `act` does what the request asks; what did not work out matters only to exactly-once delivery. */
export function settleUnary(
  subscription: Subscription,
  ackIds: readonly string[],
  act: () => Partial<AckOutcome>,
): void {
  if (ackIds.length === 0) throw invalidArgument('You have not specified an ack ID in the request.')
  const { exactlyOnce } = subscription.settings
  const malformed = ackIds.find((ackId) => !isAckId(ackId))
  if (malformed !== undefined && !exactlyOnce) {
    throw invalidArgument(`You have passed an invalid ack ID to the service (ack_id=${malformed}).`)
  }
  const { invalid = [], unordered = [] } = act()
  if (exactlyOnce && invalid.length + unordered.length > 0) throw ackIdFailure({ invalid, unordered })
}

/** Seconds on the wire, 0 (give back) to 600, to milliseconds. */
export function checkDeadline(seconds: number): number {
  if (seconds >= 0 && seconds <= 600) return seconds * 1_000
  throw invalidArgument(`Invalid ack deadline given (ack_deadline_secs=${seconds}): it must be 0 to 600 seconds.`)
}
