import type { Clock } from '../../../clock/index.ts'
import type { ServiceError } from '../../shared/index.ts'
import { type Capacity, type Consumer, RESPONSE } from '../delivery/consumer.ts'
import type { Dispatcher } from '../delivery/dispatcher.ts'
import type { Delivery } from '../model/subscription.ts'
import type { Caller } from './method.ts'

/** The service answers a pull that finds nothing after about this long, with nothing. */
const LONGEST_WAIT_MS = 90_000

export interface Waiting {
  readonly maxMessages: number
  readonly clock: Clock
  readonly caller: Caller
}

/** Waits for the first messages, or nearly as long as the client does: then there are none. */
export function waitForMessages(dispatcher: Dispatcher, waiting: Waiting): Promise<Delivery[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Delivery[]>()
  const pull = new WaitingPull(waiting.maxMessages, resolve, reject)
  dispatcher.add(pull)
  const { clock, caller } = waiting
  const giveUp = () => resolve([])
  const cancel = clock.at(clock.now() + Math.min(caller.patienceMs * 0.9, LONGEST_WAIT_MS), giveUp)
  caller.gone.addEventListener('abort', giveUp) // nothing must be leased to a caller that went away
  return promise.finally(() => {
    cancel()
    dispatcher.remove(pull)
  })
}

/** A consumer of one response. */
class WaitingPull implements Consumer {
  readonly holder = { messages: 0, bytes: 0 }
  readonly close: (reason: ServiceError) => void
  #maxMessages: number
  #answer: (deliveries: Delivery[]) => void

  constructor(maxMessages: number, answer: (deliveries: Delivery[]) => void, close: (reason: ServiceError) => void) {
    this.#maxMessages = maxMessages
    this.#answer = answer
    this.close = close
  }

  capacity(): Capacity {
    return { messages: this.#maxMessages, bytes: RESPONSE.bytes }
  }

  deliver(deliveries: Delivery[]): void {
    this.#maxMessages = 0
    this.#answer(deliveries)
  }
}
