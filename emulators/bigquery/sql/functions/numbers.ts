import { bind, castTo, decimalOf, nullOf, orNull, runtime } from '../analyzer/expr.ts'
import { scalar } from '../analyzer/types.ts'
import { unsupported } from '../errors.ts'
import { type Emit, fn } from './signature.ts'

const text = (sql: string) => castTo(sql, scalar('STRING'))
const numeric = (name: string, ...args: readonly string[]) => decimalOf(runtime(name, ...args), 'NUMERIC')

const own =
  (name: string): Emit =>
  (args) =>
    runtime(name, ...args)

/** What the function itself reports becomes NULL; what its arguments report does not. */
const safe =
  (emit: Emit): Emit =>
  (args, info) =>
    bind(args, (...names) => orNull(emit(names, info)))

const refuse =
  (what: string): Emit =>
  (_, info) => {
    throw unsupported(what, info.at)
  }

/** A function of FLOAT64, which INT64 becomes; of NUMERIC it would be a NUMERIC, which we cannot compute exactly. */
const floating = (name: string, emit: Emit) => [
  fn(`${name}(INT64) -> FLOAT64`, ([v], info) => emit([castTo(v!, scalar('FLOAT64'))], info)),
  fn(`${name}(FLOAT64) -> FLOAT64`, emit),
  fn(`${name}(NUMERIC) -> NUMERIC`, refuse(`${name} of NUMERIC`)),
  fn(`${name}(BIGNUMERIC) -> BIGNUMERIC`, refuse(`${name} of BIGNUMERIC`)),
]

const transcendental = ['SQRT', 'EXP', 'LN', 'CBRT'].flatMap((name) => floating(name, own(name.toLowerCase())))
const trigonometric = [
  'SIN',
  'COS',
  'TAN',
  'ATAN',
  'SINH',
  'COSH',
  'TANH',
  'ASINH',
  'ASIN',
  'ACOS',
  'ACOSH',
  'ATANH',
  'SEC',
  'CSC',
  'COT',
  'SECH',
  'CSCH',
  'COTH',
]

/** ROUND and TRUNC, to a number of decimals. */
const rounding = ['ROUND', 'TRUNC'].flatMap((name) => {
  const emit: Emit = ([v, n]) => runtime(`float_${name.toLowerCase()}`, v!, n ?? '0')
  return [
    fn(`${name}(INT64, [INT64]) -> FLOAT64`, ([v, n], info) =>
      emit([castTo(v!, scalar('FLOAT64')), ...(n ? [n] : [])], info),
    ),
    fn(`${name}(FLOAT64, [INT64]) -> FLOAT64`, emit),
    fn(`${name}(NUMERIC, [INT64]) -> NUMERIC`, ([v, n]) =>
      numeric(`numeric_${name.toLowerCase()}`, text(v!), n ?? '0'),
    ),
    fn(`${name}(BIGNUMERIC, [INT64]) -> BIGNUMERIC`, refuse(`${name} of BIGNUMERIC`)),
  ]
})

const whole = ['CEIL', 'CEILING', 'FLOOR'].flatMap((name) => {
  const duck = name === 'FLOOR' ? 'floor' : 'ceil'
  return [
    fn(`${name}(INT64) -> FLOAT64`, ([v]) => castTo(v!, scalar('FLOAT64'))),
    fn(`${name}(FLOAT64) -> FLOAT64`, duck),
    fn(`${name}(NUMERIC) -> NUMERIC`, ([v]) => numeric(`numeric_${duck}`, text(v!))),
    fn(`${name}(BIGNUMERIC) -> BIGNUMERIC`, refuse(`${name} of BIGNUMERIC`)),
  ]
})

const power = ['POW', 'POWER'].flatMap((name) => [
  fn(`${name}(INT64, INT64) -> FLOAT64`, ([a, b]) =>
    runtime('pow', castTo(a!, scalar('FLOAT64')), castTo(b!, scalar('FLOAT64'))),
  ),
  fn(`${name}(FLOAT64, FLOAT64) -> FLOAT64`, own('pow')),
  fn(`${name}(NUMERIC, NUMERIC) -> NUMERIC`, refuse(`${name} of NUMERIC`)),
  fn(`${name}(BIGNUMERIC, BIGNUMERIC) -> BIGNUMERIC`, refuse(`${name} of BIGNUMERIC`)),
])

/** SAFE_ADD and its siblings: the operator, with NULL for an overflow. */
const safeOperators = (
  [
    ['SAFE_ADD', '+'],
    ['SAFE_SUBTRACT', '-'],
    ['SAFE_MULTIPLY', '*'],
  ] as const
).flatMap(([name, op]) => {
  const word = name.slice(5).toLowerCase()
  const native: Emit = ([a, b]) => `(${a} ${op} ${b})`
  const decimal: Emit = op === '*' ? ([a, b]) => numeric('numeric_multiply', text(a!), text(b!)) : native
  return [
    fn(`${name}(INT64, INT64) -> INT64`, safe(native)),
    fn(`${name}(NUMERIC, NUMERIC) -> NUMERIC`, safe(decimal)),
    fn(`${name}(BIGNUMERIC, BIGNUMERIC) -> BIGNUMERIC`, refuse(`${name} of BIGNUMERIC`)),
    fn(`${name}(FLOAT64, FLOAT64) -> FLOAT64`, safe(own(`float_${word}`))),
  ]
})

