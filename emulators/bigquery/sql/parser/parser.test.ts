import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ServiceError } from '../../../shared/index.ts'
import { tokenize } from '../lexer.ts'
import { parseStatement } from './statements.ts'

/** A string literal of a text, in one of the ways that GoogleSQL has to write it. */
const literalOf = (text: string, quote: string): string => {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote[0]!, `\\${quote[0]}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
  return `${quote}${escaped}${quote}`
}

const quotes = fc.constantFrom("'", '"', "'''", '"""')

describe('literals', () => {
  test('any text survives being written as a string literal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), quotes, (text, quote) => {
        const [token, end] = tokenize(literalOf(text, quote))
        expect(token).toMatchObject({ kind: 'string', text })
        expect(end!.kind).toBe('end')
      }),
    )
  })

  test('any bytes survive being written in hexadecimal escapes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = [...bytes].map((b) => `\\x${b.toString(16).padStart(2, '0')}`).join('')
        const [token] = tokenize(`b'${text}'`)
        expect(token).toMatchObject({ kind: 'bytes', bytes })
      }),
    )
  })

  test.each([
    [String.raw`'\a\b\f\n\r\t\v\\\?\"\'\`'`, '\x07\b\f\n\r\t\v\\?"\'`'],
    [String.raw`'\101\x41\u0041\U0001F600'`, 'AAA😀'],
    [String.raw`r'a\nb\''`, String.raw`a\nb\'`],
    ["'''it's\n'' two lines'''", "it's\n'' two lines"],
    [`R"""a"b"""`, 'a"b'],
  ])('%s is read as GoogleSQL reads it', (source, text) => {
    expect(tokenize(source)[0]).toMatchObject({ kind: 'string', text })
  })

  test.each([
    ["SELECT 'a", 'Syntax error: Unclosed string literal at [1:8]'],
    ["SELECT '''a'", 'Syntax error: Unclosed triple-quoted string literal at [1:8]'],
    ['SELECT `a', 'Syntax error: Unclosed identifier literal at [1:8]'],
    [String.raw`SELECT '\q'`, String.raw`Syntax error: Illegal escape sequence: \q at [1:8]`],
    ['SELECT /* x', 'Syntax error: Unclosed comment at [1:8]'],
  ])('%s is refused with its place', (source, message) => {
    expect(() => tokenize(source)).toThrow(message)
  })
})

describe('statements', () => {
  test.each([
    ['SELECT 1 x y', 'Syntax error: Expected end of input but got identifier "y" at [1:12]'],
    ['SELECT FROM t', 'Syntax error: SELECT list must not be empty at [1:8]'],
    ['SLECT 1', 'Syntax error: Unexpected identifier "SLECT" at [1:1]'],
    ['SELECT (1', 'Syntax error: Expected ")" but got end of script at [1:10]'],
    ['SELECT 1\nWHERE', 'Syntax error: Unexpected end of script at [2:6]'],
    ['SELECT a = b = c', 'Syntax error: Unexpected "=" at [1:14]'],
    ['', 'Syntax error: Unexpected end of statement at [1:1]'],
    ['SELECT 1 UNION ALL SELECT 2 EXCEPT DISTINCT SELECT 3', 'Different set operations cannot be used'],
  ])('%j is a syntax error in the words of BigQuery', (source, message) => {
    expect(() => parseStatement(source)).toThrow(message)
  })

  test.each([
    ['UPDATE t SET a = 1 WHERE TRUE', 'unsupported: the statement UPDATE'],
    ['CREATE VIEW v AS SELECT 1', 'unsupported: CREATE VIEW'],
    ['CREATE TEMP FUNCTION f() AS (1)', 'unsupported: CREATE TEMP FUNCTION'],
    ['DECLARE x INT64', 'unsupported: the statement DECLARE'],
    ['SELECT 1; SELECT 2', 'unsupported: several statements in one query (scripting)'],
    ['SELECT * FROM t PIVOT(SUM(a) FOR b IN (1))', 'unsupported: PIVOT'],
    ['WITH RECURSIVE a AS (SELECT 1) SELECT 1', 'unsupported: WITH RECURSIVE'],
    ['SELECT * FROM t TABLESAMPLE SYSTEM (1 PERCENT)', 'unsupported: TABLESAMPLE'],
    ['FROM t |> SELECT a', 'unsupported: the statement FROM'],
  ])('%s is refused by name', (source, message) => {
    expect(() => parseStatement(source)).toThrow(message)
  })

  test('a project id with dashes and digits needs no quotes', () => {
    const paths = ['`my-proj-123.ds.t`', 'my-proj-123.ds.t', '`my-proj-123`.ds.`t`', '`my-proj-123`.`ds.t`'].map(
      (path) => {
        const statement = parseStatement(`SELECT 1 FROM ${path}`)
        const body = statement.kind === 'query' && statement.query.body
        return body && body.kind === 'select' && body.from?.kind === 'table' && body.from.path.map((p) => p.text)
      },
    )
    expect(paths).toEqual(Array(4).fill(['my-proj-123', 'ds', 't']))
  })
})

describe('whatever is written', () => {
  const words = fc.constantFrom(
    ...`SELECT FROM WHERE ( ) [ ] , . ; * + - / < > = @p ? a \`b\` 'c' 1 2.5 AS UNNEST CASE WHEN THEN END AND OR NOT IN
    BETWEEN LIKE JOIN ON USING WITH GROUP BY ORDER LIMIT UNION ALL STRUCT ARRAY DATE INTERVAL DAY CAST OVER NULL CREATE TABLE
    INSERT INTO VALUES DROP IF EXISTS || << >> EXTRACT ROWS IS DISTINCT`.split(/\s+/),
  )
  const parses = (source: string) => {
    try {
      parseStatement(source)
    } catch (error) {
      expect(error).toBeInstanceOf(ServiceError)
    }
  }

  test('the parser answers, or throws an error of the service', () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (parts) => parses(parts.join(' '))),
      { numRuns: 2000 },
    )
    fc.assert(
      fc.property(fc.string(), (text) => parses(`SELECT ${text}`)),
      { numRuns: 1000 },
    )
  })

  test('deep nesting is refused, not a crash', () => {
    for (const open of ['(', '[', 'NOT ', '- ', 'CAST(', 'STRUCT(', 'CASE WHEN ', '(SELECT ', 'a.', 'f(', '1+']) {
      expect(() => parseStatement(`SELECT ${open.repeat(20_000)}`)).toThrow(ServiceError)
    }
  })
})
