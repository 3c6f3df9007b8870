import { bind, castTo, failure, runtime, textLiteral } from '../analyzer/expr.ts'
import { concatArrays } from '../analyzer/operators.ts'
import { unsupported } from '../errors.ts'
import { type Emit, fn } from './signature.ts'

const step: Emit = ([a, b, s], { result }) => {
  if (s === undefined) return castTo(`generate_series(${a}, ${b})`, result)
  return bind([a!, b!, s], (from, to, by) => {
    const zero = failure("'Sequence step cannot be 0.'", result)
    return `CASE WHEN ${by} = 0 THEN ${zero} ELSE ${castTo(`generate_series(${from}, ${to}, ${by})`, result)} END`
  })
}

const floats: Emit = ([a, b, s], { result }) =>
  bind(
    [runtime('generate_floats', a!, b!, s ?? '1')],
    (text) =>
      `CASE WHEN ${text} = '' THEN CAST([] AS DOUBLE[]) ELSE ${castTo(`string_split(${text}, ',')`, result)} END`,
  )

/** The first or last element; an empty array has none. */
const end =
  (index: string, name: string): Emit =>
  ([array], { result }) =>
    bind([array!], (a) => {
      const empty = failure(textLiteral(`${name} cannot get the element of an empty array`), result)
      return `CASE WHEN len(${a}) = 0 THEN ${empty} ELSE list_extract(${a}, ${index}) END`
    })

/** NULL elements are left out, or shown as the third argument says. */
const join: Emit = ([array, delimiter, missing]) =>
  runtime(missing ? 'array_join3' : 'array_join', array!, delimiter!, ...(missing ? [missing] : []))

export const arrays = [
  fn('ARRAY_LENGTH(ARRAY<T>) -> INT64', 'len'),
  fn('ARRAY_CONCAT(ARRAY<T>, [ARRAY<T>...]) -> ARRAY<T>', (args) =>
    args.length === 1 ? args[0]! : args.reduce((a, b) => concatArrays([a, b])),
  ),
  fn('ARRAY_REVERSE(ARRAY<T>) -> ARRAY<T>', 'list_reverse'),
  fn('ARRAY_FIRST(ARRAY<T>) -> T', end('1', 'ARRAY_FIRST')),
  fn('ARRAY_LAST(ARRAY<T>) -> T', end('-1', 'ARRAY_LAST')),
  fn('ARRAY_TO_STRING(ARRAY<STRING>, STRING, [STRING]) -> STRING', join),
  fn('GENERATE_ARRAY(INT64, INT64, [INT64]) -> ARRAY<INT64>', step),
  fn('GENERATE_ARRAY(NUMERIC, NUMERIC, [NUMERIC]) -> ARRAY<NUMERIC>', (_, { at }) => {
    throw unsupported('GENERATE_ARRAY of NUMERIC', at)
  }),
  fn('GENERATE_ARRAY(FLOAT64, FLOAT64, [FLOAT64]) -> ARRAY<FLOAT64>', floats),
]
