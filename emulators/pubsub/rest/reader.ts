import protobuf from 'protobufjs'
import { camelCase, snakeCase } from '../../shared/index.ts'
import { Problem, READ_SCALAR, type Read } from './scalar.ts'
import { isPlainObject, WELL_KNOWN } from './well-known.ts'

/** One entry of google.rpc.BadRequest. */
export interface Violation {
  /** Where, in the names of the .proto file: `messages[0].data`; '' for the request itself. */
  readonly field: string
  readonly description: string
}

export type Plain = Record<string, unknown>

/**
 * Reads proto3 JSON (protobuf.dev/programming-guides/json) into objects that protobufjs makes messages of. What cannot be
 * read becomes a violation, in the words of the service, and all of a request are told together.
 */
export class Reader {
  readonly violations: Violation[] = []

  /** A field may come under either of its names: `ackIds` or `ack_ids`. */
  message(type: protobuf.Type, json: unknown, path = ''): Plain {
    if (!isPlainObject(json)) {
      if (path === '') this.#unknown('', path, 'Root element must be a message.')
      else this.#invalid(path, `type.googleapis.com/${type.fullName.slice(1)}`, JSON.stringify(json))
      return {}
    }
    const read: Plain = {}
    for (const [name, value] of Object.entries(json)) {
      const field = fieldNamed(type, name)
      if (!field) this.#unknown(name, path, 'Cannot find field.')
      else if (field.name in read) this.#unknown(name, path, 'The field is given twice.')
      else if (value !== null && this.#isFree(field, read, path)) read[field.name] = this.#field(field, value, path)
    }
    return read
  }

  refuse(violation: Violation): void {
    this.violations.push(violation)
  }

  #isFree(field: protobuf.Field, read: Plain, path: string): boolean {
    const other = field.partOf?.oneof.find((name) => name in read)
    if (other === undefined) return true
    const oneof = `oneof field '${field.partOf!.name}' is already set. Cannot set '${field.name}'`
    this.#invalid(path, 'oneof', oneof)
    return false
  }

  #field(field: protobuf.Field, json: unknown, parent: string): unknown {
    const path = parent === '' ? snakeCase(field.name) : `${parent}.${snakeCase(field.name)}`
    if (field instanceof protobuf.MapField) return this.#map(field, json, path)
    if (!field.repeated && Array.isArray(json)) {
      this.#unknown(field.name, parent, 'Proto field is not repeating, cannot start list.')
      return undefined
    }
    if (!field.repeated) return this.#value(field, json, path)
    const items = Array.isArray(json) ? json : [json]
    return items.map((item, index) => this.#value(field, item, `${path}[${index}]`))
  }

  #map(field: protobuf.MapField, json: unknown, path: string): unknown {
    if (!isPlainObject(json)) return this.#invalid(path, 'map', JSON.stringify(json))
    const entries = Object.entries(json).map(([key, value]) => [key, this.#value(field, value, `${path}[${key}]`)])
    return Object.fromEntries(entries)
  }

  #value(field: protobuf.FieldBase, json: unknown, path: string): unknown {
    const type = field.resolvedType
    if (type instanceof protobuf.Type) {
      const wellKnown = WELL_KNOWN[type.fullName]
      if (!wellKnown) return this.message(type, json, path)
      return this.#read(wellKnown.read, json, { path, type: googleType(type), prefix: `Field '${field.name}', ` })
    }
    if (type) return this.#read(readEnum(type), json, { path, type: googleType(type), prefix: '' })
    const scalar = READ_SCALAR[field.type]
    if (!scalar) throw new Error(`${field.fullName}: no JSON form of ${field.type} is known here`)
    return this.#read(scalar, json, { path, type: `TYPE_${field.type.toUpperCase()}`, prefix: '' })
  }

  #read(read: Read, json: unknown, { path, type, prefix }: { path: string; type: string; prefix: string }): unknown {
    const value = isPlainObject(json) && type.startsWith('TYPE_') ? new Problem(OBJECT) : read(json)
    if (!(value instanceof Problem)) return value
    return this.#invalid(path, type, value.text === '' ? JSON.stringify(json) : prefix + value.text)
  }

  #unknown(name: string, path: string, why: string): void {
    const at = path === '' ? '' : ` at '${path}'`
    this.refuse({
      field: path,
      description: `Invalid JSON payload received. Unknown name ${JSON.stringify(name)}${at}: ${why}`,
    })
  }

  #invalid(path: string, type: string, what: string): undefined {
    const at = path === '' ? '' : ` at '${path}'`
    this.refuse({ field: path, description: `Invalid value${at} (${type}), ${what}` })
  }
}

const OBJECT = 'Starting an object on a scalar field'

const googleType = (type: protobuf.Type | protobuf.Enum) => `type.googleapis.com/${type.fullName.slice(1)}`

/** By its name in JSON or in the .proto file. */
export function fieldNamed(type: protobuf.Type, name: string): protobuf.Field | undefined {
  const camel = camelCase(name)
  return Object.hasOwn(type.fields, camel) ? type.fields[camel] : undefined
}

const readEnum =
  ({ values, valuesById }: protobuf.Enum): Read =>
  (json) => {
    if (typeof json === 'string' && Object.hasOwn(values, json)) return values[json]
    return Number.isInteger(json) && valuesById[json as number] !== undefined ? json : new Problem()
  }
