import type { Message } from './message.ts'
import type { Labels, Topic } from './topic.ts'

/** What one subscription had not acknowledged at an instant, and all that its topic got since. */
export class Snapshot {
  readonly name: string
  readonly topic: Topic
  /** Milliseconds since the epoch. */
  readonly expireTime: number
  labels: Labels
  #messages: Set<Message>

  constructor(options: {
    name: string
    topic: Topic
    expireTime: number
    labels: Labels
    messages: Iterable<Message>
  }) {
    this.name = options.name
    this.topic = options.topic
    this.expireTime = options.expireTime
    this.labels = options.labels
    this.#messages = new Set(options.messages)
  }

  get messages(): ReadonlySet<Message> {
    return this.#messages
  }

  offer(messages: readonly Message[]): void {
    for (const message of messages) this.#messages.add(message)
  }
}
