import protobuf from 'protobufjs'
import { errorBody, invalidArgument, type ServiceError } from '../../shared/index.ts'
import { print } from './print.ts'
import type { Violation } from './reader.ts'

/** The details that errors here have (google/rpc/error_details.proto). */
const DETAILS = {
  BadRequest: {
    fields: { fieldViolations: { rule: 'repeated', type: 'FieldViolation', id: 1 } },
    nested: {
      FieldViolation: { fields: { field: { type: 'string', id: 1 }, description: { type: 'string', id: 2 } } },
    },
  },
  ErrorInfo: {
    fields: {
      reason: { type: 'string', id: 1 },
      domain: { type: 'string', id: 2 },
      metadata: { keyType: 'string', type: 'string', id: 3 },
    },
  },
}
const details = protobuf.Root.fromJSON({
  nested: { google: { nested: { rpc: { nested: DETAILS } } } },
}).resolveAll() as protobuf.Root

const BAD_REQUEST = 'google.rpc.BadRequest'

/** What the service answers to a request that it cannot read. */
export function badRequest(fieldViolations: readonly Violation[]): ServiceError {
  const type = details.lookupType(BAD_REQUEST)
  const value = type.encode(type.fromObject({ fieldViolations })).finish()
  return invalidArgument(fieldViolations.map(({ description }) => description).join('\n'), {
    details: [{ type: BAD_REQUEST, value }],
  })
}

/** `$.xgafv=1` asks for the older form, which has `errors` as well (cloud.google.com/apis/docs/system-parameters). */
export type ErrorForm = '1' | '2'

/** google.rpc.Status as Google's REST APIs write it (cloud.google.com/apis/design/errors#http_mapping). */
export function statusBody(thrown: ServiceError, form: ErrorForm) {
  const { code, message, errors, status } = errorBody(thrown).error
  const printed = (thrown.options.details ?? []).map(({ type: name, value }) => {
    const type = details.lookupType(name)
    return { '@type': `type.googleapis.com/${name}`, ...print(type, type.decode(value), { enumsAsInts: false }) }
  })
  return {
    error: { code, message, ...(form === '1' && { errors }), status, ...(printed.length > 0 && { details: printed }) },
  }
}
