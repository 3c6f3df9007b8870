import { protos } from '@google-cloud/pubsub'
import { type DoFn, registerDoFn } from '../beam/do-fn.ts'
import type { Message } from '../transforms/message.ts'

const { PubsubMessage } = protos.google.pubsub.v1

/**
 * What a runner's own source reads, as our messages. An element is a google.pubsub.v1.PubsubMessage: from Dataflow whole,
 * from Beam's PubsubIO without its publish time, which is then the element's timestamp, in whole milliseconds.
 */
export const pubSubMessages = registerDoFn(
  'pubSubMessages',
  (): DoFn<Uint8Array, Message> => ({
    process(bytes, emit, timestamp) {
      const { messageId, data, attributes, publishTime } = PubsubMessage.decode(bytes)
      emit({
        id: messageId,
        data: data as Uint8Array,
        attributes: attributes as Record<string, string>,
        publishTime: publishTime ? timeOf(publishTime) : new Date(timestamp()).toISOString().replace('.000Z', 'Z'),
      })
    },
  }),
)

/** With 0, 3, 6 or 9 digits after the second, as Pub/Sub itself writes times in JSON. */
function timeOf({ seconds, nanos }: protos.google.protobuf.ITimestamp): string {
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, -'.000Z'.length)
  const fraction = String(nanos ?? 0)
    .padStart(9, '0')
    .replace(/(000)+$/, '')
  return `${whole}${fraction && `.${fraction}`}Z`
}
