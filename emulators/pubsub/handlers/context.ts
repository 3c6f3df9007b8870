import type { Clock } from '../../../clock/index.ts'
import type { Dispatchers } from '../delivery/dispatchers.ts'
import type { Broker } from '../model/broker.ts'

/** What the handlers of one emulator work on. */
export interface Context {
  readonly broker: Broker
  readonly dispatchers: Dispatchers
  readonly clock: Clock
}
