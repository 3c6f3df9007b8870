import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRow } from './cells.ts'
import { decimalText } from './decimal.ts'

const decode = (type: string, v: unknown) => decodeRow([{ name: 'a', type }], { f: [{ v }] }).a

test.each([
  ['INTEGER', '-9007199254740991', -9007199254740991],
  ['INTEGER', '9223372036854775807', '9223372036854775807'],
  ['FLOAT', '1.0E-7', 1e-7],
  ['FLOAT', 'NaN', 'NaN'],
  ['BOOLEAN', 'true', true],
  ['BYTES', 'aGk=', 'aGk='],
  ['DATE', '2024-01-15', '2024-01-15'],
  ['NUMERIC', '59.980', '59.98'],
  ['TIMESTAMP', '1705314600000000', '2024-01-15T10:30:00.000Z'],
  ['TIMESTAMP', '1705314600123456', '2024-01-15T10:30:00.123456Z'],
  ['TIMESTAMP', '-1', '1969-12-31T23:59:59.999999Z'],
  ['TIMESTAMP', '253402300799999999', '9999-12-31T23:59:59.999999Z'],
  ['STRING', null, null],
])('%s %j is read as %j', (type, sent, read) => {
  expect(decode(type, sent)).toBe(read)
})

test('records and lists are read, and what is missing at the end of a row is NULL, or an empty list', () => {
  const inner = [{ name: 'price', type: 'NUMERIC' }]
  const fields = [
    { name: 'items', type: 'RECORD', mode: 'REPEATED', fields: inner },
    { name: 'record', type: 'RECORD', fields: inner },
    { name: 'tags', type: 'STRING', mode: 'REPEATED' },
    { name: 'later', type: 'STRING' },
  ]
  const item = (v: string | null) => ({ v: { f: [{ v }] } })
  expect(decodeRow(fields, { f: [{ v: [item('1.5'), item(null)] }, item('999/100')] })).toEqual({
    items: [{ price: '1.5' }, { price: null }],
    record: { price: '9.99' },
    tags: [],
    later: null,
  })
})

test.each([
  ['0', '0'],
  ['-0.00', '0'],
  ['1e-9', '0.000000001'],
  ['-1.5E3', '-1500'],
  ['100', '100'],
  ['-1/1000000000', '-0.000000001'],
  ['7/1', '7'],
])('the decimal %s is %s', (text, plain) => {
  expect(decimalText(text)).toBe(plain)
})

test.each(['', 'x', '1/3', '1/0', '1.', 'NaN', '0x10'])('%j is not a decimal', (text) => {
  expect(() => decimalText(text)).toThrow('is not a decimal')
})

test('a decimal and the fraction that it is are the same', () => {
  const most = 10n ** 38n
  fc.assert(
    fc.property(fc.bigInt({ min: -most, max: most }), fc.nat({ max: 38 }), (digits, scale) => {
      expect(decimalText(`${digits}e-${scale}`)).toBe(decimalText(`${digits}/${10n ** BigInt(scale)}`))
    }),
  )
})
