import type { Delivery } from '../model/subscription.ts'

/** google.pubsub.v1.ReceivedMessage */
export const renderReceived = ({ ackId, message, deliveryAttempt }: Delivery) => ({
  ackId,
  message: {
    data: message.data,
    attributes: message.attributes,
    messageId: message.id,
    publishTime: {
      seconds: Math.floor(message.publishTime / 1_000),
      nanos: (message.publishTime % 1_000) * 1_000_000,
    },
    orderingKey: message.orderingKey,
  },
  deliveryAttempt,
})
