import protobuf from 'protobufjs'
import { expect, test } from 'vitest'
import type { Column } from '../model/schema.ts'
import type { DescriptorProto, FieldDescriptorProto } from './proto-descriptor.ts'
import { rowDecoder } from './proto-rows.ts'

const field = (number: number, rest: Partial<FieldDescriptorProto>): FieldDescriptorProto => ({
  name: `f${number}`,
  number,
  label: 'LABEL_OPTIONAL',
  type: 'TYPE_INT64',
  typeName: '',
  ...rest,
})
const message = (fields: FieldDescriptorProto[], rest: Partial<DescriptorProto> = {}): DescriptorProto => ({
  name: 'Row',
  field: fields,
  nestedType: [],
  enumType: [],
  ...rest,
})
const column = (type: Column['type'], rest: Partial<Column> = {}): Column => ({
  name: 'f1',
  type,
  mode: 'NULLABLE',
  ...rest,
})
const write = (fill: (writer: protobuf.Writer) => void) => {
  const writer = protobuf.Writer.create()
  fill(writer)
  return writer.finish()
}
const decode = (descriptor: DescriptorProto, columns: Column[], bytes: Uint8Array) =>
  rowDecoder(descriptor, columns, 'stream').decode(bytes)

test.each<[Column['type'], string, (writer: protobuf.Writer) => void, unknown]>([
  ['INT64', 'TYPE_SINT64', (w) => w.uint32(8).sint64('-5'), -5n],
  ['INT64', 'TYPE_FIXED64', (w) => w.uint32(9).fixed64('5'), 5n],
  ['INT64', 'TYPE_SFIXED32', (w) => w.uint32(13).sfixed32(-5), -5n],
  ['INT64', 'TYPE_INT32', (w) => w.uint32(8).int32(-5), -5n],
  ['INT64', 'TYPE_ENUM', (w) => w.uint32(8).int32(1), 1n],
  ['STRING', 'TYPE_ENUM', (w) => w.uint32(8).int32(1), 'SHIPPED'],
  ['BOOL', 'TYPE_INT32', (w) => w.uint32(8).int32(1), true],
  ['FLOAT64', 'TYPE_FLOAT', (w) => w.uint32(13).float(0.5), 0.5],
  ['DATE', 'TYPE_INT32', (w) => w.uint32(8).int32(19737), 19737],
  ['DATE', 'TYPE_STRING', (w) => w.uint32(10).string('2024-01-15'), 19737],
  ['TIMESTAMP', 'TYPE_INT64', (w) => w.uint32(8).int64('1705314600000001'), 1_705_314_600_000_001n],
  ['TIMESTAMP', 'TYPE_STRING', (w) => w.uint32(10).string('2024-01-15T10:30:00Z'), 1_705_314_600_000_000n],
  // 10:30:00.000005, as CivilTimeEncoder packs it.
  ['TIME', 'TYPE_INT64', (w) => w.uint32(8).int64(String((((10n << 12n) | (30n << 6n)) << 20n) | 5n)), 37_800_000_005n],
  [
    'DATETIME',
    'TYPE_INT64',
    (w) => w.uint32(8).int64(String(((2024n << 26n) | (1n << 22n) | (15n << 17n) | (10n << 12n) | (30n << 6n)) << 20n)),
    1_705_314_600_000_000n,
  ],
  // -1.5 times 10^9, little-endian.
  ['NUMERIC', 'TYPE_BYTES', (w) => w.uint32(10).bytes(Buffer.from('00d197a6', 'hex')), -1_500_000_000n],
  ['NUMERIC', 'TYPE_DOUBLE', (w) => w.uint32(9).double(1.5), 1_500_000_000n],
  ['BYTES', 'TYPE_STRING', (w) => w.uint32(10).string('hi'), Buffer.from('hi')],
])('%s takes %s', (type, protoType, fill, value) => {
  const enumType = [{ name: 'Status', value: [{ name: 'SHIPPED', number: 1 }] }]
  const descriptor = message([field(1, { type: protoType, typeName: '.Row.Status' })], { enumType })
  expect(decode(descriptor, [column(type)], write(fill))).toEqual({ row: [value] })
})

