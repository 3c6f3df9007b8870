import type { Delivery } from '../model/subscription.ts'
import { toTimestamp } from './timestamp.ts'

/** google.pubsub.v1.ReceivedMessage */
export const renderReceived = ({ ackId, message, deliveryAttempt }: Delivery) => ({
  ackId,
  message: {
    data: message.data,
    attributes: message.attributes,
    messageId: message.id,
    publishTime: toTimestamp(message.publishTime),
    orderingKey: message.orderingKey,
  },
  deliveryAttempt,
})
