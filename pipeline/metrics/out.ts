import type { OpenSource } from '../sources/delivery.ts'
import type { Message } from '../transforms/message.ts'

/** The messages that are out in this process: delivered, and neither acknowledged nor given back yet. */
export class Out {
  readonly #messages = new Map<object, Message>()
  bytes = 0
  /** Since the start, repeated deliveries included. */
  received = 0
  acknowledged = 0
  givenBack = 0

  /** The same source, watched. */
  watch(open: OpenSource): OpenSource {
    return (deliver) =>
      open((delivery) => {
        const { message } = delivery
        this.received += 1
        this.#messages.set(delivery, message)
        this.bytes += message.data.length
        const gone = () => {
          if (!this.#messages.delete(delivery)) return false
          this.bytes -= message.data.length
          return true
        }
        deliver({
          message,
          ack: () => {
            if (gone()) this.acknowledged += 1
            delivery.ack()
          },
          nack: () => {
            if (gone()) this.givenBack += 1
            delivery.nack()
          },
        })
      })
  }

  get messages(): number {
    return this.#messages.size
  }

  /** When the oldest of them was published, in milliseconds since the epoch; undefined when none is out. */
  get oldest(): number | undefined {
    let oldest: number | undefined
    for (const { publishTime } of this.#messages.values()) {
      const time = Date.parse(publishTime)
      if (oldest === undefined || time < oldest) oldest = time
    }
    return oldest
  }
}
