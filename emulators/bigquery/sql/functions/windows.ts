import { castTo } from '../analyzer/expr.ts'
import { unsupported } from '../errors.ts'
import { type Emit, type EmitInfo, fn } from './signature.ts'

const numbering =
  (name: string): Emit =>
  (args, { aggregate, result }) =>
    castTo(aggregate(name, args), result)

/** LAG and LEAD count rows by a constant. */
const shifting =
  (name: string): Emit =>
  (args, info: EmitInfo) => {
    const offset = info.args[1]
    if (offset && (offset.constant === undefined || BigInt(offset.constant) < 0n))
      throw unsupported(`${name} with a computed offset`, info.at)
    return info.aggregate(name, args)
  }

const value =
  (name: string): Emit =>
  (args, { aggregate }) =>
    aggregate(name, args)

export const windows = [
  fn('ROW_NUMBER() -> INT64', numbering('row_number'), 'window'),
  fn('RANK() -> INT64', numbering('rank'), 'window'),
  fn('DENSE_RANK() -> INT64', numbering('dense_rank'), 'window'),
  fn('PERCENT_RANK() -> FLOAT64', numbering('percent_rank'), 'window'),
  fn('CUME_DIST() -> FLOAT64', numbering('cume_dist'), 'window'),
  fn('NTILE(INT64) -> INT64', numbering('ntile'), 'window'),
  fn('LAG(T, [INT64], [T]) -> T', shifting('lag'), 'window'),
  fn('LEAD(T, [INT64], [T]) -> T', shifting('lead'), 'window'),
  fn('FIRST_VALUE(T) -> T', value('first_value'), 'window'),
  fn('LAST_VALUE(T) -> T', value('last_value'), 'window'),
  fn('NTH_VALUE(T, INT64) -> T', value('nth_value'), 'window'),
]