const kinds = ['INT64', 'FLOAT64', 'NUMERIC', 'BIGNUMERIC'] as const

/** NULL where one is NULL, NaN where one is NaN: DuckDB would pass over the one, and take the other for the greatest. */
const extreme =
  (duck: 'greatest' | 'least'): Emit =>
  (args, { result }) =>
    bind(args, (...names) => {
      const missing = names.map((n) => `${n} IS NULL`).join(' OR ')
      const nan =
        result.kind === 'FLOAT64'
          ? ` WHEN ${names.map((n) => `isnan(${n})`).join(' OR ')} THEN CAST('NaN' AS DOUBLE)`
          : ''
      return `CASE WHEN ${missing} THEN ${nullOf(result)}${nan} ELSE ${duck}(${names.join(', ')}) END`
    })

const ordered = ['BOOL', 'STRING', 'BYTES', 'DATE', 'TIME', 'DATETIME', 'TIMESTAMP', ...kinds]

export const numbers = [
  fn('ABS(INT64) -> INT64', 'abs'),
  fn('ABS(FLOAT64) -> FLOAT64', 'abs'),
  fn('ABS(NUMERIC) -> NUMERIC', 'abs'),
  fn('ABS(BIGNUMERIC) -> BIGNUMERIC', 'abs'),
  fn('SIGN(INT64) -> INT64', ([v], { result }) => castTo(`sign(${v})`, result)),
  fn('SIGN(FLOAT64) -> FLOAT64', own('float_sign')),
  fn('SIGN(NUMERIC) -> NUMERIC', ([v], { result }) => castTo(`sign(${v})`, result)),
  ...rounding,
  ...whole,
  ...transcendental,
  ...power,
  ...floating('LOG10', own('log10')),
  ...floating('LOG', own('ln')),
  fn('LOG(FLOAT64, FLOAT64) -> FLOAT64', own('log')),
  ...trigonometric.map((name) => fn(`${name}(FLOAT64) -> FLOAT64`, own(name.toLowerCase()))),
  fn('ATAN2(FLOAT64, FLOAT64) -> FLOAT64', own('atan2')),
  fn('MOD(INT64, INT64) -> INT64', own('int_mod')),
  fn('MOD(NUMERIC, NUMERIC) -> NUMERIC', ([a, b]) => numeric('numeric_mod', text(a!), text(b!))),
  fn('DIV(INT64, INT64) -> INT64', own('int_div')),
  fn('DIV(NUMERIC, NUMERIC) -> NUMERIC', ([a, b]) => numeric('numeric_div', text(a!), text(b!))),
  fn('SAFE_DIVIDE(FLOAT64, FLOAT64) -> FLOAT64', safe(own('float_divide'))),
  fn(
    'SAFE_DIVIDE(INT64, INT64) -> FLOAT64',
    safe(([a, b]) => runtime('float_divide', castTo(a!, scalar('FLOAT64')), castTo(b!, scalar('FLOAT64')))),
  ),
  fn(
    'SAFE_DIVIDE(NUMERIC, NUMERIC) -> NUMERIC',
    safe(([a, b]) => numeric('numeric_divide', text(a!), text(b!))),
  ),
  fn('SAFE_DIVIDE(BIGNUMERIC, BIGNUMERIC) -> BIGNUMERIC', refuse('SAFE_DIVIDE of BIGNUMERIC')),
  ...safeOperators,
  ...kinds.map((k) =>
    fn(
      `SAFE_NEGATE(${k}) -> ${k}`,
      safe(([v]) => `(-${v})`),
    ),
  ),
  fn('IEEE_DIVIDE(FLOAT64, FLOAT64) -> FLOAT64', own('ieee_divide')),
  fn('IS_NAN(FLOAT64) -> BOOL', 'isnan'),
  fn('IS_INF(FLOAT64) -> BOOL', 'isinf'),
  fn('RAND() -> FLOAT64', 'random'),
  fn('GENERATE_UUID() -> STRING', () => castTo('uuid()', scalar('STRING'))),
  fn('BIT_COUNT(INT64) -> INT64', own('bit_count')),
  fn('PARSE_NUMERIC(STRING) -> NUMERIC', ([v]) => numeric('numeric', v!)),
  fn('PARSE_BIGNUMERIC(STRING) -> BIGNUMERIC', ([v]) => decimalOf(runtime('bignumeric', v!), 'BIGNUMERIC')),
  ...ordered.flatMap((t) => [
    fn(`GREATEST(${t}, [${t}...]) -> ${t}`, extreme('greatest')),
    fn(`LEAST(${t}, [${t}...]) -> ${t}`, extreme('least')),
  ]),
]
