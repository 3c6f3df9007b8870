import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Property {
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly string[]
  readonly readOnly?: boolean
  readonly $ref?: string
  readonly items?: Property
  readonly additionalProperties?: { readonly type: string }
}

interface Schema {
  readonly properties: Readonly<Record<string, Property>>
}

interface Method {
  readonly httpMethod: string
  readonly path: string
  readonly parameters: Readonly<Record<string, Property & { readonly location: string }>>
}

/** What Google publishes of its API (developers.google.com/discovery), as far as it is about jobs. */
export const v1b3: {
  readonly rootUrl: string
  readonly methods: Readonly<Record<'create' | 'list', Method>>
  readonly schemas: Readonly<Record<string, Schema>>
} = JSON.parse(readFileSync(join(import.meta.dirname, 'v1b3.json'), 'utf8'))

/** What a service that knows this schema alone would not understand: fields, types and enum values, each by its path. */
export function faultsOf(schema: string, value: unknown, path = schema): string[] {
  const known = v1b3.schemas[schema]
  if (!known) return [`${path}: ${schema} is not among the schemas`]
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`]
  return Object.entries(value).flatMap(([name, field]) => {
    const property = known.properties[name]
    const at = `${path}.${name}`
    if (!property) return [`${at} is unknown`]
    return property.readOnly ? [`${at} is for the service to set`] : faultsOfProperty(property, field, at)
  })
}

function faultsOfProperty(property: Property, value: unknown, at: string): string[] {
  const { $ref, type, items, additionalProperties } = property
  if ($ref) return faultsOf($ref, value, at)
  if (type === 'array') {
    if (!Array.isArray(value)) return [`${at} is no array`]
    return value.flatMap((item, index) => faultsOfProperty(items!, item, `${at}[${index}]`))
  }
  if (type === 'object') {
    if (typeof value !== 'object' || value === null) return [`${at} is no object`]
    const strings = additionalProperties?.type === 'string'
    return Object.entries(value).flatMap(([key, one]) =>
      strings && typeof one !== 'string' ? [`${at}.${key} is no string`] : [],
    )
  }
  return isScalar(property, value) ? [] : [`${at} is ${JSON.stringify(value)}`]
}

function isScalar({ type, format, enum: values }: Property, value: unknown): boolean {
  if (values) return values.includes(value as string)
  if (type === 'integer') return Number.isInteger(value) && (format !== 'int32' || Math.abs(Number(value)) < 2 ** 31)
  return type === 'any' || typeof value === type
}
