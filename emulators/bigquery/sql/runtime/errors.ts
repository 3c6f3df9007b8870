import { type ServiceError, unimplemented } from '../../../shared/index.ts'
import { invalidQuery } from '../errors.ts'

/** What DuckDB reports while it runs compiled SQL, in BigQuery's words. */
const translations: readonly [RegExp, (match: RegExpMatchArray) => string][] = [
  [
    /^Out of Range Error: Overflow in (?:(?:addition|subtraction|multiplication) of INT64|negation)/,
    () => 'Integer Overflow',
  ],
  [/^Out of Range Error: Overflow (?:on abs|in \w+).*(?:INT64|BIGINT|-9223372036854775808)/, () => 'Integer Overflow'],
  [/^Conversion Error: Type (?:INT128|HUGEINT) with value .* can't be cast .*INT64/, () => 'Integer Overflow'],
  [
    /^(?:Out of Range Error: Overflow in \w+ of DECIMAL|Conversion Error: Could not cast value .* to DECIMAL|Out of Range Error: .*DECIMAL)/,
    () => 'numeric overflow',
  ],
  [/More than one row returned by a subquery/, () => 'Scalar subquery produced more than one element'],
  [
    /^Invalid Input Error: ((?:missing|invalid|bad|unexpected|no argument for)[^:]*(?:\)|\]|escape|UTF|repetition|class|group|perl|range|\\)[^:]*:.*)$/,
    ([, text]) => `Cannot parse regular expression: ${text}`,
  ],
  [/^Not implemented Error: Unknown TimeZone '([^']*)'/, ([, zone]) => `Invalid time zone: ${zone}`],
  [
    /^(?:Conversion|Out of Range) Error: .*(?:timestamp|date|interval)/i,
    () => 'Date or time arithmetic results in a value out of range',
  ],
  [
    /^Conversion Error: Type INT64 with value .* can't be cast .*INT32/,
    () => 'Date or time arithmetic results in a value out of range',
  ],
]

/** Messages of the functions in this folder arrive as DuckDB passes them on. */
const own = /^Invalid Input Error: ([\s\S]*)$/

/** A query's error as the service reports it; undefined for what no statement should be able to cause. */
export function runtimeError(duckdbMessage: string): ServiceError | undefined {
  for (const [pattern, message] of translations) {
    const match = duckdbMessage.match(pattern)
    if (match) return invalidQuery(message(match))
  }
  const text = own.exec(duckdbMessage)?.[1]
  if (text === undefined) return undefined
  const refused = /^unsupported: ([\s\S]*)$/.exec(text)
  return refused ? unimplemented(refused[1]!) : invalidQuery(text)
}
