import { EventEmitter, once } from 'node:events'
import type { v1 } from '@google-cloud/pubsub'

interface Response {
  readonly receivedMessages: readonly { ackId: string; message: { data: Buffer; messageId: string } }[]
  readonly subscriptionProperties: { exactlyOnceDeliveryEnabled: boolean; messageOrderingEnabled: boolean } | null
  readonly acknowledgeConfirmation: { ackIds: string[]; invalidAckIds: string[] } | null
  readonly modifyAckDeadlineConfirmation: { ackIds: string[]; invalidAckIds: string[] } | null
}

const PATIENCE_MS = 5_000

/** One StreamingPull of the low-level client. */
export class Stream implements Disposable {
  readonly responses: Response[] = []
  readonly failed: Promise<{ code: number }>
  #call
  #arrived = new EventEmitter()

  constructor(subscriber: v1.SubscriberClient, subscription: string, first: object = {}) {
    this.#call = subscriber.streamingPull()
    this.failed = new Promise((resolve) => this.#call.on('error', resolve))
    this.#call.on('data', (response: Response) => {
      this.responses.push(response)
      this.#arrived.emit('response')
    })
    this.write({ subscription, streamAckDeadlineSeconds: 10, ...first })
  }

  write(request: object): void {
    this.#call.write(request)
  }

  get received() {
    return this.responses.flatMap(({ receivedMessages }) => receivedMessages)
  }

  get texts(): string[] {
    return this.received.map(({ message }) => String(message.data))
  }

  /** Waits for so many messages. */
  async until(count: number): Promise<void> {
    await this.find(() => (this.received.length >= count ? true : undefined))
  }

  /** Waits for what is looked for. */
  async find<T>(look: (responses: readonly Response[]) => T | undefined): Promise<T> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const found = look(this.responses)
      if (found !== undefined) return found
      await once(this.#arrived, 'response', { signal })
    }
  }

  [Symbol.dispose](): void {
    this.#call.cancel()
  }
}
