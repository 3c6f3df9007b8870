import type { Expression } from '../ast.ts'
import { syntaxError, unsupported } from '../errors.ts'
import { parseCall } from './calls.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expressions.ts'
import { parseQuery, startsQuery } from './queries.ts'
import { parseType } from './types.ts'

/** Words that make a literal of the string behind them. */
const literalTypes = new Set([
  'DATE',
  'TIME',
  'DATETIME',
  'TIMESTAMP',
  'NUMERIC',
  'DECIMAL',
  'BIGNUMERIC',
  'BIGDECIMAL',
  'JSON',
])

/** An operand with its field accesses and subscripts. */
export function parsePrimary(cursor: Cursor): Expression {
  let expression = operand(cursor)
  for (let length = 0; length < 100; length++) {
    const { at } = expression
    if (cursor.accept('.')) {
      if (cursor.sees('*')) throw unsupported('.* of an expression', cursor.at)
      if (cursor.sees('(')) throw unsupported('generalized field access', cursor.at)
      const { text, at: nameAt } = cursor.name(true)
      expression = { kind: 'field', of: expression, name: text, nameAt, at }
    } else if (cursor.accept('[')) {
      const index = parseExpression(cursor)
      cursor.expect(']')
      expression = { kind: 'index', of: expression, index, at }
    } else return expression
  }
  throw syntaxError('Too many field accesses in one expression', expression.at)
}

function operand(cursor: Cursor): Expression {
  const token = cursor.peek()
  const { at } = token
  switch (token.kind) {
    case 'integer':
      cursor.take()
      return { kind: 'literal', type: 'INT64', value: token.text, at }
    case 'float':
      cursor.take()
      return { kind: 'literal', type: 'FLOAT64', value: token.text, at }
    case 'string':
      cursor.take()
      return { kind: 'literal', type: 'STRING', value: token.text, at }
    case 'bytes':
      cursor.take()
      return { kind: 'bytes', value: token.bytes, at }
    case 'parameter':
      cursor.take()
      if (token.text.startsWith('@@')) return { kind: 'system', name: token.text, at }
      return parameter(token.text.slice(1), at)
    case 'symbol':
      return symbolOperand(cursor, token.text)
    case 'identifier':
      return wordOperand(cursor)
    default:
      return cursor.unexpected()
  }
}

/** `@p.name` is a field of `@p`. */
function parameter(path: string, at: Expression['at']): Expression {
  const [name, ...fields] = path.split('.')
  const root: Expression = { kind: 'parameter', name: name!, index: -1, at }
  return fields.reduce<Expression>((of, field) => ({ kind: 'field', of, name: field, at }), root)
}

function symbolOperand(cursor: Cursor, symbol: string): Expression {
  const { at } = cursor
  if (cursor.accept('?')) return { kind: 'parameter', index: cursor.nextParameter(), at }
  if (symbol === '(') {
    cursor.take()
    if (startsQuery(cursor)) {
      const query = parseQuery(cursor)
      cursor.expect(')')
      return { kind: 'subquery', how: 'scalar', query, at }
    }
    const items = cursor.list(() => parseExpression(cursor))
    cursor.expect(')')
    if (items.length === 1) return items[0]!
    return { kind: 'struct', items: items.map((expression) => ({ expression })), at }
  }
  if (symbol === '[') return arrayItems(cursor)
  return cursor.unexpected()
}

function arrayItems(cursor: Cursor): Extract<Expression, { kind: 'array' }> {
  const { at } = cursor
  cursor.expect('[')
  const items = cursor.sees(']') ? [] : cursor.list(() => parseExpression(cursor))
  cursor.expect(']')
  return { kind: 'array', items, at }
}

function wordOperand(cursor: Cursor): Expression {
  const token = cursor.peek()
  const { at } = token
  if (token.kind !== 'identifier') return cursor.unexpected()
  if (!token.quoted) {
    const keyword = keywordOperand(cursor, token.text.toUpperCase())
    if (keyword) return keyword
  }
  const call = parseCall(cursor)
  if (call) return call
  return { kind: 'identifier', name: cursor.name().text, at }
}

