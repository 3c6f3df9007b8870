import type { Message } from '../transforms/message.ts'

/** One delivery of a message. It is kept from being delivered again until it is acknowledged or given back. */
export interface Delivery {
  readonly message: Message
  ack(): void
  nack(): void
}

export interface Source {
  /** Rejects if the source fails for good. */
  readonly failed: Promise<never>
  /** Takes no more messages, waits until those delivered are acknowledged or given back, and closes. */
  close(): Promise<void>
}

/** Starts a source that hands its deliveries to `deliver`. */
export type OpenSource = (deliver: (delivery: Delivery) => void) => Source
