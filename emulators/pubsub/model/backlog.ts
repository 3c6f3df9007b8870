import type { Entry } from './leases.ts'
import type { Message } from './message.ts'
import { Queue } from './queue.ts'
import { Schedule } from './schedule.ts'

export interface TakeRequest {
  readonly max: number
  /** The last message may go beyond. */
  readonly maxBytes: number
  /** Of one ordering key. */
  readonly maxPerKey: number
}

/** The unleased messages of one subscription, and which of them is next. */
export interface Backlog {
  /** How many messages could be taken now, for sharing them out; no promise. */
  readonly ready: number
  add(message: Message): void
  /** Removes and returns up to `max` messages, until they hold `maxBytes`. Skips those that `wanted` refuses. */
  take(request: TakeRequest, wanted: (message: Message) => boolean): Entry[]
  /** The entry was acknowledged. */
  settle(entry: Entry): void
  /**
   * A delivery failed: the entry may be taken again from `time` on. Returns other entries whose deliveries no longer
   * count and whose leases must end.
   */
  retry(entry: Entry, time: number): Entry[]
  /** The entry was forwarded elsewhere. Returns entries as `retry` does. */
  remove(entry: Entry): Entry[]
  /** Whether all that must be acknowledged before this entry has been. */
  inOrder(entry: Entry): boolean
  /** Lets those in that waited for a time that has now come. */
  wake(now: number): void
  /** When the next waiting entry may be taken. */
  nextWake(): number | undefined
  /** Those that are neither leased nor acknowledged, in no order. */
  waiting(): Iterable<Message>
  /** Drops the waiting messages that `wanted` refuses, and tells the publish time of the oldest left. */
  sweep(wanted: (message: Message) => boolean): number | undefined
}

/** Without ordering: new messages and redeliveries take turns, so neither can starve the other. */
export class UnorderedBacklog implements Backlog {
  #fresh = new Queue<Message>()
  #again = new Queue<Entry>()
  #waiting = new Schedule<Entry>()
  #turn = false

  get ready(): number {
    return this.#fresh.length + this.#again.length
  }

  add(message: Message): void {
    this.#fresh.push(message)
  }

  take({ max, maxBytes }: TakeRequest, wanted: (message: Message) => boolean): Entry[] {
    const taken: Entry[] = []
    for (let bytes = 0; taken.length < max && bytes < maxBytes && this.ready > 0; ) {
      const entry = this.#next()
      if (!wanted(entry.message)) continue
      taken.push(entry)
      bytes += entry.message.size
    }
    return taken
  }

  settle(): void {}

  retry(entry: Entry, time: number): Entry[] {
    this.#waiting.add(entry, time)
    return []
  }

  remove(): Entry[] {
    return []
  }

  inOrder(): boolean {
    return true
  }

  wake(now: number): void {
    for (const entry of this.#waiting.takeDue(now)) this.#again.push(entry)
  }

  nextWake(): number | undefined {
    return this.#waiting.next()
  }

  *waiting(): Generator<Message> {
    yield* this.#fresh
    for (const { message } of this.#again) yield message
    for (const { message } of this.#waiting) yield message
  }

  sweep(wanted: (message: Message) => boolean): number | undefined {
    this.#fresh.keep(wanted)
    this.#again.keep(({ message }) => wanted(message))
    this.#waiting.keep(({ message }) => wanted(message))
    const oldest = [this.#fresh.first(), this.#again.first()?.message].filter((message) => message !== undefined)
    return oldest.length > 0 ? Math.min(...oldest.map(({ publishTime }) => publishTime)) : undefined
  }

  #next(): Entry {
    this.#turn = !this.#turn
    const again = (this.#turn || this.#fresh.length === 0) && this.#again.shift()
    return again || { message: this.#fresh.shift()!, failures: 0, lease: undefined }
  }
}
