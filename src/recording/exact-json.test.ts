import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseExactly } from './exact-json.ts'

const digits = (most: number) => fc.stringMatching(new RegExp(`^\\d{1,${most}}$`))
/** Any number that JSON can write. */
const numberText = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(fc.constant('0'), fc.stringMatching(/^[1-9]\d{0,24}$/)),
    fc.oneof(
      fc.constant(''),
      digits(20).map((text) => `.${text}`),
    ),
    fc.oneof(fc.constant(''), fc.stringMatching(/^[eE][+-]?\d{1,3}$/)),
  )
  .map((parts) => parts.join(''))

test('a number keeps its text, wherever it stands', () => {
  const space = fc.constantFrom('', ' ', '\n  ')
  fc.assert(
    fc.property(numberText, space, (text, white) => {
      const { field, list } = parseExactly(`{"field":${white}${text}${white},"list":[1,${white}${text}]}`) as {
        field: unknown
        list: [1, unknown]
      }
      const written = typeof field === 'number' ? JSON.stringify(field) : (field as { $number: string }).$number
      expect(written).toBe(text)
      expect(list).toEqual([1, field])
    }),
    {
      numRuns: 2_000,
      examples: [
        ['0.0000001', ''],
        ['-0', ''],
        ['1e5', ''],
        ['1.50', ' '],
        ['123456789012345680', ''],
      ],
    },
  )
})

test('text stays as it is, whatever numbers it holds', () => {
  fc.assert(
    fc.property(fc.string(), numberText, (before, text) => {
      const value = { text: `${before}: ${text}`, plain: 1.5 }
      expect(parseExactly(JSON.stringify(value))).toEqual(value)
    }),
  )
})
