import { z } from 'zod'
import type { PushedMessage } from './handler.ts'

/** A PubsubMessage as JSON (cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage): what is empty is left out. */
const pubsubMessage = z.object({
  messageId: z.string().min(1),
  data: z
    .base64()
    .nullish()
    .transform((data) => data ?? ''),
  attributes: z
    .record(z.string(), z.string())
    .nullish()
    .transform((attributes) => attributes ?? {}),
})

/** google.events.cloud.pubsub.v1.MessagePublishedData, in a CloudEvent of type google.cloud.pubsub.topic.v1.messagePublished. */
const published = z.object({ data: z.object({ message: pubsubMessage }) })

/**
 * The body of a push (cloud.google.com/pubsub/docs/push#receive_push). The Functions Framework makes a CloudEvent of it,
 * but hands one whose message has attributes and no data to the function as it stands (its pubsub_middleware.js).
 */
const pushed = z.object({ message: pubsubMessage }).transform((data) => ({ data }))

const isPush = (given: unknown) => typeof given === 'object' && given !== null && 'message' in given

export type Received =
  | { readonly ok: true; readonly message: PushedMessage }
  | { readonly ok: false; readonly faults: string }

/** The Pub/Sub message in what a function was given, whichever way it came. */
export function messageOf(given: unknown): Received {
  const parsed = (isPush(given) ? pushed : published).safeParse(given)
  if (!parsed.success) return { ok: false, faults: z.prettifyError(parsed.error).replace(/\s+/g, ' ') }
  const { messageId, data, attributes } = parsed.data.data.message
  return { ok: true, message: { messageId, data: Buffer.from(data, 'base64'), attributes } }
}
