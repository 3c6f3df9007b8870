import type { Delivery } from '../model/subscription.ts'

/** The wrapped form (cloud.google.com/pubsub/docs/push#receive_push), with both spellings of the id and the time. */
export function pushBody(subscription: string, { message, deliveryAttempt }: Delivery): string {
  const { id, data, attributes, orderingKey } = message
  const publishTime = new Date(message.publishTime).toISOString()
  return JSON.stringify({
    ...(deliveryAttempt > 0 && { deliveryAttempt }),
    message: {
      ...(Object.keys(attributes).length > 0 && { attributes }),
      ...(data.length > 0 && { data: Buffer.from(data.buffer, data.byteOffset, data.length).toString('base64') }),
      messageId: id,
      message_id: id,
      ...(orderingKey !== '' && { orderingKey }),
      publishTime,
      publish_time: publishTime,
    },
    subscription,
  })
}
