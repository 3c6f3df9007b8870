import type { TypeNode } from '../ast.ts'
import { unsupported } from '../errors.ts'
import type { Cursor } from './cursor.ts'

/** A type as CAST and literals have it: `ARRAY<STRUCT<a INT64, STRING>>`, `NUMERIC(10, 2)`. */
export function parseType(cursor: Cursor): TypeNode {
  return cursor.deeper(() => {
    const { at } = cursor
    if (cursor.accept('ARRAY')) {
      cursor.expect('<')
      const element = parseType(cursor)
      cursor.closeAngle()
      return { kind: 'ARRAY', element, at }
    }
    if (cursor.accept('STRUCT')) {
      cursor.expect('<')
      const fields = cursor.sees('>') || cursor.sees('>>') ? [] : cursor.list(() => structField(cursor))
      cursor.closeAngle()
      return { kind: 'STRUCT', fields, at }
    }
    if (cursor.sees('RANGE', '<')) throw unsupported('the type RANGE', at)
    const name = cursor.sees('INTERVAL') || cursor.sees('RANGE') ? cursor.name(true) : cursor.name()
    return { kind: 'NAMED', name: name.text.toUpperCase(), parameters: typeParameters(cursor), at }
  })
}

function structField(cursor: Cursor): { name: string; type: TypeNode } {
  const next = cursor.peek(1)
  const named = cursor.peek().kind === 'identifier' && (next.kind === 'identifier' || next.kind === 'string')
  const name = named ? cursor.name().text : ''
  return { name, type: parseType(cursor) }
}

/** What stands in the parentheses behind a type's name: NUMERIC(10, 2), STRING(50). */
export function typeParameters(cursor: Cursor): string[] {
  if (!cursor.sees('(')) return []
  return cursor.parenthesized(() =>
    cursor.list(() => (cursor.peek().kind === 'integer' ? cursor.take().text : cursor.unexpected())),
  )
}
