import { EventEmitter, once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { Started } from './testing.ts'

export interface Response {
  receivedMessages: { ackId: string; message: { data: Buffer; messageId: string } }[]
  subscriptionProperties: object | null
  acknowledgeConfirmation: object | null
  modifyAckDeadlineConfirmation: object | null
}

/** One stream of the low-level client. */
export class Stream {
  readonly responses: Response[] = []
  readonly failed: Promise<{ code: number; details: string }>
  readonly ended: Promise<void>
  #call
  #arrived = new EventEmitter()

  constructor({ subscriber }: Started, subscription: string, first: object = {}) {
    this.#call = subscriber.streamingPull()
    this.failed = new Promise((resolve) => this.#call.on('error', resolve))
    this.ended = new Promise((resolve) => this.#call.on('end', resolve))
    this.#call.on('data', (response: Response) => {
      this.responses.push(response)
      this.#arrived.emit('response')
    })
    this.write({ subscription, streamAckDeadlineSeconds: 10, ...first })
    onTestFinished(() => this.cancel())
  }

  write(request: object): void {
    this.#call.write(request)
  }

  end(): void {
    this.#call.end()
  }

  cancel(): void {
    this.#call.cancel()
  }

  get received() {
    return this.responses.flatMap(({ receivedMessages }) => receivedMessages)
  }

  get texts(): string[] {
    return this.received.map(({ message }) => String(message.data))
  }

  async response(index: number): Promise<Response> {
    while (this.responses.length <= index) await once(this.#arrived, 'response')
    return this.responses[index]!
  }

  async until(count: number): Promise<void> {
    while (this.received.length < count) await once(this.#arrived, 'response')
  }
}
