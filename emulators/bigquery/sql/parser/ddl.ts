import type { ColumnNode, ColumnType, Option, Statement } from '../ast.ts'
import { unsupported } from '../errors.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expressions.ts'
import { parseTablePath } from './from.ts'
import { parseQuery } from './queries.ts'
import { typeParameters } from './types.ts'

export function parseCreate(cursor: Cursor): Statement {
  const { at } = cursor
  cursor.expect('CREATE')
  const orReplace = cursor.accept('OR', 'REPLACE')
  const ifNotExists = () => cursor.accept('IF', 'NOT', 'EXISTS')
  if (cursor.accept('SCHEMA')) {
    if (orReplace) throw unsupported('CREATE OR REPLACE SCHEMA', at)
    const quiet = ifNotExists()
    const path = parseTablePath(cursor)
    if (cursor.sees('DEFAULT')) throw unsupported('DEFAULT COLLATE', cursor.at)
    return { kind: 'createSchema', path, ifNotExists: quiet, options: optionList(cursor), at }
  }
  if (!cursor.accept('TABLE')) throw unsupported(`CREATE ${refusedObject(cursor)}`, at)
  if (cursor.sees('FUNCTION')) throw unsupported('CREATE TABLE FUNCTION', at)
  const quiet = ifNotExists()
  const path = parseTablePath(cursor)
  return { kind: 'createTable', path, orReplace, ifNotExists: quiet, ...tableBody(cursor), at }
}

function refusedObject(cursor: Cursor): string {
  const words: string[] = []
  const modifiers = [
    'TEMP',
    'TEMPORARY',
    'MATERIALIZED',
    'EXTERNAL',
    'SNAPSHOT',
    'AGGREGATE',
    'SEARCH',
    'VECTOR',
    'ROW',
    'ACCESS',
  ]
  while (modifiers.some((word) => cursor.sees(word))) words.push(cursor.take().text.toUpperCase())
  if (cursor.peek().kind !== 'identifier') cursor.unexpected()
  return [...words, cursor.take().text.toUpperCase()].join(' ')
}

type Body = Omit<Extract<Statement, { kind: 'createTable' }>, 'kind' | 'path' | 'orReplace' | 'ifNotExists' | 'at'>

function tableBody(cursor: Cursor): Body {
  for (const word of ['LIKE', 'COPY', 'CLONE'])
    if (cursor.sees(word)) throw unsupported(`CREATE TABLE ${word}`, cursor.at)
  const columns = cursor.sees('(') ? cursor.parenthesized(() => columnList(cursor)) : undefined
  if (cursor.sees('DEFAULT')) throw unsupported('DEFAULT COLLATE', cursor.at)
  const partitionBy = cursor.accept('PARTITION', 'BY') ? parseExpression(cursor) : undefined
  const clusterBy = cursor.accept('CLUSTER', 'BY') ? cursor.list(() => parseExpression(cursor)) : []
  if (cursor.sees('WITH')) throw unsupported('WITH CONNECTION', cursor.at)
  const options = optionList(cursor)
  const query = cursor.accept('AS') ? parseQuery(cursor) : undefined
  return {
    ...(columns && { columns }),
    ...(partitionBy && { partitionBy }),
    clusterBy,
    options,
    ...(query && { query }),
  }
}

function columnList(cursor: Cursor): ColumnNode[] {
  const columns: ColumnNode[] = []
  do {
    if (cursor.sees(')')) break
    for (const word of ['PRIMARY', 'FOREIGN', 'CONSTRAINT']) {
      if (
        cursor.sees(word, 'KEY') ||
        (word === 'CONSTRAINT' && cursor.sees(word) && cursor.peek(2).text === 'PRIMARY')
      ) {
        throw unsupported(`${word} KEY`.replace('CONSTRAINT KEY', 'CONSTRAINT'), cursor.at)
      }
    }
    columns.push(column(cursor))
  } while (cursor.accept(','))
  return columns
}

function column(cursor: Cursor): ColumnNode {
  const name = cursor.name()
  const type = columnType(cursor)
  if (
    cursor.sees('COLLATE') ||
    cursor.sees('DEFAULT') ||
    cursor.sees('GENERATED') ||
    cursor.sees('PRIMARY') ||
    cursor.sees('REFERENCES')
  ) {
    throw unsupported(`${cursor.peek().text.toUpperCase()} of a column`, cursor.at)
  }
  const notNull = cursor.accept('NOT', 'NULL')
  return { name, type, notNull, options: optionList(cursor) }
}

function columnType(cursor: Cursor): ColumnType {
  return cursor.deeper(() => {
    const { at } = cursor
    if (cursor.accept('ARRAY')) {
      cursor.expect('<')
      const element = columnType(cursor)
      cursor.closeAngle()
      return { kind: 'ARRAY', element, at }
    }
    if (cursor.accept('STRUCT')) {
      cursor.expect('<')
      const fields = cursor.list(() => column(cursor))
      cursor.closeAngle()
      return { kind: 'STRUCT', fields, at }
    }
    if (cursor.sees('RANGE', '<')) throw unsupported('the type RANGE', at)
    const name = cursor.sees('INTERVAL') || cursor.sees('RANGE') ? cursor.name(true) : cursor.name()
    return { kind: 'NAMED', name: name.text.toUpperCase(), parameters: typeParameters(cursor), at }
  })
}

function optionList(cursor: Cursor): Option[] {
  if (!cursor.accept('OPTIONS')) return []
  const option = () => {
    const name = cursor.name()
    cursor.expect('=')
    return { name, value: parseExpression(cursor) }
  }
  return cursor.parenthesized(() => (cursor.sees(')') ? [] : cursor.list(option)))
}

export function parseDrop(cursor: Cursor): Statement {
  const { at } = cursor
  cursor.expect('DROP')
  if (!cursor.accept('TABLE')) throw unsupported(`DROP ${refusedObject(cursor)}`, at)
  if (cursor.sees('FUNCTION')) throw unsupported('DROP TABLE FUNCTION', at)
  const ifExists = cursor.accept('IF', 'EXISTS')
  return { kind: 'dropTable', path: parseTablePath(cursor), ifExists, at }
}
