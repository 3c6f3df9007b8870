import type { Call, Expression, FrameBound, OrderItem, Window } from '../ast.ts'
import { unsupported } from '../errors.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expressions.ts'

/** Reserved words that are functions' names all the same. */
const callable = new Set(['IF', 'LEFT', 'RIGHT', 'GROUPING', 'RANGE', 'HASH', 'COLLATE'])

/** A function call, if one starts here. */
export function parseCall(cursor: Cursor): Call | undefined {
  if (cursor.isReserved() && !callable.has(cursor.peek().text.toUpperCase())) return undefined
  const parts = callName(cursor)
  if (!parts) return undefined
  const { at } = cursor
  cursor.skipTo(cursor.peek(parts.length * 2 - 1).start)
  const safe = parts.length > 1 && parts[0]!.toUpperCase() === 'SAFE'
  const call = cursor.parenthesized(() => argumentsOf(cursor))
  const over = cursor.accept('OVER') ? overClause(cursor) : undefined
  return { kind: 'call', name: safe ? parts.slice(1) : parts, safe, ...call, ...(over && { over }), at }
}

/** The parts of `a.b.c` when a parenthesis follows. */
function callName(cursor: Cursor): string[] | undefined {
  const parts: string[] = []
  for (let i = 0; cursor.peek(i).kind === 'identifier'; i += 2) {
    parts.push(cursor.peek(i).text)
    const next = cursor.peek(i + 1)
    if (next.kind === 'symbol' && next.text === '(') return parts
    if (next.kind !== 'symbol' || next.text !== '.') return undefined
  }
  return undefined
}

type Arguments = Omit<Call, 'kind' | 'name' | 'safe' | 'over' | 'at'>

function argumentsOf(cursor: Cursor): Arguments {
  const distinct = cursor.accept('DISTINCT')
  const args = cursor.sees(')') ? [] : cursor.list(() => argument(cursor))
  let nulls: Call['nulls']
  if (cursor.accept('IGNORE', 'NULLS')) nulls = 'IGNORE'
  else if (cursor.accept('RESPECT', 'NULLS')) nulls = 'RESPECT'
  if (cursor.sees('HAVING')) throw unsupported('HAVING MAX/MIN in an aggregate function', cursor.at)
  const orderBy = cursor.accept('ORDER', 'BY') ? parseOrderBy(cursor) : []
  const limit = cursor.accept('LIMIT') ? parseExpression(cursor) : undefined
  return { distinct, args, orderBy, ...(nulls && { nulls }), ...(limit && { limit }) }
}

function argument(cursor: Cursor): Expression {
  const { at } = cursor
  if (cursor.accept('*')) return { kind: 'star', at }
  for (const word of ['TABLE', 'MODEL']) {
    if (cursor.sees(word) && cursor.peek(1).kind === 'identifier') throw unsupported(`${word} arguments`, at)
  }
  if (cursor.peek(1).text === '=>') throw unsupported(`the named argument ${cursor.peek().text}`, at)
  const expression = parseExpression(cursor)
  if (cursor.sees('->')) throw unsupported('lambda expressions', at)
  return expression
}

export function parseOrderBy(cursor: Cursor): OrderItem[] {
  return cursor.list(() => {
    const expression = parseExpression(cursor)
    if (cursor.sees('COLLATE')) throw unsupported('COLLATE', cursor.at)
    const descending = cursor.accept('DESC') || (cursor.accept('ASC') && false)
    let nulls: OrderItem['nulls']
    if (cursor.accept('NULLS', 'FIRST')) nulls = 'FIRST'
    else if (cursor.accept('NULLS', 'LAST')) nulls = 'LAST'
    return { expression, descending, ...(nulls && { nulls }) }
  })
}

function overClause(cursor: Cursor): Window {
  if (cursor.sees('(')) return parseWindow(cursor)
  const { at } = cursor
  return { base: cursor.name(), partitionBy: [], orderBy: [], at }
}

/** What stands in the parentheses of OVER and of WINDOW. */
export function parseWindow(cursor: Cursor): Window {
  const { at } = cursor
  return cursor.parenthesized(() => {
    const base = cursor.peek().kind === 'identifier' && !cursor.isReserved() ? cursor.name() : undefined
    const partitionBy = cursor.accept('PARTITION', 'BY') ? cursor.list(() => parseExpression(cursor)) : []
    const orderBy = cursor.accept('ORDER', 'BY') ? parseOrderBy(cursor) : []
    const frame = frameClause(cursor)
    return { partitionBy, orderBy, ...(base && { base }), ...(frame && { frame }), at }
  })
}

function frameClause(cursor: Cursor): Window['frame'] {
  const unit = cursor.accept('ROWS') ? 'ROWS' : cursor.accept('RANGE') ? 'RANGE' : undefined
  if (!unit) return undefined
  if (!cursor.accept('BETWEEN')) return { unit, from: frameBound(cursor), to: { kind: 'CURRENT ROW' } }
  const from = frameBound(cursor)
  cursor.expect('AND')
  return { unit, from, to: frameBound(cursor) }
}

function frameBound(cursor: Cursor): FrameBound {
  if (cursor.accept('CURRENT', 'ROW')) return { kind: 'CURRENT ROW' }
  const offset = cursor.accept('UNBOUNDED') ? undefined : parseExpression(cursor)
  const direction = cursor.accept('FOLLOWING') ? 'FOLLOWING' : 'PRECEDING'
  if (direction === 'PRECEDING') cursor.expect('PRECEDING')
  return offset ? { kind: direction, offset } : { kind: `UNBOUNDED ${direction}` }
}
