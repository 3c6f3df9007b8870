import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { earliest, fromDays, fromMicros, latest, toDays, toMicros } from './civil.ts'
import { showTimestamp } from './dates.ts'
import { parseFloat64, showFloat } from './floats.ts'
import { type RuntimeValue, scalarFunctions } from './index.ts'
import { normalizeJson, parseJson, showJson } from './json.ts'
import { offsetAt, toInstant } from './zones.ts'

const call = (name: string, ...args: RuntimeValue[]) =>
  scalarFunctions.find((f) => f.name === `gsql_${name}`)!.evaluate(args)
const instants = fc.bigInt({ min: earliest, max: latest })
const decimals = fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n })
const text = (scaled: bigint) =>
  `${scaled < 0n ? '-' : ''}${String(scaled < 0n ? -scaled : scaled)
    .padStart(10, '0')
    .replace(/(\d{9})$/, '.$1')}`

describe('dates and times', () => {
  test('every day has one date, and every instant one reading', () => {
    fc.assert(
      fc.property(fc.integer({ min: -719_162, max: 2_932_896 }), (days) => {
        const { year, month, day } = fromDays(days)
        expect(toDays(year, month, day)).toBe(days)
        const date = new Date(0)
        date.setUTCFullYear(year, month - 1, day)
        expect(date.getTime()).toBe(days * 86_400_000)
      }),
    )
    fc.assert(
      fc.property(instants, (micros) => {
        expect(toMicros(fromMicros(micros))).toBe(micros)
      }),
    )
  })

  test('a timestamp shown in any zone is the same timestamp when read', () => {
    const zones = fc.constantFrom('UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', '+05:30', '-08:00')
    const modern = fc.bigInt({ min: 0n, max: 2_000_000_000_000_000n })
    fc.assert(
      fc.property(modern, zones, (micros, zone) => {
        const read = call('timestamp', showTimestamp(micros, zone), 'UTC')
        expect(read).toBe(call('timestamp', showTimestamp(micros, 'UTC'), 'UTC'))
      }),
    )
  })

  test('a time that clocks skip is read with the offset from before', () => {
    const local = toMicros({ year: 2024, month: 3, day: 10, hour: 2, minute: 30, second: 0, micros: 0 })
    expect(showTimestamp(toInstant(local, 'America/New_York'), 'UTC')).toBe('2024-03-10 07:30:00+00')
    expect(offsetAt('America/New_York', local)).toBe(-5 * 3600)
  })

  test('what is formatted is parsed back', () => {
    fc.assert(
      fc.property(instants, (micros) => {
        const shown = call('format_local', '%Y-%m-%d %H:%M:%E6S', micros)
        expect(call('parse_datetime', '%Y-%m-%d %H:%M:%E6S', shown)).toBe(call('datetime', shown))
      }),
    )
  })
})

describe('numbers', () => {
  test('every double survives its text', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(parseFloat64(showFloat(value))).toBe(value + 0)
      }),
    )
  })

  test('NUMERIC division undoes multiplication by what has no decimals', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
        fc.integer({ min: 1, max: 1_000_000 }),
        (a, n) => {
          const product = call('numeric_multiply', text(a), String(n)) as string
          expect(call('numeric_divide', text(BigInt(product)), String(n))).toBe(call('numeric', text(a)))
        },
      ),
    )
  })

  test('NUMERIC quotients are rounded half away from zero, by exact arithmetic', () => {
    fc.assert(
      fc.property(
        decimals,
        decimals.filter((b) => b !== 0n),
        (a, b) => {
          const [exact, limit] = [10n ** 9n * a, 10n ** 38n]
          const magnitude = (n: bigint) => (n < 0n ? -n : n)
          const expected = (2n * magnitude(exact) + magnitude(b)) / (2n * magnitude(b))
          const sign = a < 0n !== b < 0n ? -1n : 1n
          if (expected >= limit) expect(() => call('numeric_divide', text(a), text(b))).toThrow('numeric overflow')
          else expect(call('numeric_divide', text(a), text(b))).toBe(call('numeric', text(sign * expected)))
        },
      ),
    )
  })

  test.each([
    ['format_float', '%.0f', 0.5, '0'],
    ['format_float', '%.0f', 1.5, '2'],
    ['format_float', '%.3e', 123456, '1.235e+05'],
    ['format_float', '%g', 1e-7, '1e-07'],
    ['format_float', '%+08.2f', 2.71, '+0002.71'],
    ['format_float', "%'.2f", 1234567.891, '1,234,567.89'],
  ])('%s(%s, %d) is what printf gives', (name, spec, value, expected) => {
    expect(call(name, spec, value)).toBe(expected)
  })
})

test('JSON text is read as JSON.parse reads it, and refused where that refuses it', () => {
  fc.assert(
    fc.property(fc.json(), (source) => {
      expect(JSON.parse(showJson(parseJson(source)!))).toEqual(JSON.parse(source))
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[],:"\\1-.e ntrue') }), (source) => {
      const valid = (() => {
        try {
          JSON.parse(source)
          return true
        } catch {
          return false
        }
      })()
      expect(parseJson(source) !== undefined).toBe(valid)
    }),
    { numRuns: 1000 },
  )
  expect(normalizeJson('{"b": 1.10, "a": [1, "x"]}')).toBe('{"a":[1,"x"],"b":1.1}')
})

test('a function that may fail has a twin that gives NULL instead', () => {
  expect(() => call('parse_int', 'x')).toThrow('Bad int64 value: x')
  expect(call('try_parse_int', 'x')).toBeNull()
  expect(call('try_parse_int', '5')).toBe(5n)
})
