import type { Expression } from '../ast.ts'
import { syntaxError, unsupported } from '../errors.ts'
import type { Cursor } from './cursor.ts'
import { parsePrimary } from './primary.ts'
import { parseQuery, startsQuery } from './queries.ts'

/** An expression, by GoogleSQL's operator precedence (Operators, "Operator precedence"). */
export const parseExpression = (cursor: Cursor): Expression => cursor.deeper(() => logical(cursor, 'OR'))

function logical(cursor: Cursor, op: 'AND' | 'OR'): Expression {
  const { at } = cursor
  const operand = () => (op === 'OR' ? logical(cursor, 'AND') : not(cursor))
  const args = [operand()]
  while (cursor.accept(op)) args.push(operand())
  return args.length === 1 ? args[0]! : { kind: 'logical', op, args, at }
}

function not(cursor: Cursor): Expression {
  const { at } = cursor
  if (cursor.accept('NOT')) return cursor.deeper(() => ({ kind: 'unary', op: 'NOT', arg: not(cursor), at }))
  return comparison(cursor)
}

const comparisons = ['=', '<', '>', '<=', '>=', '!=', '<>']

function comparison(cursor: Cursor): Expression {
  const left = bitOr(cursor)
  const { at } = left
  const token = cursor.peek()
  if (token.kind === 'symbol' && comparisons.includes(token.text)) {
    cursor.take()
    const op = token.text === '<>' ? '!=' : token.text
    const right = bitOr(cursor)
    return chainless(cursor, { kind: 'binary', op, left, right, at })
  }
  if (cursor.accept('IS')) return chainless(cursor, isTest(cursor, left))
  const negated = cursor.sees('NOT') && ['IN', 'LIKE', 'BETWEEN'].some((word) => cursor.sees('NOT', word))
  if (negated) cursor.take()
  if (cursor.accept('LIKE')) {
    for (const word of ['ANY', 'SOME', 'ALL']) if (cursor.sees(word)) throw unsupported(`LIKE ${word}`, cursor.at)
    return chainless(cursor, { kind: 'like', left, right: bitOr(cursor), not: negated, at })
  }
  if (cursor.accept('BETWEEN')) {
    const low = bitOr(cursor)
    cursor.expect('AND')
    return chainless(cursor, { kind: 'between', arg: left, low, high: bitOr(cursor), not: negated, at })
  }
  if (cursor.accept('IN')) return chainless(cursor, inTest(cursor, left, negated))
  return left
}

/** Comparisons do not associate: `a = b = c` is a syntax error. */
function chainless(cursor: Cursor, expression: Expression): Expression {
  const token = cursor.peek()
  if (token.kind === 'symbol' && comparisons.includes(token.text)) cursor.unexpected()
  return expression
}

function isTest(cursor: Cursor, left: Expression): Expression {
  const not = cursor.accept('NOT')
  const { at } = left
  if (cursor.accept('DISTINCT')) {
    cursor.expect('FROM')
    return { kind: 'distinct', left, right: bitOr(cursor), not, at }
  }
  if (cursor.accept('UNKNOWN')) return { kind: 'is', arg: left, what: 'NULL', not, at }
  for (const what of ['NULL', 'TRUE', 'FALSE'] as const) {
    if (cursor.accept(what)) return { kind: 'is', arg: left, what, not, at }
  }
  return cursor.unexpected()
}

function inTest(cursor: Cursor, arg: Expression, not: boolean): Expression {
  const { at } = arg
  if (cursor.accept('UNNEST')) {
    return { kind: 'inUnnest', arg, array: cursor.parenthesized(() => parseExpression(cursor)), not, at }
  }
  if (cursor.peek().kind === 'parameter') throw syntaxError('Expected "(" or keyword UNNEST but got "@"', cursor.at)
  return cursor.parenthesized(() =>
    startsQuery(cursor)
      ? { kind: 'inQuery', arg, query: parseQuery(cursor), not, at }
      : { kind: 'in', arg, list: cursor.list(() => parseExpression(cursor)), not, at },
  )
}

type Level = (cursor: Cursor) => Expression

/** Operators of one precedence, associating to the left. */
const leftAssociative =
  (operators: readonly string[], operand: Level): Level =>
  (cursor) => {
    let left = operand(cursor)
    for (let length = 0; ; length++) {
      const token = cursor.peek()
      if (token.kind !== 'symbol' || !operators.includes(token.text)) return left
      if (length === 500) throw syntaxError(`Too many operators in one expression`, token.at)
      cursor.take()
      left = { kind: 'binary', op: token.text, left, right: operand(cursor), at: left.at }
    }
  }

const unary: Level = (cursor) => {
  const { at } = cursor
  for (const op of ['-', '+', '~'] as const) {
    if (cursor.accept(op)) {
      const arg = cursor.deeper(() => unary(cursor))
      const number = op === '-' && arg.kind === 'literal' && (arg.type === 'INT64' || arg.type === 'FLOAT64')
      if (number && !arg.value.startsWith('-')) return { ...arg, value: `-${arg.value}`, at }
      return { kind: 'unary', op, arg, at }
    }
  }
  return parsePrimary(cursor)
}

const concatenation = leftAssociative(['||'], unary)
const product = leftAssociative(['*', '/'], concatenation)
const sum = leftAssociative(['+', '-'], product)
const shift = leftAssociative(['<<', '>>'], sum)
const bitAnd = leftAssociative(['&'], shift)
const bitXor = leftAssociative(['^'], bitAnd)
const bitOr = leftAssociative(['|'], bitXor)
