import type { Statement } from '../ast.ts'
import { syntaxError, unsupported } from '../errors.ts'
import { Cursor } from './cursor.ts'
import { parseCreate, parseDrop } from './ddl.ts'
import { parseExpression } from './expressions.ts'
import { parseTablePath } from './from.ts'
import { parseQuery, startsQuery } from './queries.ts'

/** Statements that GoogleSQL has and this front end refuses, by their first words. */
const refused = [
  ...['UPDATE', 'DELETE', 'MERGE', 'TRUNCATE TABLE', 'ALTER', 'DECLARE', 'SET', 'BEGIN', 'COMMIT', 'ROLLBACK', 'CALL'],
  ...['EXECUTE IMMEDIATE', 'EXPORT DATA', 'EXPORT MODEL', 'LOAD DATA', 'GRANT', 'REVOKE', 'ASSERT', 'RAISE', 'RETURN'],
  ...['EXPLAIN', 'DESCRIBE', 'CLONE', 'UNDROP', 'LOOP', 'WHILE', 'REPEAT', 'FOR', 'IF', 'CASE', 'BREAK', 'LEAVE'],
  ...['CONTINUE', 'ITERATE', 'FROM'],
]

/** One statement, with or without its semicolon. Throws a ServiceError for everything else. */
export function parseStatement(source: string): Statement {
  const cursor = new Cursor(source)
  if (cursor.peek().kind === 'end') throw syntaxError('Unexpected end of statement', cursor.at)
  const statement = one(cursor)
  const more = cursor.accept(';')
  if (more && cursor.peek().kind !== 'end') throw unsupported('several statements in one query (scripting)', cursor.at)
  cursor.expectEnd()
  return statement
}

function one(cursor: Cursor): Statement {
  if (startsQuery(cursor)) return { kind: 'query', query: parseQuery(cursor) }
  if (cursor.sees('CREATE')) return parseCreate(cursor)
  if (cursor.sees('DROP')) return parseDrop(cursor)
  if (cursor.sees('INSERT')) return insert(cursor)
  for (const statement of refused) {
    if (cursor.sees(...statement.split(' '))) throw unsupported(`the statement ${statement}`, cursor.at)
  }
  return cursor.unexpected()
}

function insert(cursor: Cursor): Statement {
  const { at } = cursor
  cursor.expect('INSERT')
  cursor.accept('INTO')
  const path = parseTablePath(cursor)
  const columns =
    cursor.sees('(') && !startsQuery(cursor) ? cursor.parenthesized(() => cursor.list(() => cursor.name())) : undefined
  const target = { kind: 'insert', path, ...(columns && { columns }), at } as const
  if (!cursor.accept('VALUES')) return { ...target, query: parseQuery(cursor) }
  const value = () => {
    if (!cursor.sees('DEFAULT')) return parseExpression(cursor)
    throw unsupported('DEFAULT in INSERT', cursor.at)
  }
  return { ...target, rows: cursor.list(() => cursor.parenthesized(() => cursor.list(value))) }
}
