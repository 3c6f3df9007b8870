import { protos } from '@google-cloud/pubsub'
import { type DoFn, registerDoFn } from '../beam/do-fn.ts'
import type { Message } from '../transforms/message.ts'

const { PubsubMessage } = protos.google.pubsub.v1

/**
 * What Beam's PubsubIO reads, as our messages. An element is a google.pubsub.v1.PubsubMessage without its publish time:
 * that, in whole milliseconds, is the element's timestamp.
 */
export const pubSubMessages = registerDoFn(
  'pubSubMessages',
  (): DoFn<Uint8Array, Message> => ({
    process(bytes, emit, timestamp) {
      const { messageId, data, attributes } = PubsubMessage.decode(bytes)
      emit({
        id: messageId,
        data: data as Uint8Array,
        attributes: attributes as Record<string, string>,
        publishTime: new Date(timestamp()).toISOString().replace('.000Z', 'Z'),
      })
    },
  }),
)
