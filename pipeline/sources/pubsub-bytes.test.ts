import { protos } from '@google-cloud/pubsub'
import { expect, test } from 'vitest'
import { makeDoFn } from '../beam/do-fn.ts'
import type { Message } from '../transforms/message.ts'
import { pubSubMessages } from './pubsub-bytes.ts'

const { PubsubMessage } = protos.google.pubsub.v1

function messageOf(sent: protos.google.pubsub.v1.IPubsubMessage, timestampMs: number): Message {
  const messages: unknown[] = []
  const bytes = PubsubMessage.encode(sent).finish()
  makeDoFn(pubSubMessages, undefined).process(
    bytes,
    (message) => messages.push(message),
    () => timestampMs,
  )
  expect(messages).toHaveLength(1)
  return messages[0] as Message
}

const data = Buffer.from('{"a":1}')
const at = Date.parse('2026-01-15T10:30:00.123Z')

test('a message of Beam’s PubsubIO was published at its element’s timestamp', () => {
  expect(messageOf({ messageId: '7', data, attributes: { event_id: 'e1' } }, at)).toEqual({
    id: '7',
    data: expect.objectContaining({ length: data.length }),
    attributes: { event_id: 'e1' },
    publishTime: '2026-01-15T10:30:00.123Z',
  })
  expect(messageOf({ messageId: '7', data }, Date.parse('2026-01-15T10:30:00Z')).publishTime).toBe(
    '2026-01-15T10:30:00Z',
  )
})

test.each([
  [0, ''],
  [120_000_000, '.120'],
  [123_456_000, '.123456'],
  [7, '.000000007'],
])('a message of Dataflow has its own publish time, to its last digit: %i ns', (nanos, fraction) => {
  const seconds = Date.parse('2026-01-15T10:29:59Z') / 1000
  expect(messageOf({ messageId: '7', data, publishTime: { seconds, nanos } }, at).publishTime).toBe(
    `2026-01-15T10:29:59${fraction}Z`,
  )
})
