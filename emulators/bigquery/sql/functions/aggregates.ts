import { castTo, decimalOf, runtime } from '../analyzer/expr.ts'
import { unsupported } from '../errors.ts'
import { aggregate, type Emit } from './signature.ts'

const as = (kind: 'INT64' | 'FLOAT64' | 'NUMERIC' | 'BIGNUMERIC' | 'STRING', sql: string) => castTo(sql, { kind })

/** One of DuckDB's aggregates under the same semantics, in its own result type. */
const same =
  (name: string): Emit =>
  (args, info) =>
    info.aggregate(name, args)

const cast =
  (name: string): Emit =>
  (args, info) =>
    castTo(info.aggregate(name, args), info.result)

/** GoogleSQL's MIN and MAX of FLOAT64 are NaN where one value is; DuckDB holds NaN for the greatest. */
const least: Emit = ([x], { result, aggregate }) => {
  const min = aggregate('min', [x!])
  if (result.kind !== 'FLOAT64') return min
  return `CASE WHEN ${aggregate('bool_or', [`isnan(${x})`])} THEN CAST('NaN' AS DOUBLE) ELSE ${min} END`
}

const orderable = [
  'BOOL',
  'INT64',
  'FLOAT64',
  'NUMERIC',
  'BIGNUMERIC',
  'STRING',
  'BYTES',
  'DATE',
  'TIME',
  'DATETIME',
  'TIMESTAMP',
]

/** DuckDB's AVG of a DECIMAL is a DOUBLE; GoogleSQL's is a NUMERIC, rounded to nine decimals. */
const averageNumeric: Emit = (args, { aggregate }) => {
  const count = aggregate('count', args)
  const sum = as('STRING', aggregate('sum', args))
  return decimalOf(runtime('numeric_divide', sum, as('STRING', `nullif(${count}, 0)`)), 'NUMERIC')
}

/** A list of DuckDB's is never empty here: over no rows both give NULL. */
const arrayAgg: Emit = ([x], { aggregate }) => aggregate('list', [x!], { ordered: true })

/** Text of the values that are not NULL; with a LIMIT, of the first of them in order. */
const stringAgg: Emit = ([x, separator], { args, at, aggregate }) => {
  if (args[1] && args[1].constant === undefined) throw unsupported('STRING_AGG with a computed separator', at)
  return aggregate('string_agg', [x!, separator ?? "','"], { ordered: true })
}

const concatAgg: Emit = ([x], { aggregate }) =>
  `flatten(${aggregate('list', [x!], { ordered: true, filter: `${x} IS NOT NULL` })})`

/** DuckDB's arg_max passes over rows whose value is NULL, GoogleSQL's only over those whose key is. */
const extremeBy = (name: string, duck: string) =>
  orderable.map((t) =>
    aggregate(`${name}(ANY, ${t}) -> ANY`, ([x, y], info) => {
      if (t === 'FLOAT64') throw unsupported(`${name} by a FLOAT64`, info.at)
      return info.aggregate(`${duck}_null`, [x!, y!], { filter: `${y} IS NOT NULL` })
    }),
  )

const statistic = (name: string, duck: string, arity = 1) =>
  aggregate(`${name}(${Array.from({ length: arity }, () => 'FLOAT64').join(', ')}) -> FLOAT64`, (args, info) =>
    info.aggregate(duck, args),
  )

const statistics = (
  [
    ['STDDEV', 'stddev_samp'],
    ['STDDEV_SAMP', 'stddev_samp'],
    ['STDDEV_POP', 'stddev_pop'],
    ['VARIANCE', 'var_samp'],
    ['VAR_SAMP', 'var_samp'],
    ['VAR_POP', 'var_pop'],
  ] as const
).flatMap(([name, duck]) => [
  statistic(name, duck),
  aggregate(`${name}(NUMERIC) -> NUMERIC`, (_, { at }) => {
    throw unsupported(`${name} of NUMERIC`, at)
  }),
  aggregate(`${name}(INT64) -> FLOAT64`, ([x], info) => info.aggregate(duck, [as('FLOAT64', x!)])),
])

export const aggregates = [
  aggregate('COUNT(ANY) -> INT64', same('count')),
  aggregate('COUNTIF(BOOL) -> INT64', ([x], info) => info.aggregate('count', ['*'], { filter: x!, plain: true })),
  aggregate('SUM(INT64) -> INT64', cast('sum')),
  aggregate('SUM(FLOAT64) -> FLOAT64', cast('sum')),
  aggregate('SUM(NUMERIC) -> NUMERIC', cast('sum')),
  aggregate('SUM(BIGNUMERIC) -> BIGNUMERIC', cast('sum')),
  aggregate('AVG(INT64) -> FLOAT64', cast('avg')),
  aggregate('AVG(FLOAT64) -> FLOAT64', cast('avg')),
  aggregate('AVG(NUMERIC) -> NUMERIC', averageNumeric),
  aggregate('AVG(BIGNUMERIC) -> BIGNUMERIC', (_, { at }) => {
    throw unsupported('AVG of BIGNUMERIC', at)
  }),
  ...orderable.map((t) => aggregate(`MIN(${t}) -> ${t}`, least)),
  ...orderable.map((t) => aggregate(`MAX(${t}) -> ${t}`, same('max'))),
  ...extremeBy('MAX_BY', 'arg_max'),
  ...extremeBy('MIN_BY', 'arg_min'),
  aggregate('ANY_VALUE(T) -> T', same('any_value')),
  aggregate('ARRAY_AGG(T) -> ARRAY<T>', arrayAgg),
  aggregate('ARRAY_CONCAT_AGG(ARRAY<T>) -> ARRAY<T>', concatAgg),
  aggregate('STRING_AGG(STRING, [STRING]) -> STRING', stringAgg),
  aggregate('LOGICAL_AND(BOOL) -> BOOL', same('bool_and')),
  aggregate('LOGICAL_OR(BOOL) -> BOOL', same('bool_or')),
  aggregate('BIT_AND(INT64) -> INT64', same('bit_and')),
  aggregate('BIT_OR(INT64) -> INT64', same('bit_or')),
  aggregate('BIT_XOR(INT64) -> INT64', same('bit_xor')),
  // Exact, where BigQuery's is exact only up to some thousands of values.
  aggregate('APPROX_COUNT_DISTINCT(ANY) -> INT64', ([x], info) => {
    if (['STRUCT', 'ARRAY', 'JSON'].includes(info.args[0]!.type.kind))
      throw unsupported('APPROX_COUNT_DISTINCT of this type', info.at)
    return info.aggregate('count', [`DISTINCT ${x}`])
  }),
  ...statistics,
  statistic('CORR', 'corr', 2),
  statistic('COVAR_SAMP', 'covar_samp', 2),
  statistic('COVAR_POP', 'covar_pop', 2),
]
