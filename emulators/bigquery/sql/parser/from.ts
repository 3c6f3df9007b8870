import type { Expression, FromItem, Name } from '../ast.ts'
import { type Position, syntaxError, unsupported } from '../errors.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expressions.ts'
import { parseQuery, startsQuery } from './queries.ts'

type Join = Extract<FromItem, { kind: 'join' }>

/** What stands behind FROM: joins and commas, which bind alike and to the left. */
export function parseFrom(cursor: Cursor): FromItem {
  let left = fromPrimary(cursor)
  for (let length = 0; ; length++) {
    const { at } = cursor
    if (length === 200) throw syntaxError('Too many tables in one FROM clause', at)
    if (cursor.accept(',')) {
      left = { kind: 'join', type: 'CROSS', left, right: fromPrimary(cursor), at }
      continue
    }
    const type = joinType(cursor)
    if (!type) return left
    const right = fromPrimary(cursor)
    left = { kind: 'join', type, left, right, ...joinCondition(cursor, type, right), at }
  }
}

function joinType(cursor: Cursor): Join['type'] | undefined {
  if (cursor.sees('NATURAL')) throw unsupported('NATURAL JOIN', cursor.at)
  if (cursor.accept('JOIN') || cursor.accept('INNER', 'JOIN')) return 'INNER'
  if (cursor.accept('CROSS', 'JOIN')) return 'CROSS'
  for (const side of ['LEFT', 'RIGHT', 'FULL'] as const) {
    if (cursor.accept(side, 'OUTER', 'JOIN') || cursor.accept(side, 'JOIN')) return side
  }
  return undefined
}

/** A LEFT JOIN with an array needs no condition; whether a path is an array, only the analyzer knows. */
const isArray = (item: FromItem) => item.kind === 'unnest' || (item.kind === 'table' && item.path.length > 1)

function joinCondition(cursor: Cursor, type: Join['type'], right: FromItem): { on?: Expression; using?: Name[] } {
  if (type === 'CROSS') return {}
  if (cursor.accept('ON')) return { on: parseExpression(cursor) }
  if (cursor.accept('USING')) return { using: cursor.parenthesized(() => cursor.list(() => cursor.name())) }
  if (type === 'INNER' || (type === 'LEFT' && isArray(right))) return {}
  throw syntaxError(`${type} JOIN must have an immediately following ON or USING clause`, right.at)
}

function fromPrimary(cursor: Cursor): FromItem {
  const { at } = cursor
  const item = cursor.sees('UNNEST')
    ? unnest(cursor, at)
    : cursor.sees('(')
      ? parenthesized(cursor, at)
      : table(cursor, at)
  if (cursor.sees('PIVOT') || cursor.sees('UNPIVOT')) throw unsupported(cursor.peek().text.toUpperCase(), cursor.at)
  if (cursor.sees('TABLESAMPLE')) throw unsupported('TABLESAMPLE', cursor.at)
  if (cursor.sees('MATCH_RECOGNIZE')) throw unsupported('MATCH_RECOGNIZE', cursor.at)
  return item
}

function unnest(cursor: Cursor, at: Position): FromItem {
  cursor.expect('UNNEST')
  const array = cursor.parenthesized(() => parseExpression(cursor))
  return { kind: 'unnest', array, ...aliases(cursor), at }
}

function parenthesized(cursor: Cursor, at: Position): FromItem {
  return cursor.deeper(() => {
    if (startsQuery(cursor, 1)) {
      const query = cursor.parenthesized(() => parseQuery(cursor))
      const alias = fromAlias(cursor)
      return { kind: 'derived', query, ...(alias && { alias }), at }
    }
    return cursor.parenthesized(() => parseFrom(cursor))
  })
}

function table(cursor: Cursor, at: Position): FromItem {
  const path = parseTablePath(cursor)
  if (cursor.sees('(')) throw unsupported(`the table function ${path.map((p) => p.text).join('.')}`, at)
  const named = aliases(cursor)
  if (cursor.sees('FOR', 'SYSTEM_TIME') || cursor.sees('FOR', 'SYSTEM'))
    throw unsupported('FOR SYSTEM_TIME AS OF', cursor.at)
  return { kind: 'table', path, ...named, at }
}

function aliases(cursor: Cursor): { alias?: Name; offset?: Name } {
  const alias = fromAlias(cursor)
  if (!cursor.accept('WITH', 'OFFSET')) return { ...(alias && { alias }) }
  const { at } = cursor
  const offset = fromAlias(cursor) ?? { text: 'offset', at }
  return { ...(alias && { alias }), offset }
}

function fromAlias(cursor: Cursor): Name | undefined {
  const contextual = ['PIVOT', 'UNPIVOT', 'MATCH_RECOGNIZE']
  if (contextual.some((word) => cursor.sees(word)) && cursor.peek(1).text === '(') return undefined
  return cursor.alias()
}

const dashed = /[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)+/y

/**
 * A table's name in its parts. The first part may hold dashes without being quoted, and a quoted part may hold a whole
 * path (Lexical structure, "Table names").
 */
export function parseTablePath(cursor: Cursor): Name[] {
  const parts: Name[] = []
  do {
    const { at, start, kind } = cursor.peek()
    dashed.lastIndex = start
    const match = kind === 'identifier' && parts.length === 0 ? dashed.exec(cursor.source) : null
    const quoted = cursor.peek()
    if (match && quoted.kind === 'identifier' && !quoted.quoted) {
      cursor.skipTo(start + match[0].length)
      parts.push({ text: match[0], at })
      // The lexer reads `-123.orders` as the number `123.` and a word: the dot is already behind us.
      if (cursor.source[start + match[0].length] === '.' && !cursor.sees('.')) {
        parts.push(cursor.name(true))
      }
    } else if (quoted.kind === 'identifier' && quoted.quoted) {
      cursor.take()
      parts.push(...cut(quoted.text).map((text) => ({ text, at })))
    } else parts.push(cursor.name(parts.length > 0))
  } while (cursor.accept('.'))
  return parts
}

/** A project id of the form `domain.com:project` keeps its dot. */
function cut(path: string): string[] {
  const colon = path.indexOf(':')
  if (colon < 0) return path.split('.')
  const [first, ...rest] = path.slice(colon + 1).split('.')
  return [`${path.slice(0, colon)}:${first}`, ...rest]
}
