import { expect, test } from 'vitest'
import { message, order } from '../tests/sample-message.ts'
import { decode } from './decode.ts'

const published = '2024-01-15T10:30:00Z'
const at = (time: string) => message({ ...order, order_date: time }, { publishTime: published })
const bounds = { allowedLatenessSeconds: 3_600, allowedEarlinessSeconds: 60 }

test.each([
  ['as late as allowed', '2024-01-15T09:30:00Z', { ok: true }],
  ['a microsecond later', '2024-01-15T09:29:59.999999Z', { ok: false, reason: 'too_late' }],
  ['as early as allowed', '2024-01-15T10:31:00Z', { ok: true }],
  ['a microsecond earlier', '2024-01-15T10:31:00.000001Z', { ok: false, reason: 'too_early' }],
])('an event %s', (_what, time, decoded) => {
  expect(decode(at(time), bounds)).toMatchObject(decoded)
})

test('without bounds an event may be of any time', () => {
  for (const time of ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z']) {
    expect(decode(at(time))).toMatchObject({ ok: true })
    expect(decode(at(time), {})).toMatchObject({ ok: true })
  }
})

test('one bound does not bring the other', () => {
  expect(decode(at('0001-01-01T00:00:00Z'), { allowedEarlinessSeconds: 0 })).toMatchObject({ ok: true })
  expect(decode(at('9999-12-31T23:59:59Z'), { allowedLatenessSeconds: 0 })).toMatchObject({ ok: true })
})

test('the detail says how far, and what is allowed', () => {
  expect(decode(at('2024-01-15T08:30:00Z'), bounds)).toMatchObject({
    detail: 'order_date: lies 7200 s before the message was published, more than the 3600 s that are allowed',
  })
})

test('what is no event is rejected for that, however late', () => {
  expect(decode(message('{', { publishTime: published }), { allowedLatenessSeconds: 0 })).toMatchObject({
    reason: 'not_json',
  })
})
