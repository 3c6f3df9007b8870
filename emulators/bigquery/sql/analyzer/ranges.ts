import { bind, castTo, failure } from './expr.ts'
import { scalar } from './types.ts'

/** DuckDB's dates reach much further than GoogleSQL's years 1 to 9999: what leaves these is an error. */
const within = (
  sql: string,
  type: 'DATE' | 'DATETIME' | 'TIMESTAMP',
  low: string,
  high: string,
  message: string,
): string =>
  bind(
    [sql],
    (v) =>
      `CASE WHEN ${v} < ${low} OR ${v} >= ${high} THEN ${failure(`'${message}'`, scalar(type))} ELSE ${castTo(v, scalar(type))} END`,
  )

/** A DATE computed as a DuckDB TIMESTAMP or DATE. */
export const checkedDate = (sql: string): string =>
  within(sql, 'DATE', "DATE '0001-01-01'", "DATE '10000-01-01'", 'Date arithmetic results in a value out of range')

export const checkedDatetime = (sql: string): string =>
  within(
    sql,
    'DATETIME',
    "TIMESTAMP '0001-01-01 00:00:00'",
    "TIMESTAMP '10000-01-01 00:00:00'",
    'Datetime arithmetic results in a value out of range',
  )

export const checkedTimestamp = (sql: string): string =>
  within(
    sql,
    'TIMESTAMP',
    "TIMESTAMPTZ '0001-01-01 00:00:00+00'",
    "TIMESTAMPTZ '10000-01-01 00:00:00+00'",
    'Timestamp arithmetic results in a value out of range',
  )
