import type { Message } from './message.ts'
import { Queue } from './queue.ts'
import type { Snapshot } from './snapshot.ts'

export type Labels = Readonly<Record<string, string>>

/** Whoever gets what is published: a subscription, as its topic sees it. */
interface Subscriber {
  readonly name: string
  offer(messages: readonly Message[]): void
}

/** Passes each message to the subscriptions and snapshots it has at that moment, and keeps it as long as it was told. */
export class Topic {
  readonly name: string
  labels: Labels
  readonly subscriptions = new Set<Subscriber>()
  readonly snapshots = new Set<Snapshot>()
  #deleted = false
  #retentionMs = 0
  #log = new Queue<Message>()

  constructor(name: string, labels: Labels, retentionMs: number) {
    this.name = name
    this.labels = labels
    this.#retentionMs = retentionMs
  }

  get deleted(): boolean {
    return this.#deleted
  }

  /** How long messages stay available to every subscription, acknowledged or not; 0 when that is up to them. */
  get retentionMs(): number {
    return this.#retentionMs
  }

  /** Takes effect on what is published from now on; a shorter time also on what is kept. */
  retain(retentionMs: number): void {
    this.#retentionMs = retentionMs
    if (retentionMs === 0) this.#log = new Queue()
  }

  delete(): void {
    this.#deleted = true
    this.retain(0)
  }

  publish(messages: readonly Message[], now: number): void {
    for (const subscription of this.subscriptions) subscription.offer(messages)
    for (const snapshot of this.snapshots) {
      if (snapshot.expireTime > now) snapshot.offer(messages)
      else this.snapshots.delete(snapshot)
    }
    if (this.#retentionMs === 0) return
    for (const message of messages) this.#log.push(message)
    this.#forgetOld(now)
  }

  /** What the topic itself keeps, oldest first. */
  retained(now: number): Iterable<Message> {
    this.#forgetOld(now)
    return this.#log
  }

  #forgetOld(now: number): void {
    const oldest = now - this.#retentionMs
    while ((this.#log.first()?.publishTime ?? Number.POSITIVE_INFINITY) <= oldest) this.#log.shift()
  }
}
