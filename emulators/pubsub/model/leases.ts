import type { Clock } from '../../../clock/index.ts'
import type { Message } from './message.ts'
import { Schedule } from './schedule.ts'

/** A message on one subscription, from its publication until it is acknowledged, forwarded or expired. */
export interface Entry {
  readonly message: Message
  /** Negative acknowledgements and expired leases so far. */
  failures: number
  lease: Lease | undefined
}

/** What one consumer has been sent and has not settled: flow control counts it. */
export interface Holder {
  messages: number
  bytes: number
}

export interface Lease {
  /** Names this one delivery; a later delivery of the same message has another. */
  readonly ackId: string
  /** Counts the deliveries of the subscription. */
  readonly delivery: number
  readonly entry: Entry
  readonly holder: Holder
  /** Milliseconds since the epoch. */
  deadline: number
}

/** Who holds which message, and until when. The caller asks what expired. */
export class Leases {
  #clock: Clock
  /** Sets the ack ids of one subscription apart from those of every other. */
  #prefix: string
  #leases = new Map<string, Lease>()
  #deadlines = new Schedule<Lease>()
  #deliveries = 0

  constructor(clock: Clock, prefix: string) {
    this.#clock = clock
    this.#prefix = prefix
  }

  grant(entry: Entry, ackDeadlineMs: number, holder: Holder): Lease {
    const delivery = ++this.#deliveries
    const ackId = `${this.#prefix}-${delivery}`
    const lease: Lease = { ackId, delivery, entry, holder, deadline: this.#clock.now() + ackDeadlineMs }
    this.#leases.set(ackId, lease)
    this.#deadlines.add(lease, lease.deadline)
    entry.lease = lease
    holder.messages++
    holder.bytes += entry.message.size
    return lease
  }

  /** Undefined when that delivery's lease has ended. */
  find(ackId: string): Lease | undefined {
    return this.#leases.get(ackId)
  }

  /** Moves the deadline to `ackDeadlineMs` from now, which may also be earlier than it was. */
  extend(lease: Lease, ackDeadlineMs: number): void {
    this.#deadlines.delete(lease, lease.deadline)
    lease.deadline = this.#clock.now() + ackDeadlineMs
    this.#deadlines.add(lease, lease.deadline)
  }

  release(lease: Lease): void {
    this.#deadlines.delete(lease, lease.deadline)
    this.#forget(lease)
  }

  /** Ends the leases whose deadline has come, earliest first, one by one: the caller may release others on the way. */
  *takeExpired(): Generator<Lease> {
    for (const lease of this.#deadlines.takeDue(this.#clock.now())) {
      this.#forget(lease)
      yield lease
    }
  }

  *messages(): Generator<Message> {
    for (const { entry } of this.#leases.values()) yield entry.message
  }

  /** Ends all of them. */
  clear(): void {
    for (const lease of [...this.#leases.values()]) this.release(lease)
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next()
  }

  #forget(lease: Lease): void {
    this.#leases.delete(lease.ackId)
    lease.entry.lease = undefined
    lease.holder.messages--
    lease.holder.bytes -= lease.entry.message.size
  }
}

/** An ack id that this service could have given; anything else is malformed. */
export const isAckId = (text: string) => /^\d+-\d+$/.test(text)
