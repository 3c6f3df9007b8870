import { invalidArgument } from '../../shared/index.ts'
import { isAckId } from '../model/leases.ts'

/** INVALID_ARGUMENT when there is no ack id, or one that the service never gave. */
export function checkAckIds(ackIds: readonly string[]): void {
  if (ackIds.length === 0) throw invalidArgument('You have not specified an ack ID in the request.')
  const malformed = ackIds.find((ackId) => !isAckId(ackId))
  if (malformed !== undefined) {
    throw invalidArgument(`You have passed an invalid ack ID to the service (ack_id=${malformed}).`)
  }
}

/** Seconds on the wire, 0 (give back) to 600, to milliseconds. */
export function checkDeadline(seconds: number): number {
  if (seconds >= 0 && seconds <= 600) return seconds * 1_000
  throw invalidArgument(`Invalid ack deadline given (ack_deadline_secs=${seconds}): it must be 0 to 600 seconds.`)
}
