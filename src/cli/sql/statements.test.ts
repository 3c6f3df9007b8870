import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isBlank, splitStatements } from './statements.ts'

test.each([
  ['SELECT 1', [], 'SELECT 1'],
  ['SELECT 1;', ['SELECT 1;'], ''],
  ['SELECT 1; SELECT 2;\n', ['SELECT 1;', 'SELECT 2;'], '\n'],
  ["SELECT ';' AS a;", ["SELECT ';' AS a;"], ''],
  ["SELECT 'it''s; here", [], "SELECT 'it''s; here"],
  ['SELECT 1 AS "a;b";', ['SELECT 1 AS "a;b";'], ''],
  ['SELECT 1 -- a; comment\n;', ['SELECT 1 -- a; comment\n;'], ''],
  ['SELECT /* ; */ 1;', ['SELECT /* ; */ 1;'], ''],
  ['SELECT $$ ; $$, $a$ ; $$ $a$;', ['SELECT $$ ; $$, $a$ ; $$ $a$;'], ''],
  ['SELECT 4 - 3 / 2;', ['SELECT 4 - 3 / 2;'], ''],
])('%j has the statements %j', (text, statements, rest) => {
  expect(splitStatements(text)).toEqual({ statements, rest })
})

test('nothing is lost, and no statement ends but with its semicolon', () => {
  const piece = fc.constantFrom(';', "'", '"', '--', '\n', '/*', '*/', '$$', '$a$', 'SELECT', ' ', '-', '/', '$', '日')
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const { statements, rest } = splitStatements(pieces.join(''))
      const bare = (text: string) => text.replaceAll(/\s/g, '')
      expect(bare(statements.join('') + rest)).toBe(bare(pieces.join('')))
      for (const statement of statements) expect(statement.endsWith(';')).toBe(true)
    }),
  )
})

test('comments alone are no statement', () => {
  expect(isBlank(' -- nothing\n /* and\n nothing */ ')).toBe(true)
  expect(isBlank("'-- a text'")).toBe(false)
})
