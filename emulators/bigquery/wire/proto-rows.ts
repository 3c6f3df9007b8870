import protobuf from 'protobufjs'
import { invalidArgument, ServiceError, unimplemented } from '../../shared/index.ts'
import type { Column } from '../model/schema.ts'
import { restType } from '../model/schema-evolution.ts'
import type { Row, Value } from '../model/value.ts'
import { WriteFault } from '../model/write-fault.ts'
import {
  columnNameOf,
  type DescriptorProto,
  type FieldDescriptorProto,
  findEnum,
  findMessage,
  wrapped,
} from './proto-descriptor.ts'
import { fromRaw, type Raw, READERS, takes, wireTypeOf } from './proto-values.ts'

/** Decodes serialised rows of one writer schema for one table's columns. */
export interface RowDecoder {
  /** A text says what is wrong with the row. */
  decode(bytes: Uint8Array): { readonly row: Row } | { readonly error: string }
}

/** Thrown inside `decode` only: one row is bad, the rest of the request is looked at all the same. */
class RowFault extends Error {}

interface FieldPlan {
  readonly index: number
  readonly wireType: number
  readonly repeated: boolean
  readonly read: (reader: protobuf.Reader) => Value
}
interface MessagePlan {
  readonly columns: readonly Column[]
  readonly fields: ReadonlyMap<number, FieldPlan>
  readonly path: string
}
interface Scope {
  readonly root: DescriptorProto
  /** The stream, for errors. */
  readonly entity: string
  /** The record that holds the fields, with a point at its end. */
  readonly path: string
}

/** Throws INVALID_ARGUMENT when the schema does not fit the table, so that no row of it could. */
export function rowDecoder(root: DescriptorProto, columns: readonly Column[], entity: string): RowDecoder {
  const plan = planMessage(root, columns, { root, entity, path: '' })
  return {
    decode(bytes) {
      try {
        return { row: readMessage(plan, protobuf.Reader.create(bytes)) }
      } catch (thrown) {
        if (thrown instanceof ServiceError) throw thrown
        // A RangeError or an Error of the reader: the bytes are no message of this schema.
        return {
          error: thrown instanceof RowFault ? thrown.message : `Invalid proto row: ${(thrown as Error).message}`,
        }
      }
    },
  }
}

function planMessage(message: DescriptorProto, columns: readonly Column[], scope: Scope): MessagePlan {
  const byName = new Map(columns.map((column, index) => [column.name.toLowerCase(), { column, index }]))
  const extra = message.field.map(columnNameOf).filter((name) => !byName.has(name.toLowerCase()))
  const change = extra.find((name) => /^_change_(type|sequence_number)$/i.test(name))
  if (change) throw unimplemented(`change data capture (${change})`)
  if (extra.length > 0) {
    const names = extra.map((name) => `${scope.path}${name}`).join(',')
    const text = `Input schema has more fields than BigQuery schema, extra fields: '${names}'`
    const storageCode = 'SCHEMA_MISMATCH_EXTRA_FIELDS'
    throw new WriteFault('INVALID_ARGUMENT', text, { storageCode, entity: scope.entity })
  }
  const fields = message.field.map((field): [number, FieldPlan] => {
    const { column, index } = byName.get(columnNameOf(field).toLowerCase())!
    return [field.number, { index, ...planField(field, column, scope) }]
  })
  return { columns, fields: new Map(fields), path: scope.path }
}