test.each<[Column['type'], string]>([
  ['STRING', 'TYPE_INT64'],
  ['INT64', 'TYPE_STRING'],
  ['FLOAT64', 'TYPE_INT64'],
  ['JSON', 'TYPE_BYTES'],
  ['STRUCT', 'TYPE_STRING'],
])('%s does not take %s, and the schema is refused as a whole', (type, protoType) => {
  expect(() => rowDecoder(message([field(1, { type: protoType })]), [column(type)], 'stream')).toThrow(
    'The proto field mismatched with BigQuery field at f1',
  )
})

test('packed and single items of a list may be mixed', () => {
  const descriptor = message([field(1, { label: 'LABEL_REPEATED' })])
  const bytes = write((w) => w.uint32(8).int64(1).uint32(10).fork().int64(2).int64(3).ldelim().uint32(8).int64(4))
  expect(decode(descriptor, [column('INT64', { mode: 'REPEATED' })], bytes)).toEqual({ row: [[1n, 2n, 3n, 4n]] })
})

test('a field that is not sent is NULL, a list empty; a field of another number is passed over', () => {
  const columns = [column('INT64'), column('STRING', { name: 'f2', mode: 'REPEATED' })]
  const descriptor = message([field(1, {}), field(2, { type: 'TYPE_STRING', label: 'LABEL_REPEATED' })])
  expect(
    decode(
      descriptor,
      columns,
      write((w) => w.uint32(26).string('x')),
    ),
  ).toEqual({ row: [null, []] })
})

test('messages nest, and a wrapper message is a scalar that may be absent', () => {
  const inner = message([field(1, { type: 'TYPE_MESSAGE', typeName: '.google.protobuf.Int64Value' })], {
    name: 'Inner',
  })
  const descriptor = message([field(1, { type: 'TYPE_MESSAGE', typeName: '.Row.Inner', label: 'LABEL_REPEATED' })], {
    nestedType: [inner],
  })
  const columns = [column('STRUCT', { mode: 'REPEATED', fields: [column('INT64')] })]
  const bytes = write((w) => {
    w.uint32(10).fork().uint32(10).fork().uint32(8).int64(7).ldelim().ldelim()
    w.uint32(10).fork().uint32(10).fork().ldelim().ldelim()
    w.uint32(10).fork().ldelim()
  })
  expect(decode(descriptor, columns, bytes)).toEqual({ row: [[[7n], [0n], [null]]] })
})

test('a column whose name cannot be that of a field has it as an annotation', () => {
  const options = { '.google.cloud.bigquery.storage.v1.columnName': 'my column' }
  const columns = [column('INT64', { name: 'my column' })]
  expect(
    decode(
      message([field(1, { options })]),
      columns,
      write((w) => w.uint32(8).int64(1)),
    ),
  ).toEqual({ row: [1n] })
})

test.each<[string, Uint8Array, string]>([
  ['bytes that end too early', Buffer.from([8]), 'Invalid proto row'],
  ['a value of another wire type', Buffer.from([13, 1, 0, 0, 0]), 'wire type'],
  ['a day out of range', write((w) => w.uint32(8).int64('99999999')), 'Cannot convert value of field f1 to DATE'],
])('%s is a fault of that row', (_what, bytes, error) => {
  expect(decode(message([field(1, {})]), [column('DATE')], bytes)).toEqual({ error: expect.stringContaining(error) })
})

test('change data capture and groups are refused by name', () => {
  const change = message([field(1, {}), field(2, { name: '_CHANGE_TYPE', type: 'TYPE_STRING' })])
  expect(() => rowDecoder(change, [column('INT64')], 'stream')).toThrow('_CHANGE_TYPE')
})

test.each<[string, Uint8Array]>([
  ['that is longer than the row', Buffer.from([10, 200, 1, ...Buffer.from('abc')])],
  ['that is no UTF-8', Buffer.from([10, 3, 0x61, 0xff, 0x62])],
])('a text %s is a fault of the row', (_, bytes) => {
  const descriptor = message([field(1, { type: 'TYPE_STRING' })])
  expect(decode(descriptor, [column('STRING')], bytes)).toEqual({ error: expect.stringContaining('Invalid proto row') })
})

test('a text keeps its byte order mark', () => {
  const descriptor = message([field(1, { type: 'TYPE_STRING' })])
  const bytes = write((w) => w.uint32(10).string('\ufeffa'))
  expect(decode(descriptor, [column('STRING')], bytes)).toEqual({ row: ['\ufeffa'] })
})
