import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDate, parseDatetime, parseTime, parseTimestamp, renderDate, renderDatetime, renderTime } from './civil.ts'
import { parseDecimal, renderDecimal } from './decimal.ts'

const micros = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n })

test('a decimal reads back as it was shown', () => {
  const limit = 10n ** 38n - 1n
  fc.assert(
    fc.property(fc.bigInt({ min: -limit, max: limit }), fc.constantFrom(9, 18), (value, scale) => {
      const text = renderDecimal(value, scale)
      expect(parseDecimal(text, scale)).toBe(value)
      expect(text).not.toMatch(/\.\d*0$|\.$|^-?0\d/)
    }),
  )
})

test('a decimal in scientific form is the same number', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: -5, max: 15 }), (digits, exponent) => {
      const expected = BigInt(digits) * 10n ** BigInt(exponent + 9)
      expect(parseDecimal(`${digits}e${exponent}`, 9)).toBe(expected)
    }),
  )
})

test('every date, time and moment reads back as it was shown', () => {
  fc.assert(
    fc.property(micros, (value) => {
      const text = renderDatetime(value)
      expect(parseDatetime(text)).toBe(value)
      expect(parseTimestamp(`${text}Z`)).toBe(value)
      const day = Number((value - (((value % 86_400_000_000n) + 86_400_000_000n) % 86_400_000_000n)) / 86_400_000_000n)
      expect(text.startsWith(renderDate(day))).toBe(true)
      expect(parseDate(renderDate(day))).toBe(day)
      const time = value - BigInt(day) * 86_400_000_000n
      expect(parseTime(renderTime(time))).toBe(time)
    }),
  )
})

test('an offset moves a timestamp by its hours and minutes', () => {
  fc.assert(
    fc.property(micros, fc.integer({ min: 0, max: 13 }), fc.integer({ min: 0, max: 59 }), (value, hours, minutes) => {
      const offset = `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
      const text = renderDatetime(value)
      const shift = BigInt(hours * 60 + minutes) * 60_000_000n
      expect(parseTimestamp(`${text}+${offset}`)).toBe(value - shift)
      expect(parseTimestamp(`${text} -${offset}`)).toBe(value + shift)
    }),
  )
})
