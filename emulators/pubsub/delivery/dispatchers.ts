import type { Clock } from '../../../clock/index.ts'
import type { Subscription } from '../model/subscription.ts'
import { Dispatcher } from './dispatcher.ts'

/** One dispatcher for each subscription that exists. */
export class Dispatchers implements Disposable {
  #clock: Clock
  #all = new Map<Subscription, Dispatcher>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `remove` deletes the subscription: it expires when nobody uses it. */
  open(subscription: Subscription, remove: () => void): void {
    const closed = () => this.#all.delete(subscription)
    this.#all.set(subscription, new Dispatcher(subscription, this.#clock, { remove, closed }))
  }

  of(subscription: Subscription): Dispatcher {
    return this.#all.get(subscription)!
  }

  [Symbol.dispose](): void {
    for (const dispatcher of this.#all.values()) dispatcher.close()
  }
}