function keywordOperand(cursor: Cursor, word: string): Expression | undefined {
  const { at } = cursor
  const next = cursor.peek(1)
  if (literalTypes.has(word) && next.kind === 'string') {
    cursor.take()
    cursor.take()
    return { kind: 'typed', type: word.replace('DECIMAL', 'NUMERIC'), value: next.text, at }
  }
  switch (word) {
    case 'NULL':
      cursor.take()
      return { kind: 'null', at }
    case 'TRUE':
    case 'FALSE':
      cursor.take()
      return { kind: 'literal', type: 'BOOL', value: word, at }
    case 'CASE':
      return caseExpression(cursor)
    case 'CAST':
    case 'SAFE_CAST':
      return next.text === '(' ? cast(cursor) : undefined
    case 'EXTRACT':
      return extract(cursor)
    case 'EXISTS':
      cursor.take()
      return { kind: 'subquery', how: 'EXISTS', query: cursor.parenthesized(() => parseQuery(cursor)), at }
    case 'ARRAY':
      return arrayOperand(cursor)
    case 'STRUCT':
      return structOperand(cursor)
    case 'INTERVAL':
      return interval(cursor)
    case 'RANGE':
      if (next.text === '<') throw unsupported('RANGE', at)
      return undefined
    default:
      return undefined
  }
}

function caseExpression(cursor: Cursor): Expression {
  const { at } = cursor
  cursor.expect('CASE')
  const operand = cursor.sees('WHEN') ? undefined : parseExpression(cursor)
  const whens: { when: Expression; result: Expression }[] = []
  do {
    cursor.expect('WHEN')
    const when = parseExpression(cursor)
    cursor.expect('THEN')
    whens.push({ when, result: parseExpression(cursor) })
  } while (cursor.sees('WHEN'))
  const otherwise = cursor.accept('ELSE') ? parseExpression(cursor) : undefined
  cursor.expect('END')
  return { kind: 'case', whens, ...(operand && { operand }), ...(otherwise && { otherwise }), at }
}

function cast(cursor: Cursor): Expression {
  const { at } = cursor
  const safe = cursor.take().text.toUpperCase() === 'SAFE_CAST'
  return cursor.parenthesized(() => {
    const arg = parseExpression(cursor)
    cursor.expect('AS')
    const type = parseType(cursor)
    if (cursor.sees('FORMAT')) throw unsupported('CAST … FORMAT', cursor.at)
    return { kind: 'cast', arg, type, safe, at }
  })
}

function extract(cursor: Cursor): Expression {
  const { at } = cursor
  cursor.expect('EXTRACT')
  return cursor.parenthesized(() => {
    const part = parsePrimary(cursor)
    cursor.expect('FROM')
    const arg = parseExpression(cursor)
    const zone = cursor.accept('AT', 'TIME', 'ZONE') ? parseExpression(cursor) : undefined
    return { kind: 'extract', part, arg, ...(zone && { zone }), at }
  })
}

function arrayOperand(cursor: Cursor): Expression {
  const { at } = cursor
  if (cursor.sees('ARRAY', '<')) {
    const type = parseType(cursor)
    if (type.kind !== 'ARRAY') return cursor.unexpected()
    return { ...arrayItems(cursor), element: type.element, at }
  }
  cursor.expect('ARRAY')
  if (cursor.sees('[')) return { ...arrayItems(cursor), at }
  return { kind: 'subquery', how: 'ARRAY', query: cursor.parenthesized(() => parseQuery(cursor)), at }
}

function structOperand(cursor: Cursor): Expression {
  const { at } = cursor
  const type = cursor.sees('STRUCT', '<') ? parseType(cursor) : undefined
  if (!type) cursor.expect('STRUCT')
  const items = cursor.parenthesized(() => (cursor.sees(')') ? [] : cursor.list(() => structItem(cursor, !type))))
  return { kind: 'struct', items, ...(type && { type }), at }
}

function structItem(cursor: Cursor, named: boolean): { expression: Expression; alias?: string } {
  const expression = parseExpression(cursor)
  if (named && cursor.accept('AS')) return { expression, alias: cursor.name().text }
  const inferred = expression.kind === 'identifier' || expression.kind === 'field' ? expression.name : undefined
  return named && inferred !== undefined ? { expression, alias: inferred } : { expression }
}

function interval(cursor: Cursor): Expression {
  const { at } = cursor
  cursor.expect('INTERVAL')
  const value = parseExpression(cursor)
  const from = cursor.name(true).text.toUpperCase()
  const to = cursor.accept('TO') ? cursor.name(true).text.toUpperCase() : undefined
  return { kind: 'interval', value, from, ...(to && { to }), at }
}
