import { adapt, managedwriter, protos } from '@google-cloud/bigquery-storage'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Column, deadLetters, tables } from '../../src/catalogue/index.ts'
import type { Row } from '../transforms/to-row.ts'
import { descriptorOf, encodeRow } from './row-proto.ts'

type Table = Parameters<typeof descriptorOf>[0]

/** The bytes that Google's own writer sends for the same row. */
function byGoogle(table: Table, row: Row): Buffer {
  let sent: Uint8Array[] = []
  const connection = {
    onSchemaUpdated() {},
    getStreamId: () => 'a stream',
    write({ protoRows }: protos.google.cloud.bigquery.storage.v1.IAppendRowsRequest) {
      sent = protoRows!.rows!.serializedRows as Uint8Array[]
    },
  }
  const writer = new managedwriter.JSONWriter({
    connection: connection as unknown as ConstructorParameters<typeof managedwriter.JSONWriter>[0]['connection'],
    protoDescriptor: protos.google.protobuf.DescriptorProto.fromObject(descriptorOf(table)),
  })
  writer.appendRows([withoutBigInt(row) as never])
  return Buffer.from(sent[0]!)
}

const withoutBigInt = (value: unknown): unknown =>
  typeof value === 'bigint'
    ? Number(value)
    : Array.isArray(value)
      ? value.map(withoutBigInt)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutBigInt(inner)]))
        : value

const text = fc.string({ unit: 'grapheme' })
const cells = {
  STRING: fc.oneof(
    text,
    text.map((short) => short.repeat(40)),
  ),
  NUMERIC: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  INTEGER: fc.maxSafeInteger(),
  // Google's writer takes numbers only.
  TIMESTAMP: fc.maxSafeInteger().map(BigInt),
  DATE: fc.integer({ min: -719162, max: 2932896 }),
}

const rowOf = (columns: readonly Column[]): fc.Arbitrary<Row> =>
  fc.record(
    Object.fromEntries(
      columns.map((column) => {
        const cell = column.type === 'RECORD' ? rowOf(column.fields!) : cells[column.type]
        return [column.name, column.mode === 'REPEATED' ? fc.array<unknown>(cell, { maxLength: 3 }) : cell]
      }),
    ),
    { requiredKeys: columns.filter(({ mode }) => mode !== 'NULLABLE').map(({ name }) => name) },
  ) as fc.Arbitrary<Row>

test.each(tables.map((table) => [table.table, table] as const))(
  'a row of %s is encoded as by Google',
  (_name, table) => {
    fc.assert(fc.property(rowOf(table.columns), (row) => encodeRow(table, row).equals(byGoogle(table, row))))
  },
)

test.each(tables.map((table) => [table.table, table] as const))(
  'the schema of %s has the numbers, types and labels that Google derives from the columns',
  (_name, { table, columns }) => {
    const schema = adapt.convertBigQuerySchemaToStorageTableSchema({ fields: columns as never })
    const derived = adapt.convertStorageSchemaToProto2Descriptor(schema, table)
    expect(outlineOf(descriptorOf({ table, columns }))).toEqual(outlineOf(derived))
  },
)

type Descriptor = protos.google.protobuf.IDescriptorProto

/** A descriptor, but for the names of its nested types. */
const outlineOf = ({ field, nestedType }: Descriptor): unknown =>
  field!.map(({ name, number, type, label, typeName }) => {
    const nested = nestedType?.find((inner) => typeName && inner.name === typeName.split('.').at(-1))
    return { name, number, type, label, ...(nested && { fields: outlineOf(nested) }) }
  })

test('more than fifteen columns, and texts of any length, are encoded as by Google', () => {
  const columns = Array.from({ length: 40 }, (_, i): Column => ({ name: `c${i}`, type: 'STRING', mode: 'NULLABLE' }))
  const table = { table: 'wide', columns }
  for (const length of [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
    const row = { c0: 'é', c20: 'x'.repeat(length), c39: 'end' }
    expect(encodeRow(table, row).equals(byGoogle(table, row))).toBe(true)
  }
})

test('the largest times are encoded in full', () => {
  const table = { table: 't', columns: deadLetters.columns.filter(({ type }) => type === 'TIMESTAMP').slice(0, 1) }
  const bytes = encodeRow(table, { [table.columns[0]!.name]: 253402300799999999n })
  expect(bytes.toString('hex')).toBe('08ffbfcde3cc8191c203')
})
