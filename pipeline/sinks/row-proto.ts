import { protos } from '@google-cloud/bigquery-storage'
import type { Column, TableDefinition } from '../../src/catalogue/index.ts'
import type { Cell, Row } from '../transforms/to-row.ts'
import { ProtoBytes } from './proto-bytes.ts'

type DescriptorProto = protos.google.protobuf.IDescriptorProto
type FieldDescriptorProto = protos.google.protobuf.IFieldDescriptorProto

const { Type, Label } = protos.google.protobuf.FieldDescriptorProto

/** cloud.google.com/bigquery/docs/supported-data-types: how each type is written in a protocol buffer. */
const TYPES = {
  STRING: Type.TYPE_STRING,
  INTEGER: Type.TYPE_INT64,
  NUMERIC: Type.TYPE_STRING,
  TIMESTAMP: Type.TYPE_INT64,
  DATE: Type.TYPE_INT32,
  RECORD: Type.TYPE_MESSAGE,
}
const LABELS = {
  REQUIRED: Label.LABEL_REQUIRED,
  NULLABLE: Label.LABEL_OPTIONAL,
  REPEATED: Label.LABEL_REPEATED,
}

/** The schema of the rows of a table: a field for each column, numbered from 1 in their order, as encodeRow does. */
export const descriptorOf = ({ table, columns }: Pick<TableDefinition, 'table' | 'columns'>): DescriptorProto =>
  message(table, columns)

const message = (name: string, columns: readonly Column[]): DescriptorProto => ({
  name,
  field: columns.map(field),
  nestedType: columns
    .filter(({ type }) => type === 'RECORD')
    .map((column) => message(typeName(column), column.fields!)),
})

const field = (column: Column, index: number): FieldDescriptorProto => ({
  name: column.name,
  number: index + 1,
  type: TYPES[column.type],
  label: LABELS[column.mode],
  ...(column.type === 'RECORD' && { typeName: typeName(column) }),
})

/** Not the column's own name: a field and a message of one scope must not share it. */
const typeName = ({ name }: Column): string => `${name}_record`

const bytes = new ProtoBytes()

/** A row in the protocol buffer that descriptorOf describes. */
export function encodeRow({ columns }: Pick<TableDefinition, 'columns'>, row: Row): Buffer {
  encode(columns, row)
  return bytes.take()
}

function encode(columns: readonly Column[], row: Row): void {
  for (const [index, column] of columns.entries()) {
    const value = row[column.name]
    if (value === undefined) continue
    if (!Array.isArray(value)) encodeCell(index + 1, column, value as Cell)
    else for (const item of value) encodeCell(index + 1, column, item)
  }
}

function encodeCell(number: number, { type, fields = [] }: Column, value: Cell): void {
  switch (type) {
    case 'STRING':
    case 'NUMERIC':
      bytes.string(number, value as string)
      break
    case 'INTEGER':
    case 'DATE':
    case 'TIMESTAMP':
      bytes.integer(number, value as number | bigint)
      break
    case 'RECORD':
      bytes.message(number, () => encode(fields, value as Row))
  }
}
