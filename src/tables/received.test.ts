import fc from 'fast-check'
import { expect, test } from 'vitest'
import { messageOf } from './received.ts'

const message = { messageId: '17', data: Buffer.from('{}').toString('base64'), attributes: { event_id: 'e1' } }
const read = { ok: true, message: { messageId: '17', data: Buffer.from('{}'), attributes: { event_id: 'e1' } } }

test.each<[string, unknown]>([
  ['a CloudEvent', { type: 'google.cloud.pubsub.topic.v1.messagePublished', data: { message, subscription: 's' } }],
  ['a push', { message: { ...message, message_id: '17' }, subscription: 's', deliveryAttempt: 1 }],
])('the message is found in %s', (_what, given) => {
  expect(messageOf(given)).toEqual(read)
})

test('what a message leaves out is empty', () => {
  const empty = { ok: true, message: { messageId: '17', data: Buffer.alloc(0), attributes: {} } }
  expect(messageOf({ message: { messageId: '17' } })).toEqual(empty)
  expect(messageOf({ data: { message: { messageId: '17', data: null, attributes: null } } })).toEqual(empty)
})

test('what is no message is named', () => {
  expect(messageOf({ message: { messageId: '17', data: '***' } })).toEqual({
    ok: false,
    faults: expect.stringContaining('message.data'),
  })
})

test('whatever is given, nothing is thrown', () => {
  fc.assert(
    fc.property(fc.anything(), (given) => {
      expect(typeof messageOf(given).ok).toBe('boolean')
    }),
  )
})
