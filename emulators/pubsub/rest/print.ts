import protobuf from 'protobufjs'
import type { Plain } from './reader.ts'
import { writeScalar } from './scalar.ts'
import { WELL_KNOWN } from './well-known.ts'

export interface Printing {
  /** `alt=json;enum-encoding=int` asks for numbers instead of names. */
  readonly enumsAsInts: boolean
}

/** What a handler answered, as proto3 JSON. A field that has its default is left out, as the service does. */
export const print = (type: protobuf.Type, response: object, printing: Printing): Plain =>
  new Printer(printing).message(type, type.fromObject(response) as unknown as Plain)

class Printer {
  #enumsAsInts: boolean

  constructor({ enumsAsInts }: Printing) {
    this.#enumsAsInts = enumsAsInts
  }

  message(type: protobuf.Type, message: Plain): Plain {
    const set = type.fieldsArray.filter((field) => isPrinted(field, message))
    return Object.fromEntries(set.map((field) => [field.name, this.#field(field, message[field.name])]))
  }

  #field(field: protobuf.Field, value: unknown): unknown {
    if (field instanceof protobuf.MapField) {
      const entries = Object.entries(value as Plain).map(([key, item]) => [key, this.#value(field, item)])
      return Object.fromEntries(entries)
    }
    return field.repeated ? (value as unknown[]).map((item) => this.#value(field, item)) : this.#value(field, value)
  }

  #value({ resolvedType: type, type: scalar }: protobuf.FieldBase, value: unknown): unknown {
    if (type instanceof protobuf.Enum) return this.#enumsAsInts ? value : (type.valuesById[value as number] ?? value)
    if (!(type instanceof protobuf.Type)) return writeScalar(scalar, value)
    const wellKnown = WELL_KNOWN[type.fullName]
    return wellKnown ? wellKnown.write(value as never) : this.message(type, value as Plain)
  }
}

function isPrinted(field: protobuf.Field, message: Plain): boolean {
  const value = message[field.name]
  if (!Object.hasOwn(message, field.name) || value === null || value === undefined) return false
  if (field instanceof protobuf.MapField) return Object.keys(value).length > 0
  if (field.repeated) return (value as unknown[]).length > 0
  if (field.partOf || field.resolvedType instanceof protobuf.Type) return true
  if (field.type === 'bytes') return (value as Uint8Array).length > 0
  return String(value) !== String(field.typeDefault)
}
