import { expect, test } from 'vitest'
import { extentInWords, extentOf } from './extent.ts'

const now = Date.parse('2026-03-01T12:34:56Z')
const at = (time: string) => Date.parse(time)
const onEmbedded = (options: object) => extentOf(options, { backend: 'embedded' }, now).extent
const onCloud = (options: object) => extentOf(options, { backend: 'gcp' }, now)

test('a day counts in full, as the first and as the last', () => {
  expect(onEmbedded({ from: '2024-01-15', to: '2024-01-16' })).toEqual({ from: at('2024-01-15'), to: at('2024-01-17') })
})

test('times are widened to the minutes that raw files are cut by', () => {
  expect(onEmbedded({ from: '2024-01-15T11:30:59.9+01:00', to: '2024-01-15T10:31:00.1Z' })).toEqual({
    from: at('2024-01-15T10:30Z'),
    to: at('2024-01-15T10:32Z'),
  })
})

test('2h is two hours ago', () => {
  expect(onEmbedded({ from: '2h' })).toEqual({ from: at('2026-03-01T10:34Z') })
})

test('where it may be a lot it is the last hour, or the hour before --to, unless told otherwise', () => {
  expect(onCloud({})).toEqual({ extent: { from: at('2026-03-01T11:34Z') }, isDefault: true })
  expect(onCloud({ to: '2024-01-15T10:00Z' }).extent).toEqual({
    from: at('2024-01-15T09:00Z'),
    to: at('2024-01-15T10:00Z'),
  })
  expect(onCloud({ all: true })).toEqual({ extent: {}, isDefault: false })
  expect(onCloud({ folder: 'kept' })).toEqual({ extent: {}, isDefault: false })
  expect(onEmbedded({})).toEqual({})
})

test.each([
  [{ from: '2024-02-30' }, '--from 2024-02-30'],
  [{ from: 'yesterday' }, 'that is no time'],
  [{ to: '2024-01-15T10:30' }, '--to 2024-01-15T10:30'],
  [{ from: '2024-01-16', to: '2024-01-15' }, '--from must be before --to'],
  [{ all: true, from: '2h' }, 'leave out --from'],
  [{ types: 'order,orders' }, 'there is no type orders; the catalogue has inventory, order, user_activity'],
])('%j is refused with a reason', (options, reason) => {
  expect(() => onEmbedded(options)).toThrow(reason)
})

test('an extent is told in words', () => {
  expect(extentInWords({})).toBe('all events')
  expect(extentInWords({ from: at('2024-01-15T10:30Z'), types: ['order'] })).toBe(
    'order events from 2024-01-15T10:30Z on',
  )
  expect(extentInWords({ to: at('2024-01-15T10:30Z') })).toBe('events before 2024-01-15T10:30Z')
})
