import type { Call } from '../ast.ts'
import { aggregates } from './aggregates.ts'
import { arrays } from './arrays.ts'
import { conditionals } from './conditional.ts'
import { jsons } from './json.ts'
import { numbers } from './numbers.ts'
import { regexps } from './regexp.ts'
import type { Overload } from './signature.ts'
import { strings } from './strings.ts'
import { times } from './times.ts'
import { windows } from './windows.ts'

/** All overloads by function name, in the order in which BigQuery's messages list them. */
export const overloads: ReadonlyMap<string, readonly Overload[]> = Map.groupBy(
  [...aggregates, ...windows, ...conditionals, ...strings, ...regexps, ...numbers, ...times, ...arrays, ...jsons],
  (overload) => overload.name,
)

/** Whether a call needs the rows of a group. */
export function isAggregate(call: Call): boolean {
  const name = call.name.join('.').toUpperCase()
  return name === 'GROUPING' || overloads.get(name)?.[0]?.kind === 'aggregate'
}
