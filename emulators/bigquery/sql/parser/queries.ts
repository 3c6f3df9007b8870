import type { Expression, GroupBy, Name, Query, QueryBody, Select, SelectItem, SetOperation } from '../ast.ts'
import { type Position, syntaxError, unsupported } from '../errors.ts'
import { parseOrderBy, parseWindow } from './calls.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expressions.ts'
import { parseFrom } from './from.ts'

const isWord = (cursor: Cursor, ahead: number, words: readonly string[]) => {
  const token = cursor.peek(ahead)
  return token.kind === 'identifier' && !token.quoted && words.includes(token.text.toUpperCase())
}

const isSymbol = (cursor: Cursor, ahead: number, symbol: string) => {
  const token = cursor.peek(ahead)
  return token.kind === 'symbol' && token.text === symbol
}

/** Whether a query starts here. One in parentheses is a query only if nothing else goes on behind them: `(SELECT 1) + 1`. */
export function startsQuery(cursor: Cursor, ahead = 0): boolean {
  let depth = 0
  while (isSymbol(cursor, ahead + depth, '(')) depth++
  if (!isWord(cursor, ahead + depth, ['SELECT', 'WITH'])) return false
  let open = depth
  for (let i = ahead + depth; open > 0; i++) {
    if (cursor.peek(i).kind === 'end') return true
    if (isSymbol(cursor, i, '(')) open++
    if (!isSymbol(cursor, i, ')')) continue
    open--
    if (open < depth && !endsQuery(cursor, i + 1)) return false
    if (open < depth) depth = open
  }
  return true
}

function endsQuery(cursor: Cursor, ahead: number): boolean {
  const { kind } = cursor.peek(ahead)
  const closed = kind === 'end' || isSymbol(cursor, ahead, ')') || isSymbol(cursor, ahead, ';')
  return closed || isWord(cursor, ahead, ['UNION', 'INTERSECT', 'EXCEPT', 'ORDER', 'LIMIT'])
}

export function parseQuery(cursor: Cursor): Query {
  return cursor.deeper(() => {
    const { at } = cursor
    const ctes = cursor.accept('WITH') ? withList(cursor) : []
    const body = setOperations(cursor)
    const orderBy = cursor.accept('ORDER', 'BY') ? parseOrderBy(cursor) : []
    const limit = cursor.accept('LIMIT') ? parseExpression(cursor) : undefined
    const offset = limit && cursor.accept('OFFSET') ? parseExpression(cursor) : undefined
    if (cursor.sees('|>')) throw unsupported('pipe syntax', cursor.at)
    return { with: ctes, body, orderBy, ...(limit && { limit }), ...(offset && { offset }), at }
  })
}

function withList(cursor: Cursor): { name: Name; query: Query }[] {
  if (cursor.sees('RECURSIVE')) throw unsupported('WITH RECURSIVE', cursor.at)
  return cursor.list(() => {
    const name = cursor.name()
    cursor.expect('AS')
    return { name, query: cursor.parenthesized(() => parseQuery(cursor)) }
  })
}

function setOperations(cursor: Cursor): QueryBody {
  const { at } = cursor
  const inputs = [queryPrimary(cursor)]
  let op: SetOperation['op'] | undefined
  for (;;) {
    const position = cursor.at
    const next = setOperator(cursor)
    if (!next) break
    if (op && op !== next) {
      throw syntaxError(
        'Different set operations cannot be used in the same query without using parentheses for grouping',
        position,
      )
    }
    op = next
    inputs.push(queryPrimary(cursor))
  }
  return op ? { kind: 'set', op, inputs, at } : inputs[0]!
}

function setOperator(cursor: Cursor): SetOperation['op'] | undefined {
  for (const word of ['UNION', 'INTERSECT', 'EXCEPT'] as const) {
    if (!cursor.accept(word)) continue
    if (word === 'UNION' && cursor.accept('ALL')) return 'UNION ALL'
    if (cursor.sees('ALL')) throw unsupported(`${word} ALL`, cursor.at)
    cursor.expect('DISTINCT')
    for (const clause of ['BY', 'CORRESPONDING', 'STRICT']) {
      if (cursor.sees(clause)) throw unsupported(`${word} … ${clause}`, cursor.at)
    }
    return `${word} DISTINCT`
  }
  return undefined
}

function queryPrimary(cursor: Cursor): QueryBody {
  const { at } = cursor
  if (cursor.sees('(')) return { kind: 'query', query: cursor.parenthesized(() => parseQuery(cursor)), at }
  return select(cursor)
}

