import { castTo, runtime } from '../analyzer/expr.ts'
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
  return as('NUMERIC', runtime('numeric_divide', sum, as('STRING', `nullif(${count}, 0)`)))
}

/** A list of DuckDB's is never empty here: over no rows both give NULL. */
const arrayAgg: Emit = ([x], { aggregate }) => aggregate('list', [x!], { ordered: true })

const deviation = (name: string, duck: string) =>
  aggregate(`${name}(FLOAT64) -> FLOAT64`, ([x], info) => castTo(info.aggregate(duck, [x!]), info.result))

export const aggregates = [
  aggregate('COUNT(ANY) -> INT64', same('count')),
  aggregate('COUNTIF(BOOL) -> INT64', ([x], info) => info.aggregate('count', ['*'], { filter: x! })),
  aggregate('SUM(INT64) -> INT64', cast('sum')),
  aggregate('SUM(FLOAT64) -> FLOAT64', cast('sum')),
  aggregate('SUM(NUMERIC) -> NUMERIC', cast('sum')),
  aggregate('SUM(BIGNUMERIC) -> BIGNUMERIC', cast('sum')),
  aggregate('AVG(INT64) -> FLOAT64', cast('avg')),
  aggregate('AVG(FLOAT64) -> FLOAT64', cast('avg')),
  aggregate('AVG(NUMERIC) -> NUMERIC', averageNumeric),
  ...orderable.map((t) => aggregate(`MIN(${t}) -> ${t}`, least)),
  ...orderable.map((t) => aggregate(`MAX(${t}) -> ${t}`, same('max'))),
  aggregate('ANY_VALUE(T) -> T', same('any_value')),
  aggregate('ARRAY_AGG(T) -> ARRAY<T>', arrayAgg),
  aggregate('LOGICAL_AND(BOOL) -> BOOL', same('bool_and')),
  aggregate('LOGICAL_OR(BOOL) -> BOOL', same('bool_or')),
  deviation('STDDEV', 'stddev_samp'),
]