function planField(field: FieldDescriptorProto, column: Column, scope: Scope): Omit<FieldPlan, 'index'> {
  const repeated = field.label === 'LABEL_REPEATED'
  if (repeated !== (column.mode === 'REPEATED')) throw mismatch(field, column, scope)
  const inner = field.type === 'TYPE_MESSAGE' ? wrapped(field.typeName) : undefined
  const scalar = inner ?? field
  if (column.type !== 'STRUCT' && scalar.type !== 'TYPE_MESSAGE') {
    if (!takes(column.type, scalar.type)) throw mismatch(field, column, scope)
    const read = planScalar(scalar, column, scope)
    return { repeated, wireType: wireTypeOf(field.type), read: inner ? unwrapping(read) : read }
  }
  if (field.type === 'TYPE_GROUP') throw unimplemented('a protobuf group')
  const message = field.type === 'TYPE_MESSAGE' ? findMessage(scope.root, field.typeName) : undefined
  if (!message || column.type !== 'STRUCT') throw mismatch(field, column, scope)
  const plan = planMessage(message, column.fields ?? [], { ...scope, path: `${scope.path}${column.name}.` })
  return { repeated, wireType: 2, read: (reader) => readMessage(plan, part(reader)) }
}

function planScalar(field: FieldDescriptorProto, column: Column, scope: Scope): (reader: protobuf.Reader) => Value {
  const type = column.type as Exclude<Column['type'], 'STRUCT'>
  const read = READERS[field.type]!
  const names = field.type === 'TYPE_ENUM' && type === 'STRING' ? enumNames(field, scope) : undefined
  return (reader) => {
    const raw: Raw = names ? nameOf(names, read(reader)) : read(reader)
    const value = fromRaw(type, raw)
    if (value !== undefined) return value
    throw new RowFault(`Cannot convert value of field ${scope.path}${column.name} to ${type}: ${raw}`)
  }
}

const enumNames = (field: FieldDescriptorProto, { root }: Scope) =>
  new Map(findEnum(root, field.typeName)?.value.map(({ number, name }) => [number, name]))

const nameOf = (names: ReadonlyMap<number, string>, raw: Raw) => names.get(Number(raw)) ?? String(raw)

const mismatch = (field: FieldDescriptorProto, column: Column, { path }: Scope) =>
  invalidArgument(
    `The proto field mismatched with BigQuery field at ${path}${column.name}, the proto field type ${field.type.slice(5).toLowerCase()}, BigQuery field type ${column.mode === 'REPEATED' ? 'REPEATED ' : ''}${restType(column.type)}.`,
  )

const part = (reader: protobuf.Reader) => protobuf.Reader.create(reader.bytes())

/** Of a wrapper message: its `value`, or the type's zero when it is not set. */
const unwrapping = (read: (reader: protobuf.Reader) => Value) => (reader: protobuf.Reader) => {
  const message = part(reader)
  let value: Value = null
  while (message.pos < message.len) {
    const tag = message.uint32()
    if (tag >>> 3 === 1) value = read(message)
    else message.skipType(tag & 7)
  }
  return value ?? read(protobuf.Reader.create(new Uint8Array(8)))
}

function readMessage({ columns, fields, path }: MessagePlan, reader: protobuf.Reader): Row {
  const row: Value[] = columns.map((column) => (column.mode === 'REPEATED' ? [] : null))
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    const field = fields.get(tag >>> 3)
    if (!field) reader.skipType(tag & 7)
    else if (field.repeated) readRepeated(row[field.index] as Value[], field, { reader, wireType: tag & 7 })
    else if (field.wireType === (tag & 7)) row[field.index] = field.read(reader)
    else throw new RowFault(`Field ${path}${columns[field.index]!.name} has wire type ${tag & 7}.`)
  }
  const missing = columns.find((column, i) => column.mode === 'REQUIRED' && row[i] === null)
  if (missing) throw new RowFault(`Missing required field: ${path}${missing.name}.`)
  return row
}

/** Packed and single items may be mixed (protobuf.dev/programming-guides/encoding#packed). */
function readRepeated(
  items: Value[],
  field: FieldPlan,
  { reader, wireType }: { reader: protobuf.Reader; wireType: number },
): void {
  if (wireType !== 2 || field.wireType === 2) {
    items.push(field.read(reader))
    return
  }
  const packed = part(reader)
  while (packed.pos < packed.len) items.push(field.read(packed))
}
