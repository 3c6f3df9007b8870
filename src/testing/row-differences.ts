import { isDeepStrictEqual } from 'node:util'
import { decimalText, type Field, instantText, microsOf } from '../outputs/index.ts'

/** A value of a row that is not as expected. */
export interface Difference {
  /** `items[0].price` */
  readonly path: string
  readonly expected: unknown
  readonly actual: unknown
}

type Columns = Readonly<Record<string, unknown>>

/**
 * Where a row is not as expected: only the columns that are named are looked at, in records too. Decimals and instants
 * are compared by their value, in whatever form they are given; lists must be as long. Throws when a column is not there.
 */
export function* differencesOf(
  fields: readonly Field[],
  expected: Columns,
  row: Columns,
  at = '',
): Generator<Difference> {
  for (const [name, value] of Object.entries(expected)) {
    const field = fields.find((one) => one.name === name)
    const path = `${at}${at && '.'}${name}`
    if (!field) throw new Error(`There is no column ${path}; there are ${fields.map((one) => one.name).join(', ')}.`)
    yield* valueDifferences(field, value ?? null, row[name] ?? null, path)
  }
}

function* valueDifferences(field: Field, expected: unknown, actual: unknown, path: string): Generator<Difference> {
  if (isAsymmetric(expected)) {
    if (!formsOf(field, actual).some((form) => expected.asymmetricMatch(form))) yield { path, expected, actual }
    return
  }
  if (field.mode === 'REPEATED' && Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) yield { path, expected, actual }
    else {
      const one = { ...field, mode: 'NULLABLE' }
      for (const [i, value] of expected.entries()) yield* valueDifferences(one, value, actual[i], `${path}[${i}]`)
    }
    return
  }
  if (isRecord(field) && isObject(expected) && isObject(actual)) {
    yield* differencesOf(field.fields ?? [], expected, actual, path)
    return
  }
  if (!isDeepStrictEqual(asWritten(field, expected), actual)) yield { path, expected, actual }
}

/** A matcher of vitest's or Jest's, such as expect.any(Number). */
interface Asymmetric {
  asymmetricMatch(actual: unknown): boolean
}

const isAsymmetric = (value: unknown): value is Asymmetric =>
  isObject(value) && 'asymmetricMatch' in value && typeof value.asymmetricMatch === 'function'

/** A decimal stands as text, but whoever looks for a number means it too. */
const formsOf = (field: Field, actual: unknown): unknown[] =>
  isDecimal(field) && typeof actual === 'string' ? [actual, Number(actual)] : [actual]

const isRecord = ({ type }: Field) => type === 'RECORD' || type === 'STRUCT'
const isDecimal = ({ type = '', mode }: Field) => /^(BIG)?NUMERIC$/.test(type) && mode !== 'REPEATED'
const isInstant = ({ type }: Field) => type === 'TIMESTAMP'

/** What is expected in the form in which rows have it. What has no such form stays, and is like no row. */
function asWritten(field: Field, expected: unknown): unknown {
  const given = expected instanceof Date ? expected.toISOString() : expected
  if (typeof given === 'bigint') return Number.isSafeInteger(Number(given)) ? Number(given) : String(given)
  if (isDecimal(field) && (typeof given === 'number' || typeof given === 'string')) {
    return DECIMAL.test(String(given)) ? decimalText(String(given)) : given
  }
  return isInstant(field) && typeof given === 'string' && INSTANT.test(given) ? instantText(microsOf(given)) : given
}

const DECIMAL = /^[+-]?\d+(\.\d+)?([eE][+-]?\d{1,2})?$/
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

const isObject = (value: unknown): value is Columns => typeof value === 'object' && value !== null
