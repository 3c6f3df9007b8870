import type { ServerUnaryCall } from '@grpc/grpc-js'
import { invalidArgument, page, unary } from '../../shared/index.ts'
import { RESPONSE } from '../delivery/consumer.ts'
import { checkDeadline, settleUnary } from './acks.ts'
import type { Context } from './context.ts'
import { applyMask, type FieldMask } from './field-mask.ts'
import { waitForMessages } from './pull.ts'
import type { PushConfig } from './push-config.ts'
import { renderReceived } from './received.ts'
import { streamingPull } from './streaming-pull.ts'
import {
  MUTABLE_SUBSCRIPTION_FIELDS,
  parseSubscription,
  renderSubscription,
  type SubscriptionResource,
} from './subscription-resource.ts'

interface PullRequest {
  subscription: string
  maxMessages: number
  returnImmediately: boolean
}

interface ModifyAckDeadlineRequest {
  subscription: string
  ackIds: string[]
  ackDeadlineSeconds: number
}

interface UpdateRequest {
  subscription: SubscriptionResource
  updateMask: FieldMask | null
}

interface ListRequest {
  project: string
  pageSize: number
  pageToken: string
}

/** google.pubsub.v1.Subscriber */
export const subscriber = ({ broker, dispatchers, clock }: Context) => ({
  createSubscription: unary((resource: SubscriptionResource) => {
    const settings = parseSubscription(resource)
    return renderSubscription(broker.createSubscription(resource.name, resource.topic, settings))
  }),

  getSubscription: unary(({ subscription }: { subscription: string }) =>
    renderSubscription(broker.subscription(subscription)),
  ),

  listSubscriptions: unary(({ project, ...paging }: ListRequest) => {
    const { items, nextPageToken } = page(broker.subscriptions(project), ({ name }) => name, paging)
    return { subscriptions: items.map(renderSubscription), nextPageToken }
  }),

  updateSubscription: unary(({ subscription: update, updateMask }: UpdateRequest) => {
    const current: SubscriptionResource = renderSubscription(broker.subscription(update?.name ?? ''))
    const masked = applyMask(current, update, updateMask, {
      resource: 'Subscription',
      mutable: MUTABLE_SUBSCRIPTION_FIELDS,
    })
    return renderSubscription(broker.updateSubscription(current.name, parseSubscription(masked)))
  }),

  modifyPushConfig: unary((request: { subscription: string; pushConfig: PushConfig | null }) => {
    const current: SubscriptionResource = renderSubscription(broker.subscription(request.subscription))
    broker.updateSubscription(current.name, parseSubscription({ ...current, pushConfig: request.pushConfig }))
    return {}
  }),

  deleteSubscription: unary(({ subscription }: { subscription: string }) => {
    broker.deleteSubscription(subscription)
    return {}
  }),

  pull: unary(async ({ subscription: name, maxMessages, returnImmediately }: PullRequest, call) => {
    const dispatcher = dispatchers.of(broker.subscription(name))
    if (maxMessages <= 0) {
      throw invalidArgument('You have passed an invalid argument to the service (argument=max_messages).')
    }
    const ready = dispatcher.take({
      maxMessages: Math.min(maxMessages, RESPONSE.messages),
      maxBytes: RESPONSE.bytes,
      holder: { messages: 0, bytes: 0 },
    })
    const deliveries =
      ready.length > 0 || returnImmediately
        ? ready
        : await waitForMessages(dispatcher, { maxMessages, clock, patienceMs: patience(call), gone: whenGone(call) })
    return { receivedMessages: deliveries.map(renderReceived) }
  }),

  acknowledge: unary(({ subscription: name, ackIds }: { subscription: string; ackIds: string[] }) => {
    const subscription = broker.subscription(name)
    settleUnary(subscription, ackIds, () => subscription.acknowledge(ackIds))
    return {}
  }),

  modifyAckDeadline: unary(({ subscription: name, ackIds, ackDeadlineSeconds }: ModifyAckDeadlineRequest) => {
    const subscription = broker.subscription(name)
    const ackDeadlineMs = checkDeadline(ackDeadlineSeconds)
    settleUnary(subscription, ackIds, () => ({ invalid: subscription.modifyAckDeadline(ackIds, ackDeadlineMs) }))
    return {}
  }),

  streamingPull: streamingPull({ broker, dispatchers, clock }),
})

/** The client's deadline is real time, whatever clock the emulator has. */
function patience(call: ServerUnaryCall<unknown, unknown>): number {
  return Number(call.getDeadline()) - Date.now()
}

function whenGone(call: ServerUnaryCall<unknown, unknown>): AbortSignal {
  const gone = new AbortController()
  call.on('cancelled', () => gone.abort())
  return gone.signal
}
