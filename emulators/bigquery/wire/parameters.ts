import { invalidArgument } from '../../shared/index.ts'
import { coerceScalar } from '../model/coerce.ts'
import type { SqlType } from '../model/schema.ts'
import type { Value } from '../model/value.ts'
import type { Parameter } from '../sql/index.ts'
import { Fields } from './fields.ts'
import { readType } from './schema.ts'

/** QueryParameter: `{ name?, parameterType, parameterValue }` (jobs.query, configuration.query.queryParameters). */
export const readParameters = (list: readonly unknown[] | null | undefined): Parameter[] =>
  (list ?? []).map((json) => {
    const parameter = new Fields(json, 'queryParameters')
    const name = parameter.text('name') || undefined
    const type = readParameterType(parameter.object('parameterType'))
    const value = readValue(type, parameter.object('parameterValue'), name ?? '')
    parameter.end()
    return { ...(name && { name }), type, value }
  })

function readParameterType(fields: Fields | null | undefined): SqlType {
  if (!fields) throw invalidArgument('Query parameter has no type.')
  const name = fields.needed('type').toUpperCase()
  const [element, members] = [fields.object('arrayType'), fields.list('structTypes')]
  fields.end()
  if (name === 'ARRAY') return { kind: 'ARRAY', element: readParameterType(element) }
  const kind = readType(name)
  if (kind !== 'STRUCT') return { kind }
  return {
    kind,
    fields: (members ?? []).map((json) => {
      const member = new Fields(json, 'structTypes')
      return { name: member.text('name') ?? '', type: readParameterType(member.object('type')) }
    }),
  }
}

function readValue(type: SqlType, fields: Fields | null | undefined, name: string): Value {
  if (!fields) return null
  if (type.kind === 'ARRAY') {
    const items = fields.list('arrayValues')
    return items ? items.map((item) => readValue(type.element, new Fields(item, 'arrayValues'), name)) : []
  }
  if (type.kind === 'STRUCT') {
    const members = fields.any('structValues')
    if (!members) return null
    const values = new Fields(members, 'structValues')
    return type.fields.map((field) => readValue(field.type, values.object(field.name), field.name))
  }
  const text = fields.scalar('value')
  fields.end()
  if (text === null || text === undefined) return null
  const value = coerceScalar(type.kind, text)
  if (value === undefined) {
    throw invalidArgument(`Invalid value for parameter ${name} of type ${type.kind}: ${text}`, { reason: 'invalid' })
  }
  return value
}
