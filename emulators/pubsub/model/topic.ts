import type { Message } from './message.ts'
import type { Subscription } from './subscription.ts'

export type Labels = Readonly<Record<string, string>>

/** Passes each message to the subscriptions it has at that moment; it keeps none. */
export class Topic {
  readonly name: string
  labels: Labels
  readonly subscriptions = new Set<Subscription>()
  deleted = false

  constructor(name: string, labels: Labels) {
    this.name = name
    this.labels = labels
  }

  publish(messages: readonly Message[]): void {
    for (const subscription of this.subscriptions) subscription.offer(messages)
  }
}
