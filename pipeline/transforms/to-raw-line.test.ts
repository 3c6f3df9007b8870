import fc from 'fast-check'
import { expect, test } from 'vitest'
import { message, order } from '../tests/sample-message.ts'
import { type DecodedEvent, decode } from './decode.ts'
import type { Message } from './message.ts'
import { metaOfLine } from './meta.ts'
import { toRawLine } from './to-raw-line.ts'

const lineOf = (received: Message) => toRawLine(received, decode(received) as DecodedEvent)

test('a raw line is the text of the event as received, and _meta', () => {
  const text = `{ "event_type" : "order",\r\n ${JSON.stringify(order).slice(22)}`
    .replace('29.99', '29.9900e0')
    .replace('"total_amount"', '"ref":12345678901234567890123,"total_amount"')
  const received = message(text, { id: '7', attributes: { zone: 'b', event_id: 'e1', area: 'a' } })
  expect(lineOf(received)).toBe(
    `${text.replace('\r\n', '').slice(0, -1)},"_meta":{"event_id":"e1","message_id":"7",` +
      '"publish_time":"2024-01-15T10:31:00.5Z","attributes":{"area":"a","event_id":"e1","zone":"b"}}}',
  )
})

test('the order in which attributes arrive makes no difference', () => {
  const one = lineOf(message(order, { attributes: { a: '1', b: '2' } }))
  expect(lineOf(message(order, { attributes: { b: '2', a: '1' } }))).toBe(one)
})

test('of a name that is repeated the last value is kept, and the line has it once', () => {
  const line = lineOf(message(JSON.stringify(order).replace('{', '{"coupon":1,"coupon":2,')))
  expect(line.match(/"coupon"/g)).toHaveLength(1)
  expect(JSON.parse(line)).toMatchObject({ ...order, coupon: 2 })
})

test('a name that is repeated deep inside is found, and colons in texts are not taken for names', () => {
  const line = lineOf(
    message(JSON.stringify({ ...order, note: '\\":{"a":[1' }).replace('"Tee"', '"Tee","gift":1,"gift":2')),
  )
  expect(line.match(/"gift"/g)).toHaveLength(1)
  expect(JSON.parse(line)).toMatchObject({ note: '\\":{"a":[1' })
})

test("an event's own _meta becomes a text in _meta", () => {
  const own = { event_id: 'forged', _meta: { event_id: 'forged' } }
  const line = lineOf(message({ ...order, _meta: own }, { id: '7' }))
  expect(JSON.parse(line)).toEqual({
    ...order,
    _meta: {
      event_id: '7',
      message_id: '7',
      publish_time: expect.any(String),
      attributes: {},
      received: JSON.stringify(own),
    },
  })
  expect(metaOfLine(line)).toEqual(JSON.parse(line)._meta)
})

test('_meta is read from a line without parsing it, whatever the event and the attributes hold', () => {
  const tricky = fc.oneof(fc.string(), fc.constantFrom(',"_meta":{"event_id":', '"}', '\\', '__proto__', '{'))
  const extra = fc.dictionary(tricky, fc.oneof(tricky, fc.jsonValue()))
  fc.assert(
    fc.property(extra, fc.dictionary(tricky, tricky), (fields, attributes) => {
      const received = message({ ...fields, ...order }, { attributes })
      const line = lineOf(received)
      expect(line).not.toContain('\n')
      expect(metaOfLine(line)).toEqual(JSON.parse(line)._meta)
      expect(metaOfLine(line).attributes).toEqual(attributes)
    }),
  )
})
