import { z } from 'zod'

/**
 * The kinds of field that an event may have. Each is a zod schema for the JSON that producers send, and knows the
 * BigQuery column that it becomes (see columns.ts). `description` is the column's description.
 */
export const columnTypes = z.registry<{ column: ScalarColumnType; description: string }>()

/** The names that BigQuery's REST API gives its types. */
export type ScalarColumnType = 'STRING' | 'INTEGER' | 'NUMERIC' | 'TIMESTAMP' | 'DATE'

function as<Schema extends z.ZodType>(schema: Schema, column: ScalarColumnType, description: string): Schema {
  columnTypes.add(schema, { column, description })
  return schema
}

export const text = (description: string) => as(z.string(), 'STRING', description)

/** A text that names something, so it cannot be empty. */
export const id = (description: string) => as(z.string().min(1, 'must not be empty'), 'STRING', description)

export const oneOf = <const Values extends readonly [string, ...string[]]>(description: string, values: Values) =>
  as(z.enum(values, `is not one of ${values.join(', ')}`), 'STRING', description)

/** A whole number. JSON numbers beyond ±(2^53 − 1) have lost digits before anybody could read them: refused. */
export const integer = (description: string) => as(z.int(), 'INTEGER', description)

/**
 * A decimal, sent as a JSON number: less than 10^15 in size, at most 9 digits after the point and 15 digits in all. Every
 * such decimal survives the double that JSON makes of it; one with more digits may not, so it is refused.
 */
export const decimal = (description: string) =>
  as(
    z
      .number()
      .refine((value) => Math.abs(value) < 1e15, 'must be less than 10^15 in size')
      .refine((value) => Number(value.toFixed(9)) === value, 'must not have more than 9 digits after the point')
      .refine((value) => Number(value.toPrecision(15)) === value, 'must not have more than 15 digits'),
    'NUMERIC',
    description,
  )

/** An instant in RFC 3339 with a zone, of the years that BigQuery has. It is stored in microseconds. */
export const instant = (description: string) =>
  as(
    z.iso.datetime({ offset: true, error: 'is not a time such as 2024-01-15T10:30:00Z' }).refine((value) => {
      const year = new Date(value).getUTCFullYear()
      return !(year < 1 || year > 9999) // NaN is no time at all, which has been said.
    }, 'is not in the years 1 to 9999 in UTC'),
    'TIMESTAMP',
    description,
  )

/** Nested fields; unknown ones are found by validate.ts, not refused. */
export const record = <Shape extends z.core.$ZodShape>(shape: Shape) => z.strictObject(shape)

export const list = <Item extends z.ZodType>(item: Item) => z.array(item)

/** A field that a producer may leave out or send as null: a NULLABLE column. */
export const optional = <Inner extends z.ZodType>(inner: Inner) => inner.nullish()
