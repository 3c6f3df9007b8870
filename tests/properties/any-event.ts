import fc from 'fast-check'
import { z } from 'zod'
import { type Event, type EventDefinition, events } from '../../src/catalogue/index.ts'

/** As much of JSON Schema as the catalogue's types of field come to. */
interface Schema {
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly minLength?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

function any(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(any))
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => any({ ...schema, type })))
  switch (schema.type) {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [name, any(field)] as const)
      const model: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(fields)
      return fc.record(model, { requiredKeys: [...(schema.required ?? [])], noNullPrototype: true })
    }
    case 'array':
      return fc.array(any(schema.items!), { maxLength: 4 })
    case 'string':
      if (schema.format === 'date-time') return anyInstant
      return fc.string({ unit: 'binary', minLength: schema.minLength ?? 0, maxLength: 20 })
    case 'integer':
      return fc.maxSafeInteger()
    case 'number':
      return anyDecimal
    case 'null':
      return fc.constant(null)
  }
  throw new Error(`A field of the catalogue is of a kind that is not made here yet: ${JSON.stringify(schema)}`)
}

/** At most 15 digits, at most 9 of them after the point. */
const anyDecimal = fc
  .tuple(fc.integer({ min: -(10 ** 15 - 1), max: 10 ** 15 - 1 }), fc.nat(9))
  .map(([digits, scale]) => Number(`${digits}e-${scale}`))

const MINUTE_MS = 60_000
const YEARS = { min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }

const anyInstant = fc
  .tuple(fc.date(YEARS), fc.integer({ min: -14 * 60, max: 14 * 60 }), fc.stringMatching(/^(\.\d{1,9})?$/))
  .map(([time, minutes, fraction]) => {
    const local = new Date(time.getTime() + minutes * MINUTE_MS).toISOString()
    // An hour and its zone may lie in a year that RFC 3339 cannot write, though in UTC it can.
    if (!/^\d{4}-/.test(local) || local.startsWith('0000')) return `${time.toISOString().slice(0, 19)}${fraction}Z`
    const zone = `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
    return `${local.slice(0, 19)}${fraction}${minutes === 0 ? 'Z' : zone}`
  })

const two = (n: number) => String(Math.floor(n)).padStart(2, '0')

/** Any event that its definition takes, of any type of the catalogue. */
export const anyEvent: fc.Arbitrary<{ definition: EventDefinition; event: Event }> = fc.oneof(
  ...[...events.values()].map((definition) =>
    any(z.toJSONSchema(definition.schema) as Schema).map((event) => ({ definition, event: event as Event })),
  ),
)
