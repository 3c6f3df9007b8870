import { mkdtempSync, rmSync } from 'node:fs'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { events, validate } from '../catalogue/index.ts'
import { SeededSource } from '../generator/index.ts'
import { Capture } from './capture.ts'
import { openFixture } from './index.ts'
import { Pseudonyms } from './pseudonyms.ts'
import { Redactor } from './redact.ts'

const pseudonyms = new Pseudonyms(Buffer.alloc(32, 7))

const messageOf = (data: unknown, more: object = {}) => ({
  messageId: 'm',
  publishTime: '2024-01-15T10:30:00Z',
  offsetMs: 0,
  attributes: {},
  data: Buffer.isBuffer(data) ? data : Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)),
  ...more,
})

const redactor = (...paths: string[]) => new Redactor(paths, pseudonyms)
const redacted = (paths: string[], data: unknown) =>
  JSON.parse(String(redactor(...paths).redact(messageOf(data)).message.data))

test('a pseudonym has the form of what it stands for, and hides it', () => {
  expect(pseudonyms.text('192.168.1.100')).toMatch(/^2[45]\d\.\d+\.\d+\.\d+$/)
  expect(isIP(pseudonyms.text('2001:4860::8888'))).toBe(6)
  expect(pseudonyms.text('jo@example.org')).toMatch(/^redacted-\w{16}@example\.com$/)
  expect(pseudonyms.text('7D444840-9DC0-11D1-B245-5FFDCE74FAD2')).toMatch(/^\w{8}-\w{4}-8\w{3}-a\w{3}-\w{12}$/)
  expect(pseudonyms.text('Way 1')).toMatch(/^redacted-\w{16}$/)
  expect(pseudonyms.text('Way 1')).toBe(pseudonyms.text('Way 1'))
  expect(new Pseudonyms(Buffer.alloc(32, 8)).text('Way 1')).not.toBe(pseudonyms.text('Way 1'))
})

test('a number keeps its sign and its digits, and is still one', () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true })), (value) => {
      const text = JSON.stringify(value)
      const stand = pseudonyms.number(text)
      expect(JSON.stringify(JSON.parse(stand))).toBeDefined()
      if (!/e/.test(text)) expect(stand.replaceAll(/\d/g, '0')).toBe(text.replaceAll(/\d/g, '0'))
      if (Number.isSafeInteger(value)) expect(Number.isSafeInteger(Number(stand))).toBe(true)
    }),
  )
})

test('every event is still one of its type when all is redacted that may be', () => {
  const may = [
    'ip_address',
    'shipping_address.street',
    'items[].price',
    'items.product_name',
    'total_amount',
    'user_id',
  ]
  const all = redactor(...may)
  const source = new SeededSource(3)
  for (const definition of events.values()) {
    for (let i = 0; i < 50; i++) {
      source.setTime(i)
      const { message } = all.redact(messageOf(definition.sample(source)))
      expect(validate(definition, JSON.parse(String(message.data)))).toMatchObject({ ok: true })
    }
  }
})

test('a path reaches into arrays, below itself, and where an object should be', () => {
  const hidden = expect.stringMatching(/^redacted-/)
  expect(
    redacted(['items[].product_name'], { items: [{ product_name: 'a', quantity: 1 }, { product_name: 'b' }] }),
  ).toEqual({
    items: [{ product_name: hidden, quantity: 1 }, { product_name: hidden }],
  })
  expect(redacted(['shipping_address'], { shipping_address: { street: 'a', lines: ['b', null, true] } })).toEqual({
    shipping_address: { street: hidden, lines: [hidden, null, false] },
  })
  expect(redacted(['shipping_address.street'], { shipping_address: 'Way 1', city: 'Bern' })).toEqual({
    shipping_address: hidden,
    city: 'Bern',
  })
})

test('every other byte of the message stays', () => {
  const text = '{ "ip_address" : "192.0.2.1", "n":12345678901234567890,"n":1.50,\n"ip_\\u0061ddress":"192.0.2.1" }'
  const stand = pseudonyms.text('192.0.2.1')
  const { message } = redactor('ip_address').redact(messageOf(text))
  expect(String(message.data)).toBe(text.replaceAll('192.0.2.1', stand))
})

test('attributes and ordering keys give nothing away', () => {
  const more = { orderingKey: 'jo', attributes: { event_id: 'e', user_id: 'x', copy: 'jo', other: 'y' } }
  const { message } = redactor('user_id').redact(messageOf({ user_id: 'jo' }, more))
  const stand = pseudonyms.text('jo')
  expect(message).toMatchObject({ orderingKey: stand, attributes: { event_id: 'e', copy: stand, other: 'y' } })
  expect(message.attributes.user_id).toBe(pseudonyms.text('x'))
})

test.each([
  ['no UTF-8', Buffer.from([0x6a, 0x6f, 0xff])],
  ['no JSON', 'user_id=jo'],
  ['no object', '["jo"]'],
  ['one digit', '7'],
  ['nothing', ''],
])('of data that is %s all is replaced, at its length, and counted', (_what, data) => {
  const before = messageOf(data, { attributes: { event_id: 'e', user: 'jo' } })
  const { message, masked } = redactor('user_id').redact(before)
  expect(masked).toBe(true)
  expect(message.data).toHaveLength(before.data.length)
  expect(String(message.data)).not.toContain('jo')
  expect(message.attributes).toEqual({ event_id: 'e', user: pseudonyms.text('jo') })
})

test('a field that the catalogue does not know is redacted only if asked for as such', () => {
  expect(() => redactor('email')).toThrow('No type of event has email')
  expect(redacted(['email?'], { email: 'jo@x.org' }).email).toMatch(/@example\.com$/)
  expect(() => redactor('timestamp')).toThrow('timestamp cannot be redacted: the inventory would not be one any more')
  expect(() => redactor('event_type')).toThrow('cannot be redacted')
})

test('a sample has the same events at all times, and each once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  try {
    const record = async (name: string) => {
      const capture = await Capture.begin(join(folder, name), { sample: 0.25 })
      for (let i = 400; i-- > 0; ) {
        const message = { ...messageOf({}), messageId: `m${i}`, publishTime: new Date(i).toISOString() }
        await capture.add(message)
        if (i % 3 === 0) await capture.add(message) // delivered twice
      }
      await capture.finish({ description: '', source: '', recorded_at: '2024-01-15T10:30:00Z' })
      const { about, messages } = await openFixture(join(folder, name))
      expect(about.sampled).toBe(0.25)
      return Array.fromAsync(messages(), ({ messageId }) => messageId)
    }
    const sample = await record('a')
    expect(sample).toEqual(await record('b'))
    expect(sample).toEqual(sample.toSorted((x, y) => Number(x.slice(1)) - Number(y.slice(1))))
    expect(new Set(sample).size).toBe(sample.length)
    expect(Math.abs(sample.length - 100)).toBeLessThan(35)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
