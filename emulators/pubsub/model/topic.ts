import type { Message } from './message.ts'

export type Labels = Readonly<Record<string, string>>

/** Whoever gets what is published: a subscription, as its topic sees it. */
interface Subscriber {
  readonly name: string
  offer(messages: readonly Message[]): void
}

/** Passes each message to the subscriptions it has at that moment; it keeps none. */
export class Topic {
  readonly name: string
  labels: Labels
  readonly subscriptions = new Set<Subscriber>()
  deleted = false

  constructor(name: string, labels: Labels) {
    this.name = name
    this.labels = labels
  }

  publish(messages: readonly Message[]): void {
    for (const subscription of this.subscriptions) subscription.offer(messages)
  }
}
