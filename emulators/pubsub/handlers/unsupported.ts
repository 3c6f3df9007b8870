import { snakeCase, unimplemented } from '../../shared/index.ts'

/** Refuses, by its name in the API, the first of `fields` that a request sets. */
export function refuseFields(resource: string, given: object, fields: readonly string[]): void {
  for (const field of fields) {
    if (isSet((given as Record<string, unknown>)[field])) throw unimplemented(`${resource}.${snakeCase(field)}`)
  }
}

/** The codec gives an absent field as null, or as the empty value of its type; a message that is there has fields. */
const isSet = (value: unknown) =>
  typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value)
