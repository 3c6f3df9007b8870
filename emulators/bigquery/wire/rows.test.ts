import { expect, test } from 'vitest'
import type { SqlType } from '../model/schema.ts'
import type { Value } from '../model/value.ts'
import { type Cell, renderRow } from './rows.ts'

const cell = (type: SqlType, value: Value, useInt64Timestamp = false): Cell =>
  renderRow([{ name: 'x', type }], [value], { useInt64Timestamp }).f[0]!.v

test.each<[SqlType['kind'], Value, string]>([
  ['INT64', 9223372036854775807n, '9223372036854775807'],
  ['BOOL', true, 'true'],
  ['FLOAT64', 1, '1.0'],
  ['FLOAT64', 0.1, '0.1'],
  ['FLOAT64', 1e7, '1.0E7'],
  ['FLOAT64', 123456.789, '123456.789'],
  ['FLOAT64', 1.5e-5, '1.5E-5'],
  ['FLOAT64', 1e20, '1.0E20'],
  ['FLOAT64', Number.NaN, 'NaN'],
  ['FLOAT64', Number.NEGATIVE_INFINITY, '-Infinity'],
  ['NUMERIC', 1_500_000_000n, '1.5'],
  ['NUMERIC', -2n, '-0.000000002'],
  ['NUMERIC', 10_000_000_000n, '10'],
  ['BYTES', Buffer.from('hi'), 'aGk='],
  ['DATE', 19737, '2024-01-15'],
  ['DATE', -719162, '0001-01-01'],
  ['TIME', 37_800_000_000n, '10:30:00'],
  ['DATETIME', 1_705_314_600_000_000n, '2024-01-15T10:30:00'],
  ['DATETIME', 1_705_314_600_120_000n, '2024-01-15T10:30:00.12'],
  ['DATETIME', -1n, '1969-12-31T23:59:59.999999'],
  ['TIMESTAMP', 1_705_314_600_000_000n, '1.7053146E9'],
  ['TIMESTAMP', 1_705_314_600_123_456n, '1.705314600123456E9'],
  ['TIMESTAMP', 0n, '0.0'],
  ['JSON', '{"a":1}', '{"a":1}'],
  ['INTERVAL', { months: 14, days: 3, micros: 3_723_000_001n }, '1-2 3 1:2:3.000001'],
])('%s %s is shown as %s', (kind, value, text) => {
  expect(cell({ kind } as SqlType, value)).toBe(text)
})

test('a timestamp is microseconds when the client asks for that', () => {
  expect(cell({ kind: 'TIMESTAMP' }, 1_705_314_600_123_456n, true)).toBe('1705314600123456')
})

test('a record is nested, a list has a cell for each item, and a NULL list is an empty one', () => {
  const struct: SqlType = { kind: 'STRUCT', fields: [{ name: 'a', type: { kind: 'INT64' } }] }
  expect(cell({ kind: 'ARRAY', element: struct }, [[1n], [null]])).toEqual([
    { v: { f: [{ v: '1' }] } },
    { v: { f: [{ v: null }] } },
  ])
  expect(cell({ kind: 'ARRAY', element: struct }, null)).toEqual([])
  expect(cell(struct, null)).toBeNull()
})
