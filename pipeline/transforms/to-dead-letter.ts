import { type Rejection, textOf } from './decode.ts'
import type { Message } from './message.ts'
import { metaOfMessage, withMeta } from './meta.ts'

/** One line of NDJSON about a message that can never become an event: all that was received, and why. */
export interface DeadLetter {
  /** Text, or base64 where the bytes are not UTF-8. */
  readonly data: string
  readonly data_encoding: 'utf-8' | 'base64'
  readonly attributes: Readonly<Record<string, string>>
  readonly reason: string
  readonly detail: string
}

export function toDeadLetter(message: Message, { reason, detail }: Omit<Rejection, 'ok'>): string {
  const text = textOf(message.data)
  const meta = metaOfMessage(message)
  const letter: DeadLetter = {
    data: text ?? Buffer.from(message.data).toString('base64'),
    data_encoding: text === undefined ? 'base64' : 'utf-8',
    attributes: meta.attributes,
    reason,
    detail,
  }
  return withMeta(JSON.stringify(letter).slice(0, -1), meta)
}
