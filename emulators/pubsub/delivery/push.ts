import type { Clock } from '../../../clock/index.ts'
import type { Holder } from '../model/leases.ts'
import type { Delivery, Subscription } from '../model/subscription.ts'
import type { Capacity, Consumer } from './consumer.ts'
import { pushBody } from './push-body.ts'
import { PushWindow } from './push-window.ts'

/** cloud.google.com/pubsub/docs/push#receive_push */
const SUCCESS = new Set([102, 200, 201, 202, 204])

/** Posts a subscription's messages to its endpoint, each in a request of its own; the answer is the ack or nack. */
export class Push implements Consumer {
  readonly holder: Holder = { messages: 0, bytes: 0 }
  /** Requests have no order among themselves. */
  readonly maxPerKey = 1
  #subscription: Subscription
  #clock: Clock
  #wake: () => void
  #window: PushWindow
  #open = new Set<AbortController>()
  #stopped = false

  constructor(subscription: Subscription, clock: Clock, wake: () => void) {
    this.#subscription = subscription
    this.#clock = clock
    this.#wake = wake
    this.#window = new PushWindow(clock)
  }

  capacity(): Capacity {
    return { messages: this.#window.limit - this.#open.size, bytes: Number.POSITIVE_INFINITY }
  }

  /** When it takes messages again after failures; undefined when it does now. */
  resumesAt(): number | undefined {
    return this.#window.resumesAt()
  }

  deliver(deliveries: Delivery[]): void {
    for (const delivery of deliveries) {
      const request = new AbortController()
      this.#open.add(request)
      void this.#post(delivery, request).then((succeeded) => {
        this.#open.delete(request)
        if (!this.#stopped) this.#settle(delivery, succeeded)
        this.#wake()
      })
    }
  }

  close(): void {
    this.stop()
  }

  /** Breaks off open requests; their messages come back when their leases expire. */
  stop(): void {
    this.#stopped = true
    for (const request of this.#open) request.abort()
  }

  #settle({ ackId }: Delivery, succeeded: boolean): void {
    if (succeeded) {
      this.#window.succeeded()
      this.#subscription.acknowledge([ackId])
    } else {
      this.#window.failed({ pause: this.#subscription.settings.retry === undefined })
      this.#subscription.modifyAckDeadline([ackId], 0)
    }
  }

  /** Whether the endpoint took the message before its ack deadline. */
  async #post(delivery: Delivery, request: AbortController): Promise<boolean> {
    const { push, ackDeadlineMs } = this.#subscription.settings
    if (!push) return false
    const inTime = this.#clock.at(this.#clock.now() + ackDeadlineMs, () => request.abort())
    const init: RequestInit = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'User-Agent': 'CloudPubSub-Google' },
      body: pushBody(this.#subscription.name, delivery),
      redirect: 'manual',
      signal: request.signal,
    }
    // Refused, reset or too late: the service tells nobody, it delivers again.
    return answer(push.endpoint, init)
      .catch(() => false)
      .finally(inTime)
  }
}

async function answer(endpoint: string, init: RequestInit): Promise<boolean> {
  const response = await fetch(endpoint, init)
  await response.arrayBuffer() // read to its end, the connection serves the next message
  return SUCCESS.has(response.status)
}
