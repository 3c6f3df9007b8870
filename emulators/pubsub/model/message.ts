import { invalidArgument } from '../../shared/index.ts'

/** What a publisher gives. */
export interface Draft {
  readonly data: Uint8Array
  readonly attributes: Readonly<Record<string, string>>
  /** '' when the message has none. */
  readonly orderingKey: string
}

/** What the service has taken: one object, shared by all subscriptions of its topic. */
export interface Message extends Draft {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly publishTime: number
  /** Bytes of data, attributes and ordering key, as flow control counts them. */
  readonly size: number
}

/** cloud.google.com/pubsub/quotas#resource_limits */
const LIMITS = {
  requestBytes: 10_000_000,
  messages: 1_000,
  attributes: 100,
  keyBytes: 256,
  valueBytes: 1_024,
  orderingKeyBytes: 1_024,
}

/** The size of each message; INVALID_ARGUMENT when one of them, or all together, break a limit of Publish. */
export function checkBatch(drafts: readonly Draft[]): number[] {
  if (drafts.length === 0) throw invalidArgument('The publish request has no messages.')
  limit('message_count', drafts.length, LIMITS.messages)
  const sizes = drafts.map(checkDraft)
  limit(
    'request_size',
    sizes.reduce((sum, size) => sum + size, 0),
    LIMITS.requestBytes,
  )
  return sizes
}

export function sizeOf({ data, attributes, orderingKey }: Draft): number {
  let size = data.length + Buffer.byteLength(orderingKey)
  for (const key in attributes) size += Buffer.byteLength(key) + Buffer.byteLength(attributes[key]!)
  return size
}

function checkDraft({ data, attributes, orderingKey }: Draft): number {
  let size = data.length
  let count = 0
  for (const key in attributes) {
    const value = attributes[key]!
    count++
    if (key === '') throw invalidArgument('The key of an attribute must not be empty.')
    // The clients' own tracing attributes are the exception to the reserved prefix.
    if (key.startsWith('goog') && !key.startsWith('googclient_')) {
      throw invalidArgument(`The key of an attribute must not start with "goog" (key=${key}).`)
    }
    size += checkBytes('attribute_key_size', key, LIMITS.keyBytes)
    size += checkBytes('attribute_value_size', value, LIMITS.valueBytes)
  }
  limit('attribute_count', count, LIMITS.attributes)
  if (size === 0) {
    throw invalidArgument(
      'One or more messages in the publish request is empty. Each message must contain either non-empty data, or at least one attribute.',
    )
  }
  return orderingKey === '' ? size : size + checkBytes('ordering_key_size', orderingKey, LIMITS.orderingKeyBytes)
}

function checkBytes(what: string, text: string, most: number): number {
  const bytes = Buffer.byteLength(text)
  limit(what, bytes, most)
  return bytes
}

function limit(what: string, given: number, most: number): void {
  if (given <= most) return
  throw invalidArgument(
    `The value for ${what} is too large. You passed ${given} in the request, but the maximum value is ${most}.`,
  )
}