function select(cursor: Cursor): Select {
  const { at } = cursor
  cursor.expect('SELECT')
  if (cursor.sees('WITH')) throw unsupported('SELECT WITH', cursor.at)
  const distinct = cursor.accept('DISTINCT')
  if (!distinct) cursor.accept('ALL')
  const as = cursor.accept('AS', 'STRUCT') ? 'STRUCT' : cursor.accept('AS', 'VALUE') ? 'VALUE' : undefined
  if (cursor.sees('FROM')) throw syntaxError('SELECT list must not be empty', cursor.at)
  const items = selectList(cursor)
  const from = cursor.accept('FROM') ? parseFrom(cursor) : undefined
  const clause = (...words: string[]) => (cursor.accept(...words) ? parseExpression(cursor) : undefined)
  const where = clause('WHERE')
  const groupBy = cursor.accept('GROUP', 'BY') ? groupByClause(cursor) : undefined
  const having = clause('HAVING')
  const qualify = clause('QUALIFY')
  const windows = cursor.accept('WINDOW') ? cursor.list(() => namedWindow(cursor)) : []
  return {
    kind: 'select',
    distinct,
    ...(as && { as }),
    items,
    ...(from && { from }),
    ...(where && { where }),
    ...(groupBy && { groupBy }),
    ...(having && { having }),
    ...(qualify && { qualify }),
    windows,
    at,
  }
}

function namedWindow(cursor: Cursor): Select['windows'][number] {
  const name = cursor.name()
  cursor.expect('AS')
  if (cursor.sees('(')) return { name, window: parseWindow(cursor) }
  const { at } = cursor
  return { name, window: { base: cursor.name(), partitionBy: [], orderBy: [], at } }
}

/** The list behind SELECT; a comma after its last item is legal. */
function selectList(cursor: Cursor): SelectItem[] {
  const items = [selectItem(cursor)]
  while (cursor.accept(',')) {
    if (cursor.sees('FROM') || cursor.sees(')') || cursor.peek().kind === 'end') break
    items.push(selectItem(cursor))
  }
  return items
}

function selectItem(cursor: Cursor): SelectItem {
  const { at } = cursor
  if (cursor.accept('*')) return star(cursor, at)
  const of = starOwner(cursor)
  if (of) return star(cursor, at, of)
  const expression = parseExpression(cursor)
  const alias = cursor.alias()
  return { kind: 'expression', expression, ...(alias && { alias }) }
}

/** What stands before `.*`. */
function starOwner(cursor: Cursor): Expression | undefined {
  const start = cursor.mark()
  let of: Expression | undefined
  while (cursor.peek().kind === 'identifier' && !(of === undefined && cursor.isReserved())) {
    const { text: name, at } = cursor.name(true)
    of = of ? { kind: 'field', of, name, at: of.at } : { kind: 'identifier', name, at }
    if (!cursor.accept('.')) break
    if (cursor.accept('*')) return of
  }
  cursor.reset(start)
  return undefined
}

function star(cursor: Cursor, at: Position, of?: Expression): SelectItem {
  const except = cursor.accept('EXCEPT') ? cursor.parenthesized(() => cursor.list(() => cursor.name())) : []
  const replace = cursor.accept('REPLACE')
    ? cursor.parenthesized(() =>
        cursor.list(() => {
          const expression = parseExpression(cursor)
          cursor.accept('AS')
          return { expression, name: cursor.name() }
        }),
      )
    : []
  return { kind: 'star', ...(of && { of }), except, replace, at }
}

function groupByClause(cursor: Cursor): GroupBy {
  if (cursor.accept('ALL')) return { kind: 'all' }
  const keys = () => cursor.list(() => parseExpression(cursor))
  if (cursor.sees('(', ')')) {
    cursor.expect('(', ')')
    return { kind: 'keys', keys: [] }
  }
  if (cursor.accept('ROLLUP')) {
    const all = cursor.parenthesized(keys)
    return { kind: 'sets', sets: [...all.map((_, i) => all.slice(0, all.length - i)), []] }
  }
  if (cursor.accept('CUBE')) return { kind: 'sets', sets: cubeOf(cursor.parenthesized(keys), cursor.at) }
  if (cursor.accept('GROUPING', 'SETS')) {
    return { kind: 'sets', sets: cursor.parenthesized(() => cursor.list(() => groupingSet(cursor))) }
  }
  const all = keys()
  for (const word of ['ROLLUP', 'CUBE', 'GROUPING']) {
    if (cursor.sees(word)) throw unsupported(`${word} beside other keys`, cursor.at)
  }
  return { kind: 'keys', keys: all }
}

function cubeOf(keys: readonly Expression[], at: Position): Expression[][] {
  if (keys.length > 8) throw unsupported('CUBE of more than eight keys', at)
  return Array.from({ length: 2 ** keys.length }, (_, i) => keys.filter((_, k) => i & (1 << k)))
}

function groupingSet(cursor: Cursor): Expression[] {
  for (const word of ['ROLLUP', 'CUBE']) if (cursor.sees(word)) throw unsupported(`${word} in GROUPING SETS`, cursor.at)
  if (cursor.sees('(')) {
    return cursor.parenthesized(() => (cursor.sees(')') ? [] : cursor.list(() => parseExpression(cursor))))
  }
  return [parseExpression(cursor)]
}
