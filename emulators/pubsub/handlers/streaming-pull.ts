import type { ServerDuplexStream } from '@grpc/grpc-js'
import { invalidArgument, type ServiceError, stream } from '../../shared/index.ts'
import type { Capacity, Consumer } from '../delivery/consumer.ts'
import type { Delivery, Subscription } from '../model/subscription.ts'
import { checkDeadline } from './acks.ts'
import type { Context } from './context.ts'
import { renderReceived } from './received.ts'
import { ackDeadline } from './subscription-resource.ts'

/** google.pubsub.v1.StreamingPullRequest */
interface Request {
  subscription: string
  ackIds: string[]
  modifyDeadlineSeconds: number[]
  modifyDeadlineAckIds: string[]
  streamAckDeadlineSeconds: number
  clientId: string
  maxOutstandingMessages: string
  maxOutstandingBytes: string
  protocolVersion: string
}

type Call = ServerDuplexStream<Request, object>

/** Responses written but not yet on their way: a client that reads slowly must not fill our memory. */
const UNSENT_RESPONSES = 4

/** The stream lasts until the client ends it, the subscription goes, or a request is at fault. */
export const streamingPull = ({ broker, dispatchers }: Context) =>
  stream((call: Call) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    let consumer: Stream | undefined
    const open = (request: Request) => {
      const subscription = broker.subscription(request.subscription)
      const dispatcher = dispatchers.of(subscription)
      const opened = new Stream(call, subscription, { first: request, close: reject, wake: () => dispatcher.wake() })
      dispatcher.add(opened)
      void promise.catch(() => {}).finally(() => dispatcher.remove(opened))
      return opened
    }
    call.on('data', (request: Request) => {
      Promise.try(() => {
        if (consumer) checkLater(request)
        if (consumer && isPing(request)) consumer.pong()
        consumer ??= open(request)
        consumer.receive(request)
      }).catch(reject)
    })
    call.on('end', resolve)
    call.on('cancelled', () => resolve())
    return promise
  })

class Stream implements Consumer {
  readonly holder = { messages: 0, bytes: 0 }
  readonly close: (reason: ServiceError) => void
  ackDeadlineMs: number
  #call: Call
  #subscription: Subscription
  #wake: () => void
  #most: Capacity
  #pongs: boolean
  #unsent = 0

  constructor(
    call: Call,
    subscription: Subscription,
    { first, close, wake }: { first: Request; close: (reason: ServiceError) => void; wake: () => void },
  ) {
    this.#call = call
    this.#subscription = subscription
    this.#wake = wake
    this.close = close
    this.ackDeadlineMs = ackDeadline(first.streamAckDeadlineSeconds)
    this.#pongs = Number(first.protocolVersion) >= 1
    this.#most = { messages: orUnlimited(first.maxOutstandingMessages), bytes: orUnlimited(first.maxOutstandingBytes) }
  }

  capacity(): Capacity {
    if (this.#unsent >= UNSENT_RESPONSES) return { messages: 0, bytes: 0 }
    return { messages: this.#most.messages - this.holder.messages, bytes: this.#most.bytes - this.holder.bytes }
  }

  deliver(deliveries: Delivery[]): void {
    this.#send({ receivedMessages: deliveries.map(renderReceived) })
  }

  /** From protocol version 1 on, a client takes a stream for broken that does not answer its empty requests. */
  pong(): void {
    if (this.#pongs) this.#send({})
  }

  receive(request: Request): void {
    const { ackIds, modifyDeadlineAckIds, modifyDeadlineSeconds, streamAckDeadlineSeconds } = request
    if (modifyDeadlineAckIds.length !== modifyDeadlineSeconds.length) {
      throw invalidArgument('The request must have as many modify_deadline_seconds as modify_deadline_ack_ids.')
    }
    if (streamAckDeadlineSeconds !== 0) this.ackDeadlineMs = ackDeadline(streamAckDeadlineSeconds)
    if (ackIds.length > 0) this.#acknowledge(ackIds)
    if (modifyDeadlineAckIds.length > 0) this.#modify(request)
  }

  #acknowledge(ackIds: string[]): void {
    const { invalid, unordered } = this.#subscription.acknowledge(ackIds)
    const failed = new Set([...invalid, ...unordered])
    this.#confirm({
      acknowledgeConfirmation: {
        ackIds: ackIds.filter((ackId) => !failed.has(ackId)),
        invalidAckIds: invalid,
        unorderedAckIds: unordered,
      },
    })
  }

  #modify(request: Request): void {
    const modifications = [...bySeconds(request)].map(([seconds, ids]) => ({ ids, ms: checkDeadline(seconds) }))
    const invalidAckIds = modifications.flatMap(({ ids, ms }) => this.#subscription.modifyAckDeadline(ids, ms))
    const failed = new Set(invalidAckIds)
    const ackIds = request.modifyDeadlineAckIds.filter((ackId) => !failed.has(ackId))
    this.#confirm({ modifyAckDeadlineConfirmation: { ackIds, invalidAckIds } })
  }

  /** With exactly-once delivery, a stream is told what became of its acks and modifications. */
  #confirm(confirmation: object): void {
    if (this.#subscription.settings.exactlyOnce) this.#send(confirmation)
  }

  #send(response: object): void {
    this.#unsent++
    this.#call.write({ ...response, subscriptionProperties: this.#properties() }, () => {
      this.#unsent--
      this.#wake()
    })
  }

  #properties() {
    const { exactlyOnce, ordering } = this.#subscription.settings
    return { exactlyOnceDeliveryEnabled: exactlyOnce, messageOrderingEnabled: ordering }
  }
}

const isPing = ({ ackIds, modifyDeadlineAckIds, streamAckDeadlineSeconds }: Request) =>
  ackIds.length === 0 && modifyDeadlineAckIds.length === 0 && streamAckDeadlineSeconds === 0

/** "This property can only be set on the initial StreamingPullRequest" */
function checkLater(request: Request): void {
  const { subscription, clientId, maxOutstandingMessages, maxOutstandingBytes, protocolVersion } = request
  const numbers = [maxOutstandingMessages, maxOutstandingBytes, protocolVersion].some((number) => number !== '0')
  if (subscription !== '' || clientId !== '' || numbers) {
    throw invalidArgument(
      'subscription, client_id, max_outstanding_messages, max_outstanding_bytes and protocol_version can only be set on the initial StreamingPullRequest.',
    )
  }
}

/** The modifications of one request, those with the same deadline together. */
function bySeconds({ modifyDeadlineAckIds, modifyDeadlineSeconds }: Request): Map<number, string[]> {
  return Map.groupBy(modifyDeadlineAckIds, (_, index) => modifyDeadlineSeconds[index]!)
}

/** "If the value is <= 0, there is no limit" */
function orUnlimited(limit: string): number {
  return Number(limit) > 0 ? Number(limit) : Number.POSITIVE_INFINITY
}
