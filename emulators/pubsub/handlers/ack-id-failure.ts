import { bytesField, invalidArgument, type ServiceError } from '../../shared/index.ts'
import type { AckOutcome } from '../model/subscription.ts'

/** gRPC clients take 8 KiB of metadata unless told otherwise, and this travels in it as base64. */
const MOST_BYTES = 5_000

/**
 * The failure of Acknowledge and ModifyAckDeadline with exactly-once delivery: a google.rpc.ErrorInfo tells which ack ids
 * are no longer valid (cloud.google.com/pubsub/docs/exactly-once-delivery), as many as there is room for.
 */
export const ackIdFailure = (outcome: AckOutcome): ServiceError =>
  invalidArgument(
    'Some acknowledgement ids in the request were invalid. This could be because the acknowledgement ids have expired or the acknowledgement ids were malformed.',
    { details: [{ type: 'google.rpc.ErrorInfo', value: errorInfo(outcome) }] },
  )

/** google.rpc.ErrorInfo: reason = 1, domain = 2, map<string, string> metadata = 3. */
function errorInfo({ invalid, unordered }: AckOutcome): Buffer {
  const fields = [text(1, 'EXACTLY_ONCE_ACKID_FAILURE'), text(2, 'pubsub.googleapis.com')]
  let bytes = 0
  const failures = [
    ...invalid.map((ackId) => [ackId, 'PERMANENT_FAILURE_INVALID_ACK_ID'] as const),
    ...unordered.map((ackId) => [ackId, 'TRANSIENT_FAILURE_UNORDERED_ACK_ID'] as const),
  ]
  for (const [ackId, failure] of failures) {
    const entry = bytesField(3, Buffer.concat([text(1, ackId), text(2, failure)]))
    bytes += entry.length
    if (bytes > MOST_BYTES) break
    fields.push(entry)
  }
  return Buffer.concat(fields)
}

const text = (field: number, value: string) => bytesField(field, Buffer.from(value))
