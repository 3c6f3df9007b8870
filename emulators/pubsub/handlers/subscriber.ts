import { invalidArgument, page } from '../../shared/index.ts'
import { RESPONSE } from '../delivery/consumer.ts'
import { checkDeadline, settleUnary } from './acks.ts'
import type { Context } from './context.ts'
import { applyMask, type FieldMask } from './field-mask.ts'
import type { Caller } from './method.ts'
import { waitForMessages } from './pull.ts'
import type { PushConfig } from './push-config.ts'
import { renderReceived } from './received.ts'
import { snapshots } from './snapshots.ts'
import {
  MUTABLE_SUBSCRIPTION_FIELDS,
  parseSubscription,
  renderSubscription,
  type SubscriptionResource,
} from './subscription-resource.ts'
import { refuseFields } from './unsupported.ts'

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

/** google.pubsub.v1.Subscriber, but for StreamingPull */
export const subscriber = ({ broker, dispatchers, clock }: Context) => ({
  createSubscription: (resource: SubscriptionResource) => {
    refuseFields('Subscription', resource, ['detached'])
    const settings = parseSubscription(resource)
    return renderSubscription(broker.createSubscription(resource.name, resource.topic, settings))
  },

  getSubscription: ({ subscription }: { subscription: string }) =>
    renderSubscription(broker.subscription(subscription)),

  listSubscriptions: ({ project, ...paging }: ListRequest) => {
    const { items, nextPageToken } = page(broker.subscriptions(project), ({ name }) => name, paging)
    return { subscriptions: items.map(renderSubscription), nextPageToken }
  },

  updateSubscription: ({ subscription: update, updateMask }: UpdateRequest) => {
    const current: SubscriptionResource = renderSubscription(broker.subscription(update?.name ?? ''))
    const masked = applyMask(current, update, updateMask, {
      resource: 'Subscription',
      mutable: MUTABLE_SUBSCRIPTION_FIELDS,
    })
    return renderSubscription(broker.updateSubscription(current.name, parseSubscription(masked)))
  },

  modifyPushConfig: (request: { subscription: string; pushConfig: PushConfig | null }) => {
    const current: SubscriptionResource = renderSubscription(broker.subscription(request.subscription))
    broker.updateSubscription(current.name, parseSubscription({ ...current, pushConfig: request.pushConfig }))
    return {}
  },

  deleteSubscription: ({ subscription }: { subscription: string }) => {
    broker.deleteSubscription(subscription)
    return {}
  },

  pull: async ({ subscription: name, maxMessages, returnImmediately }: PullRequest, caller: Caller) => {
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
      ready.length > 0 || returnImmediately ? ready : await waitForMessages(dispatcher, { maxMessages, clock, caller })
    return { receivedMessages: deliveries.map(renderReceived) }
  },

  acknowledge: ({ subscription: name, ackIds }: { subscription: string; ackIds: string[] }) => {
    const subscription = broker.subscription(name)
    settleUnary(subscription, ackIds, () => subscription.acknowledge(ackIds))
    return {}
  },

  ...snapshots(broker),

  modifyAckDeadline: ({ subscription: name, ackIds, ackDeadlineSeconds }: ModifyAckDeadlineRequest) => {
    const subscription = broker.subscription(name)
    const ackDeadlineMs = checkDeadline(ackDeadlineSeconds)
    settleUnary(subscription, ackIds, () => ({ invalid: subscription.modifyAckDeadline(ackIds, ackDeadlineMs) }))
    return {}
  },
})
