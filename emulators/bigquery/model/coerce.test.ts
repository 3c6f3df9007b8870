import { expect, test } from 'vitest'
import { manualClock } from '../../../clock/index.ts'
import { coerceRow, coerceScalar } from './coerce.ts'
import { InsertIds } from './insert-ids.ts'
import { normaliseJson } from './json.ts'
import type { Column, ScalarType } from './schema.ts'
import type { Value } from './value.ts'

test.each<[ScalarType, string | number | boolean, Value | undefined]>([
  ['INT64', '42', 42n],
  ['INT64', 42, 42n],
  ['INT64', '9223372036854775807', 9223372036854775807n],
  ['INT64', '9223372036854775808', undefined],
  ['INT64', 1.5, undefined],
  ['INT64', 'x', undefined],
  ['FLOAT64', '1e3', 1000],
  ['FLOAT64', '-inf', Number.NEGATIVE_INFINITY],
  ['FLOAT64', 'NaN', Number.NaN],
  ['FLOAT64', '', undefined],
  ['BOOL', 'TRUE', true],
  ['BOOL', 'maybe', undefined],
  ['NUMERIC', '1.5', 1_500_000_000n],
  ['NUMERIC', '-0.0000000015', -2n],
  ['NUMERIC', '1e28', 10n ** 37n],
  ['NUMERIC', '1e29', undefined],
  ['BIGNUMERIC', '-12345678901234567890.123456789012345678', -12345678901234567890123456789012345678n],
  ['BIGNUMERIC', '1e40', undefined],
  ['BYTES', 'aGk=', Buffer.from('hi')],
  ['BYTES', 'not base64!', undefined],
  ['DATE', '2024-02-29', 19782],
  ['DATE', '2023-02-29', undefined],
  ['TIME', '10:30:00.5', 37_800_500_000n],
  ['TIME', '24:00:00', undefined],
  ['DATETIME', '2024-01-15 10:30:00', 1_705_314_600_000_000n],
  ['DATETIME', '2024-01-15T10:30:00', 1_705_314_600_000_000n],
  ['TIMESTAMP', '2024-01-15T10:30:00Z', 1_705_314_600_000_000n],
  ['TIMESTAMP', '2024-01-15 10:30:00 UTC', 1_705_314_600_000_000n],
  ['TIMESTAMP', '2024-01-15T12:30:00.000001+02:00', 1_705_314_600_000_001n],
  ['TIMESTAMP', 1_705_314_600, 1_705_314_600_000_000n],
  ['TIMESTAMP', '1705314600.123456', 1_705_314_600_123_456n],
  ['TIMESTAMP', 'yesterday', undefined],
  ['TIMESTAMP', 253402300800, undefined],
  ['STRING', 5, '5'],
  ['JSON', '{"b": 1, "a": [1.0, 12345678901234567890]}', '{"a":[1.0,12345678901234567890],"b":1}'],
  ['JSON', '{', undefined],
])('%s takes %s as %s', (type, json, value) => {
  expect(coerceScalar(type, json)).toEqual(value)
})

const columns: Column[] = [
  { name: 'id', type: 'INT64', mode: 'REQUIRED' },
  { name: 'tags', type: 'STRING', mode: 'REPEATED' },
  {
    name: 'address',
    type: 'STRUCT',
    mode: 'NULLABLE',
    fields: [
      { name: 'street', type: 'STRING', mode: 'REQUIRED' },
      { name: 'since', type: 'DATE', mode: 'NULLABLE' },
    ],
  },
]
const faults = (json: unknown) => coerceRow(columns, json, { ignoreUnknown: false }).errors

test('a row keeps the order of the columns, whatever the order and case of its names', () => {
  const { row } = coerceRow(
    columns,
    { Address: { since: '1970-01-02', street: 'x' }, ID: '7' },
    { ignoreUnknown: false },
  )
  expect(row).toEqual([7n, [], ['x', 1]])
})

test.each<[string, unknown, string, string]>([
  ['an unknown field', { id: 1, x: 1 }, 'x', 'no such field: x.'],
  ['an unknown field of a record', { id: 1, address: { street: 's', x: 1 } }, 'address.x', 'no such field: address.x.'],
  ['a missing field', {}, 'id', 'Missing required field: id.'],
  ['a missing field of a record', { id: 1, address: {} }, 'address.street', 'Missing required field: address.street.'],
  ['a text where a number is', { id: 'x' }, 'id', 'Cannot convert value to integer (bad value): x'],
  ['a list where one value is', { id: [1] }, 'id', 'Array specified for non-repeated field: id.'],
  ['a value where a record is', { id: 1, address: 'x' }, 'address', 'This field: address is not a record.'],
  [
    'NULL in a list',
    { id: 1, tags: [null] },
    'tags',
    'Only optional fields can be set to NULL. Field: tags; Value: NULL',
  ],
])('%s is a fault of that field', (_what, json, location, message) => {
  expect(faults(json)).toEqual([{ location, message }])
})

test('all faults of a row are told', () => {
  expect(faults({ x: 1, address: { street: 's', since: 'never' } }).map(({ location }) => location)).toEqual([
    'x',
    'id',
    'address.since',
  ])
})

test('unknown fields can be ignored, at every depth', () => {
  const json = { id: 1, x: 1, address: { street: 's', y: 1 } }
  expect(coerceRow(columns, json, { ignoreUnknown: true }).errors).toEqual([])
})

test('an insertId is remembered for a minute', () => {
  const clock = manualClock()
  const ids = new InsertIds(clock)
  ids.add('a')
  clock.advance(59_999)
  expect(ids.has('a')).toBe(true)
  clock.advance(1)
  expect(ids.has('a')).toBe(false)
})

test('JSON keeps its digits and loses its white space; its keys are in order', () => {
  expect(normaliseJson(' {"z": 1.10, "a": {"d": null, "c": 1e400}} ')).toBe('{"a":{"c":1e400,"d":null},"z":1.10}')
})

test.each(['0.0000000000000000001', '123456789012345678901'])('%s is refused by name, not rounded', (text) => {
  expect(() => coerceScalar('BIGNUMERIC', text)).toThrow('unsupported: a BIGNUMERIC')
})
