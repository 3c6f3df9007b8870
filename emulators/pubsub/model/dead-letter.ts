import type { Draft, Message } from './message.ts'
import type { ResourceName } from './names.ts'

/**
 * A message as it goes to the dead-letter topic: its own data, attributes and ordering key, and where it comes from
 * (cloud.google.com/pubsub/docs/handling-failures#track_delivery_attempts). `attempts` counts its failed deliveries.
 */
export const deadLetter = (message: Message, source: ResourceName, attempts: number): Draft => ({
  data: message.data,
  orderingKey: message.orderingKey,
  attributes: {
    ...message.attributes,
    CloudPubSubDeadLetterSourceDeliveryCount: String(attempts),
    CloudPubSubDeadLetterSourceSubscription: source.id,
    CloudPubSubDeadLetterSourceSubscriptionProject: source.project,
    CloudPubSubDeadLetterSourceTopicPublishTime: new Date(message.publishTime).toISOString().replace('Z', '+00:00'),
  },
})
