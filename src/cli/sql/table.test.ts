import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellText, truncated, widthOf, wrapped } from './cells.ts'
import { records, table } from './table.ts'

const text = (name: string) => ({ name, type: 'VARCHAR', isNumber: false })
const number = (name: string) => ({ name, type: 'BIGINT', isNumber: true })
const lines = (shown: string) => stripVTControlCharacters(shown).split('\n')

test('numbers stand to the right, texts to the left, and what fits is shown as it is', () => {
  const rows = [
    ['pending', 7],
    ['delivered', 1234],
  ]
  expect(lines(table([text('status'), number('orders')], rows, 80))).toEqual([
    'status     orders',
    '─────────  ──────',
    'pending         7',
    'delivered    1234',
  ])
})

test('a text is cut to what there is room for, a number never', () => {
  const shown = lines(table([number('n'), text('what')], [['123456789012345', 'x'.repeat(100)]], 40))
  expect(shown[2]).toBe(`123456789012345  ${'x'.repeat(22)}…`)
})

test('a path loses its beginning, since the name of the file tells it from others', () => {
  expect(truncated('output/order/2024/01/15/10/30/order_202401151030001.json', 25)).toBe('…der_202401151030001.json')
})

test('columns that do not fit beside each other stand below each other', () => {
  const columns = Array.from({ length: 9 }, (_, i) => text(`column_${i}`))
  const row = columns.map(() => 'a rather long text')
  expect(table(columns, [row], 80)).toBe(records(columns, [row], 80))
})

test('what would move the cursor or turn the text around is shown, not done', () => {
  expect(cellText('a\nb\tc\x1b[2J\u202e')).toBe('a\\nb\\tc\\u001b[2J\\u202e')
})

test.each([
  ['abc', 3],
  ['日本', 4],
  ['👩‍👩‍👧', 2],
  ['e\u0301', 1],
  ['', 0],
])('%s is %i columns wide', (what, width) => {
  expect(widthOf(what)).toBe(width)
})

const value = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constant(null),
  fc.json(),
)

test('no line is wider than the terminal, whatever the rows hold, and each row is there', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 40, max: 120 }),
      fc
        .integer({ min: 1, max: 12 })
        .chain((n) => fc.array(fc.array(value, { minLength: n, maxLength: n }), { minLength: 1 })),
      (width, rows) => {
        const columns = rows[0]!.map((_, i) => text(`column ${i}`))
        for (const line of lines(table(columns, rows, width))) expect(widthOf(line)).toBeLessThanOrEqual(width)
        expect(lines(records(columns, rows, width)).filter((line) => /^── \d+ ─+$/.test(line))).toHaveLength(
          rows.length,
        )
      },
    ),
  )
})

test('a wrapped text has lost nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 30 }), (what, width) => {
      const parts = wrapped(what, width)
      expect(parts.join('')).toBe(what)
      for (const part of parts) expect(widthOf(part)).toBeLessThanOrEqual(width)
    }),
  )
})
