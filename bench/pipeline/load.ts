/** The load: prepared requests, so that publishing costs the machine as little as it can. */
import { protos } from '@google-cloud/pubsub'
import * as grpc from '@grpc/grpc-js'
import { type GeneratedMessage, generateMessages } from '../../src/generator/index.ts'

/** What stands in a prepared message where its event time will be. */
const NO_TIME = new Date(0).toISOString()
const ID_DIGITS = 12
const PREFIX = 'bench-'

export const eventId = (number: number): string => PREFIX + String(number).padStart(ID_DIGITS, '0')
export const numberOf = (id: string): number => Number(id.slice(PREFIX.length))

/** Messages of all types in turn, whose event ids are those of the numbers from 0. */
export const prepared = (count: number): GeneratedMessage[] =>
  generateMessages({ seed: 1, count, eventTimes: () => 0 })
    .map((message, i) => ({ ...message, attributes: { ...message.attributes, event_id: eventId(i) } }))
    .toArray()

/** A request of Publish in its bytes, with the places where each event's id and time stand. */
interface Prepared {
  readonly bytes: Buffer
  readonly places: readonly { readonly id: number; readonly time: number }[]
}

export interface LoadOptions {
  /** `127.0.0.1:8085` */
  readonly host: string
  /** `projects/P/topics/T` */
  readonly topic: string
  /** Messages in one request, at most 1,000. */
  readonly batch: number
  /** The number of the first event. */
  readonly first: number
}

/** Publishes events that are numbered one after the other, and whose event time is that of their publication. */
export class Load implements Disposable {
  readonly #client: grpc.Client
  readonly first: number
  readonly #batch: number
  readonly #free: Prepared[]
  /** When the request of each batch was sent, in milliseconds since the epoch. */
  readonly #sent: number[] = []

  constructor({ host, topic, batch, first }: LoadOptions) {
    this.#client = new grpc.Client(host, grpc.credentials.createInsecure())
    this.first = first
    this.#batch = batch
    this.#free = Array.from({ length: 8 }, () => prepare(topic, batch))
  }

  /** Events sent so far. */
  get sent(): number {
    return this.#sent.length * this.#batch
  }

  /** Requests that may be sent now, before one of them is answered. */
  get room(): number {
    return this.#free.length
  }

  sentAt(number: number): number {
    return this.#sent[Math.floor((number - this.first) / this.#batch)]!
  }

  /** Sends one batch; there must be room. Resolves once the topic has it. */
  async send(): Promise<void> {
    const request = this.#free.pop()!
    const now = Date.now()
    const time = new Date(now).toISOString()
    for (const [i, place] of request.places.entries()) {
      request.bytes.write(eventId(this.first + this.sent + i), place.id, 'latin1')
      request.bytes.write(time, place.time, 'latin1')
    }
    this.#sent.push(now)
    const answer = Promise.withResolvers<void>()
    this.#client.makeUnaryRequest(
      '/google.pubsub.v1.Publisher/Publish',
      (bytes: Buffer) => bytes,
      () => undefined,
      request.bytes,
      (error) => (error ? answer.reject(error) : answer.resolve()),
    )
    await answer.promise
    this.#free.push(request)
  }

  [Symbol.dispose](): void {
    this.#client.close()
  }
}

function prepare(topic: string, batch: number): Prepared {
  const messages = prepared(batch).map(({ data, attributes }) => ({ data, attributes }))
  const bytes = Buffer.from(protos.google.pubsub.v1.PublishRequest.encode({ topic, messages }).finish())
  let at = 0
  const places = messages.map((_, i) => {
    const time = bytes.indexOf(NO_TIME, at)
    const id = bytes.indexOf(eventId(i), at)
    if (time < 0 || id < 0) throw new Error('A prepared message has no time or no id.')
    at = Math.max(time, id)
    return { id, time }
  })
  return { bytes, places }
}
