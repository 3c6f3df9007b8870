import type { Clock } from '../../../clock/index.ts'
import { notFound, ServiceError } from '../../shared/index.ts'
import { detached } from '../model/resources.ts'
import type { Delivery, Subscription, TakeLimits } from '../model/subscription.ts'
import { type Consumer, RESPONSE } from './consumer.ts'
import { Push } from './push.ts'

export interface Lifecycle {
  /** Deletes the subscription: nobody has used it for too long. */
  remove(): void
  /** The subscription is gone, and so is its dispatcher. */
  closed(): void
}

/**
 * Moves one subscription's messages to its consumers, and wakes it at its deadlines. All that happens within one turn
 * of the event loop is answered together: a publish of a thousand messages is one response, not a thousand.
 */
export class Dispatcher {
  #subscription: Subscription
  #clock: Clock
  #lifecycle: Lifecycle
  #consumers = new Set<Consumer>()
  #push: Push | undefined
  #run: NodeJS.Immediate | undefined
  #closed = false
  #timer: { time: number; cancel: () => void } | undefined

  constructor(subscription: Subscription, clock: Clock, lifecycle: Lifecycle) {
    this.#subscription = subscription
    this.#clock = clock
    this.#lifecycle = lifecycle
    subscription.changed = () => this.wake()
    this.wake()
  }

  /** FAILED_PRECONDITION when the service pushes the messages, or there can be none. */
  add(consumer: Consumer): void {
    this.#refuseUnpullable()
    this.#consumers.add(consumer)
    this.wake()
  }

  remove(consumer: Consumer): void {
    this.#consumers.delete(consumer)
  }

  /** What is ready now, for a consumer that does not wait; FAILED_PRECONDITION as in `add`. */
  take(limits: TakeLimits): Delivery[] {
    this.#refuseUnpullable()
    this.wake() // the deadline of these leases may be the next
    return this.#subscription.take(limits)
  }

  #refuseUnpullable(): void {
    if (this.#subscription.detached) throw detached()
    if (this.#subscription.settings.push) throw notPullable()
  }

  /** Something may be ready, or a consumer has room again. */
  wake(): void {
    if (this.#closed) return
    this.#run ??= setImmediate(() => {
      this.#run = undefined
      this.#step()
    })
  }

  close(): void {
    this.#closed = true
    clearImmediate(this.#run)
    this.#timer?.cancel()
    this.#timer = undefined
    this.#push?.stop()
  }

  #step(): void {
    const subscription = this.#subscription
    if (this.#consumers.size > 0) subscription.touch()
    if (subscription.expired) this.#lifecycle.remove()
    if (subscription.closed) {
      this.#end()
      return
    }
    this.#setPush()
    if (subscription.detached) this.#closeConsumers(detached())
    subscription.tick()
    this.#share()
    this.#setTimer()
  }

  /** One response for each consumer that has room, the ready messages shared evenly among them. */
  #share(): void {
    const open = [...this.#consumers].filter((consumer) => room(consumer))
    for (const [index, consumer] of open.entries()) {
      const { ready } = this.#subscription
      if (ready === 0) return
      const { messages, bytes } = consumer.capacity()
      const deliveries = this.#subscription.take({
        maxMessages: Math.min(messages, RESPONSE.messages, Math.ceil(ready / (open.length - index))),
        maxBytes: Math.min(bytes, RESPONSE.bytes),
        maxPerKey: consumer.maxPerKey,
        holder: consumer.holder,
        ackDeadlineMs: consumer.ackDeadlineMs,
      })
      if (deliveries.length === 0) return
      // The next odd message goes to somebody else.
      if (this.#consumers.delete(consumer)) this.#consumers.add(consumer)
      consumer.deliver(deliveries)
    }
    if (this.#subscription.ready > 0 && open.some(room)) this.wake()
  }

  #setPush(): void {
    if (this.#subscription.settings.push && !this.#push) {
      this.#closeConsumers(notPullable())
      this.#push = new Push(this.#subscription, this.#clock, () => this.wake())
      this.#consumers.add(this.#push)
    } else if (!this.#subscription.settings.push && this.#push) {
      this.#push.stop()
      this.#consumers.delete(this.#push)
      this.#push = undefined
    }
  }

  #setTimer(): void {
    const times = [this.#subscription.nextDeadline(), this.#push?.resumesAt()].filter((time) => time !== undefined)
    const time = times.length > 0 ? Math.min(...times) : undefined
    if (time === this.#timer?.time) return
    this.#timer?.cancel()
    this.#timer = undefined
    if (time === undefined) return
    const cancel = this.#clock.at(time, () => {
      this.#timer = undefined
      this.wake()
    })
    this.#timer = { time, cancel }
  }

  #end(): void {
    const id = this.#subscription.name.split('/').at(-1)
    this.#closeConsumers(notFound(`Resource not found (resource=${id}).`))
    this.close()
    this.#lifecycle.closed()
  }

  #closeConsumers(reason: ServiceError): void {
    for (const consumer of this.#consumers) consumer.close(reason)
    this.#consumers.clear()
  }
}

function room(consumer: Consumer): boolean {
  const { messages, bytes } = consumer.capacity()
  return messages > 0 && bytes > 0
}

const notPullable = () =>
  new ServiceError('FAILED_PRECONDITION', 'This method is not supported for this subscription type.')
