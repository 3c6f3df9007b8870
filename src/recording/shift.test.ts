import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editJson } from './json-text.ts'
import { shiftFor, shiftInstant, shiftMessage, unshift } from './shift.ts'

const HOUR_MS = 3_600_000

const message = (data: string) => ({
  messageId: 'm',
  publishTime: '2024-01-15T10:30:00Z',
  offsetMs: 0,
  attributes: {},
  data: Buffer.from(data),
})

const event = (timestamp: string) =>
  `{ "event_type":"inventory", "inventory_id":"i","product_id":"2024-01-15T10:30:00Z","warehouse_id":"w",
  "quantity_change":-2.0, "reason":"sale","timestamp":"${timestamp}" , "more":{"timestamp":"${timestamp}"}}`

test('of an event its own time alone is moved, and every other byte stays', () => {
  const shifted = shiftMessage(message(event('2024-01-15T23:30:00.25+02:00')), HOUR_MS)
  const before = event('2024-01-15T23:30:00.25+02:00')
  expect(String(shifted.data)).toBe(before.replace('2024-01-15T23:30:00.25+02:00', '2024-01-16T00:30:00.25+02:00'))
})

test('what is no event is not moved', () => {
  for (const data of ['', '{', 'null', '{"event_type":"inventory","timestamp":"2024-01-15T10:30:00Z"}']) {
    expect(String(shiftMessage(message(data), HOUR_MS).data)).toBe(data)
  }
})

test('a time is moved and moved back, in any zone and to any digit', () => {
  const time = fc.date({ min: new Date('0002-01-01'), max: new Date('9990-01-01'), noInvalidDate: true })
  const zone = fc.constantFrom('Z', '+02:00', '-11:30', '+14:00')
  fc.assert(
    fc.property(
      time,
      zone,
      fc.stringMatching(/^(\.\d{1,9})?$/),
      fc.integer({ min: -1e6, max: 1e6 }),
      (date, z, fraction, minutes) => {
        const text = `${date.toISOString().slice(0, 19)}${fraction}${z}`
        const moved = shiftInstant(text, minutes * 60_000)
        if (moved === undefined) return // out of the years that a table has
        expect(Date.parse(moved) - Date.parse(text)).toBe(minutes * 60_000)
        expect(shiftInstant(moved, -minutes * 60_000)).toBe(text)
      },
    ),
  )
})

test('the last message is published at its recorded time, to the minute', () => {
  const recorded = { first: Date.parse('2024-01-15T10:00:00Z'), lastOffsetMs: 10 * 60_000 }
  const now = Date.parse('2024-06-01T12:00:30Z')
  const lastAt = (speed: number) =>
    new Date(recorded.first + recorded.lastOffsetMs + shiftFor(now, { ...recorded, speed }))
  expect(lastAt(0).toISOString()).toBe('2024-06-01T12:00:00.000Z')
  expect(lastAt(1).toISOString()).toBe('2024-06-01T12:10:00.000Z')
  expect(lastAt(10).toISOString()).toBe('2024-06-01T12:01:00.000Z')
})

test('a shift is taken back from rows, lines and paths, and what does not follow it is left to be found', () => {
  const back = unshift(24 * HOUR_MS)
  const row = {
    event_time: '2024-01-16T10:30:00.000Z',
    event_date: '2024-01-16',
    timestamp: '2024-01-16T10:30:00.000Z',
  }
  const was = {
    event_time: '2024-01-15T10:30:00.000Z',
    event_date: '2024-01-15',
    timestamp: '2024-01-15T10:30:00.000Z',
  }
  expect(back.row('inventory', row)).toEqual(was)
  expect(back.row('inventory', { ...row, event_date: '2024-01-17' })).toEqual({ ...was, event_date: '2024-01-17' })
  expect(back.row('dead_letters', row)).toEqual(row)
  expect(back.line('inventory', { timestamp: '2024-01-16T00:00:00+02:00' })).toEqual({
    timestamp: '2024-01-15T00:00:00+02:00',
  })
  const path = (day: string, stamp: string) => `output/order/2024/01/${day}/10/30/order_202401${stamp}1030001.json`
  expect(back.path(path('16', '16'))).toBe(path('15', '15'))
  expect(back.path(path('16', '17'))).toBe(path('16', '17'))
})

test('any JSON comes back as it was when nothing is edited, and every value is offered with its path', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(4), (json, indent) => {
      const text = JSON.stringify(JSON.parse(json), null, indent)
      const seen: [string, unknown][] = []
      expect(editJson(text, (path, value) => void seen.push([path.join('.'), JSON.parse(value)]))).toBe(text)
      expect(seen).toEqual([...leaves(JSON.parse(text), [])])
    }),
  )
})

function* leaves(value: unknown, path: readonly string[]): Generator<[string, unknown]> {
  if (typeof value !== 'object' || value === null) yield [path.join('.'), value]
  else if (Array.isArray(value)) for (const item of value) yield* leaves(item, [...path, '[]'])
  else for (const [name, field] of Object.entries(value)) yield* leaves(field, [...path, name])
}
