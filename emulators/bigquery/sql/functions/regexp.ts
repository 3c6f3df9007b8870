import { bind, type Expr, nullOf } from '../analyzer/expr.ts'
import { invalidQuery, unsupported } from '../errors.ts'
import { type Emit, type EmitInfo, fn } from './signature.ts'

/** How many groups a pattern captures. What RE2 does not have is refused by DuckDB's RE2 itself. */
function groups(pattern: Expr, { at }: EmitInfo, name: string): number {
  const { constant } = pattern
  if (constant === undefined) throw unsupported(`${name} with a computed pattern`, at)
  const plain = constant
    .replaceAll(/\\Q[\s\S]*?(?:\\E|$)/g, '')
    .replaceAll(/\\[\s\S]/g, '')
    .replaceAll(/\[\^?\]?(?:\[:\^?\w+:\]|[^\]])*\]/g, '')
  return [...plain.matchAll(/\((?!\?)|\(\?P?<\w/g)].length
}

/** The pattern's first group, or all of the match. */
function group(info: EmitInfo, name: string): 0 | 1 {
  const count = groups(info.args[1]!, info, name)
  if (count > 1)
    throw invalidQuery(`Regular expressions passed into extraction functions must not have more than 1 capturing group`)
  return count === 1 ? 1 : 0
}

const extract: Emit = ([text, pattern], info) => {
  const index = group(info, 'REGEXP_EXTRACT')
  return bind(
    [text!],
    (t) => `CASE WHEN regexp_matches(${t}, ${pattern}) THEN regexp_extract(${t}, ${pattern}, ${index}) END`,
  )
}

const extractAll: Emit = ([text, pattern], info) =>
  `CASE WHEN ${text} IS NULL THEN ${nullOf(info.result)} ELSE regexp_extract_all(${text}, ${pattern}, ${group(info, 'REGEXP_EXTRACT_ALL')}) END`

/** `\1` … in the replacement stand for groups, as in RE2; anything else behind a backslash is an error. */
const replace: Emit = (args, info) => {
  const replacement = info.args[2]!.constant
  const count = groups(info.args[1]!, info, 'REGEXP_REPLACE')
  if (replacement === undefined) throw unsupported('REGEXP_REPLACE with a computed replacement', info.at)
  for (const [whole, digit] of replacement.matchAll(/\\([\s\S]?)/g)) {
    if (digit === '\\') continue
    if (!/\d/.test(digit!) || Number(digit) > count) throw invalidQuery(`Invalid REGEXP_REPLACE pattern: ${whole}`)
  }
  return `regexp_replace(${args.join(', ')}, 'g')`
}

export const regexps = [
  fn('REGEXP_CONTAINS(STRING, STRING) -> BOOL', 'regexp_matches'),
  ...['REGEXP_EXTRACT', 'REGEXP_SUBSTR'].map((name) =>
    fn(`${name}(STRING, STRING, [INT64], [INT64]) -> STRING`, (args, info) => {
      if (args.length > 2) throw unsupported(`${name} with a position`, info.at)
      return extract(args, info)
    }),
  ),
  fn('REGEXP_EXTRACT_ALL(STRING, STRING) -> ARRAY<STRING>', extractAll),
  fn('REGEXP_REPLACE(STRING, STRING, STRING) -> STRING', replace),
]
