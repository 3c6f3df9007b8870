import type protobuf from 'protobufjs'
import { DECODING } from '../../shared/index.ts'
import { badRequest } from './error.ts'
import type { HttpRule } from './http-rule.ts'
import { fieldNamed, type Plain, Reader } from './reader.ts'
import { WELL_KNOWN } from './well-known.ts'

/** What of an HTTP request makes the message. */
export interface Parts {
  /** Percent-decoded: what the rule's variable stands for. */
  readonly path: string
  /** Without the parameters that all of Google's APIs have. */
  readonly query: URLSearchParams
  /** Undefined when there is none. */
  readonly body: unknown
}

/**
 * The request message as the gRPC codec would decode it. The path gives one field, the body the others; the query may
 * give some as well, `updateMask` above all, whatever google/api/http.proto says of bodies that are `*`: Terraform does so.
 * INVALID_ARGUMENT with all that is wrong.
 */
export function readRequest(rule: HttpRule, { path, query, body }: Parts): object {
  const type = rule.method.resolvedRequestType!
  const reader = new Reader()
  const fromBody = reader.message(type, body ?? {})
  const fromQuery = reader.message(type, bindQuery(type, query, reader))
  for (const name of Object.keys(fromQuery).filter((name) => name in fromBody)) {
    reader.refuse({ field: name, description: `The field '${name}' is given in the body and in the query.` })
  }
  if (!rule.hasBody) {
    for (const name of Object.keys(fromBody)) reader.refuse({ field: name, description: `${rule.verb} takes no body.` })
  }
  if (reader.violations.length > 0) throw badRequest(reader.violations)
  const request = { ...fromQuery, ...fromBody }
  set(request, rule.variable, path)
  return type.toObject(type.fromObject(request), DECODING)
}

/** `a.b=1` as `{ a: { b: '1' } }`. Parameters reach scalars, and what is one string in JSON. */
function bindQuery(type: protobuf.Type, query: URLSearchParams, reader: Reader): Plain {
  const bound: Plain = {}
  for (const name of new Set(query.keys())) {
    const fields = fieldsAlong(type, name.split('.'))
    const values = query.getAll(name)
    if (fields) set(bound, fields, values.length > 1 ? values : values[0])
    else {
      const why = `Cannot bind query parameter. Field '${name}' could not be found in request message.`
      reader.refuse({
        field: '',
        description: `Invalid JSON payload received. Unknown name ${JSON.stringify(name)}: ${why}`,
      })
    }
  }
  return bound
}

function fieldsAlong(type: protobuf.Type, [name, ...rest]: string[]): string[] | undefined {
  const field = fieldNamed(type, name!)
  if (!field || field.map) return undefined
  const inner = field.resolvedType && 'fieldsArray' in field.resolvedType ? field.resolvedType : undefined
  const isLeaf = inner === undefined || inner.fullName in WELL_KNOWN
  if (rest.length === 0) return isLeaf ? [field.name] : undefined
  if (isLeaf || field.repeated) return undefined
  const below = fieldsAlong(inner, rest)
  return below && [field.name, ...below]
}

function set(target: Plain, [name, ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[name!] = value
    return
  }
  target[name!] ??= {}
  set(target[name!] as Plain, rest, value)
}
