import { z } from 'zod'
import type { PushedMessage } from './handler.ts'

/**
 * The body of a push, wrapped (cloud.google.com/pubsub/docs/push#receive_push). The id comes under two names; empty
 * data and empty attributes are left out.
 */
const pushBody = z.object({
  subscription: z.string().optional(),
  message: z
    .object({
      messageId: z.string().min(1).optional(),
      message_id: z.string().min(1).optional(),
      data: z.base64().default(''),
      attributes: z.record(z.string(), z.string()).default({}),
    })
    .refine(({ messageId, message_id }) => messageId ?? message_id, 'has no messageId'),
})

export type ParsedPush =
  | { readonly ok: true; readonly message: PushedMessage }
  | { readonly ok: false; readonly faults: readonly string[] }

export function parsePush(body: unknown): ParsedPush {
  const parsed = pushBody.safeParse(body)
  if (!parsed.success) {
    return { ok: false, faults: parsed.error.issues.map((i) => `${i.path.join('.') || 'the body'}: ${i.message}`) }
  }
  const { messageId, message_id, data, attributes } = parsed.data.message
  return {
    ok: true,
    message: { messageId: messageId ?? message_id ?? '', data: Buffer.from(data, 'base64'), attributes },
  }
}
