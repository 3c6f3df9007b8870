import type { ServiceError } from '../../shared/index.ts'
import type { Holder } from '../model/leases.ts'
import type { Delivery } from '../model/subscription.ts'

/** Whoever takes a subscription's messages: a stream, a waiting pull, the push endpoint. */
export interface Consumer {
  readonly holder: Holder
  /** Instead of the subscription's own. */
  readonly ackDeadlineMs?: number | undefined
  /** Of one ordering key at a time; as many as there are when absent. */
  readonly maxPerKey?: number
  /** What it can take now; nothing when either is 0 or less. */
  capacity(): Capacity
  /** Never empty, and never more than its capacity. */
  deliver(deliveries: Delivery[]): void
  /** The subscription is gone, or delivers in another way: this consumer was removed. */
  close(reason: ServiceError): void
}

export interface Capacity {
  messages: number
  bytes: number
}

/** What one response holds at most: a client without settings of its own takes no more than 4 MiB. */
export const RESPONSE: Capacity = { messages: 1_000, bytes: 2 * 2 ** 20 }
