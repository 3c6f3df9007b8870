import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ServiceError } from '../../shared/index.ts'
import { compile } from './index.ts'
import { typeText } from './tests/corpus.ts'
import { openDatabase } from './tests/database.ts'

const database = await openDatabase()

/** A query, and its answer: values as plain data, then types. */
const answers: [string, unknown[][], string][] = [
  ['SELECT 1 + 2 * 3, 10 / 4, 7 - 10', [[7n, 2.5, -3n]], 'INT64 FLOAT64 INT64'],
  ["SELECT 1 AS a, 'x', 2", [[1n, 'x', 2n]], 'INT64 STRING INT64'],
  [
    "SELECT NUMERIC '10' / 3, NUMERIC '1.5' * NUMERIC '2.000000001'",
    [['3.333333333', '3.000000002']],
    'NUMERIC NUMERIC',
  ],
  ["SELECT 1.5 * 2, NUMERIC '1' * 0.1, 1 + NUMERIC '1'", [[3, '0.1', '2']], 'FLOAT64 NUMERIC NUMERIC'],
  ["SELECT AVG(n), SUM(n) FROM UNNEST([NUMERIC '1', 2, 2]) AS n", [['1.666666667', '5']], 'NUMERIC NUMERIC'],
  ['SELECT SUM(n), AVG(n), COUNT(*) FROM UNNEST([1, 2, NULL]) AS n', [[3n, 1.5, 3n]], 'INT64 FLOAT64 INT64'],
  ['SELECT x FROM UNNEST([2, NULL, 1]) x ORDER BY x', [[null], [1n], [2n]], 'INT64'],
  ['SELECT x FROM UNNEST([2, NULL, 1]) x ORDER BY x DESC', [[2n], [1n], [null]], 'INT64'],
  ['SELECT x FROM UNNEST([2, NULL, 1]) x ORDER BY x DESC NULLS FIRST LIMIT 1', [[null]], 'INT64'],
  ["SELECT CAST('nan' AS FLOAT64) = CAST('nan' AS FLOAT64), CAST('nan' AS FLOAT64) > 1", [[false, false]], 'BOOL BOOL'],
  [
    'SELECT 1 = NULL, TRUE AND NULL, FALSE AND NULL, 2 NOT IN (1, NULL)',
    [[null, null, false, null]],
    'BOOL BOOL BOOL BOOL',
  ],
  ["SELECT 1 IS DISTINCT FROM NULL, 'a%b' LIKE r'a\\%b', 'ab' LIKE 'A_'", [[true, true, false]], 'BOOL BOOL BOOL'],
  ["SELECT CAST(2.5 AS INT64), CAST(-2.5 AS INT64), CAST('0x1F' AS INT64)", [[3n, -3n, 31n]], 'INT64 INT64 INT64'],
  [
    'SELECT CAST(1.0 AS STRING), CAST(1e15 AS STRING), CAST(0.1 + 0.2 AS STRING)',
    [['1', '1e+15', '0.30000000000000004']],
    'STRING STRING STRING',
  ],
  [
    "SELECT CAST(TIMESTAMP '2024-01-01 10:00:00.5+02' AS STRING), CAST(b'a' AS STRING)",
    [['2024-01-01 08:00:00.500+00', 'a']],
    'STRING STRING',
  ],
  ["SELECT SAFE_CAST('x' AS INT64), SAFE_CAST('2024-02-30' AS DATE)", [[null, null]], 'INT64 DATE'],
  [
    "SELECT DATE '2024-01-31' - 30, DATE '2024-01-31' + INTERVAL 1 MONTH",
    [['2024-01-01', '2024-02-29T00:00:00']],
    'DATE DATETIME',
  ],
  ['SELECT CURRENT_DATE(), CURRENT_TIMESTAMP()', [['2024-06-15', '2024-06-15T12:34:56.789Z']], 'DATE TIMESTAMP'],
  ["SELECT CURRENT_DATE('Pacific/Kiritimati')", [['2024-06-16']], 'DATE'],
  ["SELECT EXTRACT(HOUR FROM TIMESTAMP '2024-01-01 00:30:00' AT TIME ZONE 'America/New_York')", [[19n]], 'INT64'],
  ["SELECT EXTRACT(WEEK FROM DATE '2024-01-07'), EXTRACT(DAYOFWEEK FROM DATE '2024-01-07')", [[1n, 1n]], 'INT64 INT64'],
  [
    "SELECT TIMESTAMP_TRUNC(TIMESTAMP '2024-01-10 03:00:00', DAY, 'America/New_York')",
    [['2024-01-09T05:00:00Z']],
    'TIMESTAMP',
  ],
  [
    "SELECT FORMAT_TIMESTAMP('%F %T %Z', TIMESTAMP '2024-07-01 12:00:00', 'America/New_York')",
    [['2024-07-01 08:00:00 UTC-4']],
    'STRING',
  ],
  [
    "SELECT PARSE_TIMESTAMP('%Y-%m-%d %H:%M', '2024-01-01 10:00', 'Asia/Tokyo')",
    [['2024-01-01T01:00:00Z']],
    'TIMESTAMP',
  ],
  ["SELECT REGEXP_EXTRACT('abc123', r'(\\d+)'), REGEXP_EXTRACT('abc', r'\\d')", [['123', null]], 'STRING STRING'],
  ["SELECT JSON_VALUE('{\"a\":1.10}', '$.a'), JSON_VALUE('{\"a\":{}}', '$.a')", [['1.10', null]], 'STRING STRING'],
  ["SELECT TO_JSON_STRING(STRUCT(1 AS a, 'x\"' AS b, [1.5] AS c))", [['{"a":1,"b":"x\\"","c":[1.5]}']], 'STRING'],
  ["SELECT FORMAT('%05d|%.2f|%s|%t', 42, 3.14159, 'x', DATE '2024-01-01')", [['00042|3.14|x|2024-01-01']], 'STRING'],
  [
    "SELECT SUBSTR('héllo', -3), SUBSTR('abc', 0, 2), UPPER('ß'), LENGTH('é')",
    [['llo', 'ab', 'SS', 1n]],
    'STRING STRING STRING INT64',
  ],
  ['SELECT [1, 2][OFFSET(1)], [1][SAFE_OFFSET(3)], ARRAY_LENGTH([1, 2])', [[2n, null, 2n]], 'INT64 INT64 INT64'],
  [
    'SELECT ARRAY_AGG(x IGNORE NULLS ORDER BY x DESC LIMIT 2) FROM UNNEST([1, 3, NULL, 2]) x',
    [[[3n, 2n]]],
    'REPEATED INT64',
  ],
  ["SELECT STRING_AGG(x, '-' ORDER BY x) FROM UNNEST(['b', 'a']) x", [['a-b']], 'STRING'],
  ['SELECT * EXCEPT (a) REPLACE (b + 1 AS b) FROM (SELECT 1 AS a, 2 AS b, 3 AS c)', [[3n, 3n]], 'INT64 INT64'],
  ['SELECT AS STRUCT 1 AS a, [2] AS b', [[{ a: 1n, b: [2n] }]], 'STRUCT<a INT64, b REPEATED INT64>'],
  ['SELECT x + 1 AS y, COUNT(*) FROM UNNEST([1, 1, 2]) x GROUP BY y HAVING COUNT(*) > 1', [[2n, 2n]], 'INT64 INT64'],
  [
    'SELECT MOD(x, 2) AS m, SUM(x) FROM UNNEST([1, 2, 3]) x GROUP BY ROLLUP(m) ORDER BY m',
    [
      [null, 6n],
      [0n, 2n],
      [1n, 4n],
    ],
    'INT64 INT64',
  ],
  ['SELECT SUM(SUM(x)) OVER () FROM UNNEST([1, 2]) x GROUP BY x', [[3n], [3n]], 'INT64'],
  ['SELECT x FROM UNNEST([3, 1]) x QUALIFY ROW_NUMBER() OVER (ORDER BY x) = 1', [[1n]], 'INT64'],
  [
    'SELECT x, SUM(x) OVER (ORDER BY x ROWS 1 PRECEDING) FROM UNNEST([1, 2, 4]) x ORDER BY x',
    [
      [1n, 1n],
      [2n, 3n],
      [4n, 6n],
    ],
    'INT64 INT64',
  ],
  ['SELECT k, v FROM (SELECT 1 AS k, [10, 20] AS a) t, t.a AS v WITH OFFSET o WHERE o = 1', [[1n, 20n]], 'INT64 INT64'],
  [
    'SELECT id, (SELECT MAX(v) FROM UNNEST(a) v WHERE v < id) FROM (SELECT 15 AS id, [10, 20] AS a)',
    [[15n, 10n]],
    'INT64 INT64',
  ],
  [
    'SELECT id, v FROM (SELECT 1 AS id, CAST([] AS ARRAY<INT64>) AS a) t LEFT JOIN UNNEST(t.a) v',
    [[1n, null]],
    'INT64 INT64',
  ],
  ['WITH a AS (SELECT 1 AS x UNION ALL SELECT 2.5) SELECT x FROM a ORDER BY 1 DESC', [[2.5], [1]], 'FLOAT64'],
  [
    'SELECT a, l.b, r.b FROM (SELECT 1 AS a, 2 AS b) l FULL JOIN (SELECT 3 AS a, 4 AS b) r USING (a) ORDER BY a',
    [
      [1n, 2n, null],
      [3n, null, 4n],
    ],
    'INT64 INT64 INT64',
  ],
  [
    'SELECT SAFE_DIVIDE(1, 0), SAFE.SUBSTR("a", 1, -1), SAFE_ADD(9223372036854775807, 1)',
    [[null, null, null]],
    'FLOAT64 STRING INT64',
  ],
  [
    'SELECT GREATEST(1, NULL), LEAST(2, 1.5), NULLIF(1, 1), IF(NULL, 1, 2)',
    [[null, 1.5, null, 2n]],
    'INT64 FLOAT64 INT64 INT64',
  ],
]

describe('a compiled query gives what BigQuery gives', () => {
  test.each(answers)('%s', async (sql, rows, types) => {
    const answer = await database.run(sql)
    expect(answer.rows).toEqual(rows)
    expect(answer.columns.map((c) => typeText(c.type)).join(' ')).toBe(types)
  })
})

describe('an error is reported in the words of BigQuery', () => {
  test.each([
    ['SELECT x', 'Unrecognized name: x at [1:8]'],
    ['SELECT\n  lenght FROM (SELECT 1 AS length)', 'Unrecognized name: lenght; Did you mean length? at [2:3]'],
    ['SELECT t.b FROM (SELECT 1 AS a) t', 'Name b not found inside t at [1:10]'],
    ['SELECT a FROM (SELECT 1 AS a) x, (SELECT 2 AS a) y', 'Column name a is ambiguous at [1:8]'],
    ['SELECT NO_SUCH(1)', 'Function not found: NO_SUCH at [1:8]'],
    ["SELECT 'a' + 1", 'Could not cast literal "a" to type DATE at [1:8]'],
    ["SELECT DATE '2024-13-01'", 'Invalid DATE literal at [1:8]'],
    ['SELECT TRUE + 1', 'No matching signature for operator + for argument types: BOOL, INT64'],
    ['SELECT x FROM UNNEST([1]) x WHERE SUM(x) > 1', 'Aggregate function SUM not allowed in WHERE clause at [1:35]'],
    [
      'SELECT x, COUNT(*) FROM UNNEST([1]) x',
      'SELECT list expression references column x which is neither grouped nor aggregated at [1:8]',
    ],
    ['SELECT 1 FROM UNNEST([1]) x WHERE x', 'WHERE clause should return type BOOL, but returns INT64 at [1:35]'],
    ['SELECT SUBSTR(1)', 'No matching signature for function SUBSTR\n  Argument types: INT64\n'],
    ['SELECT 1 UNION ALL SELECT 1, 2', 'Queries in UNION ALL have mismatched column count'],
    ['SELECT 1 / 0', 'division by zero: 1 / 0'],
    ["SELECT CAST('x' AS INT64)", 'Bad int64 value: x'],
    ['SELECT 9223372036854775807 + 1', 'Integer Overflow'],
    ["SELECT NUMERIC '99999999999999999999999999999' * 10", 'numeric overflow'],
    ["SELECT DATE_ADD(DATE '9999-12-31', INTERVAL 1 DAY)", 'out of range'],
    ['SELECT [1][OFFSET(5)]', 'Array index 5 is out of bounds'],
    ['SELECT (SELECT x FROM UNNEST([1, 2]) x)', 'Scalar subquery produced more than one element'],
    ['SELECT [1, NULL] AS a', 'Array cannot have a null element; error in writing field a'],
  ])('%s', async (sql, message) => {
    const error = await database.run(sql).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(ServiceError)
    expect((error as ServiceError).message).toContain(message)
    expect((error as ServiceError).options.reason).toBe('invalidQuery')
  })
})

test.each([
  ['SELECT ST_GEOGPOINT(1, 2)', 'the function ST_GEOGPOINT'],
  ["SELECT NORMALIZE_AND_CASEFOLD('a')", 'the function NORMALIZE_AND_CASEFOLD'],
  ["SELECT BIGNUMERIC '0.1234567890123456789'", 'BIGNUMERIC of more than 18 decimals'],
  ["SELECT SQRT(NUMERIC '2')", 'SQRT of NUMERIC'],
  ["SELECT FORMAT_DATE(x, DATE '2024-01-01') FROM UNNEST(['%F']) x", 'FORMAT_DATE with a computed format'],
  ['SELECT (1, 2) = (1, 2)', 'comparison of STRUCT values'],
])('%s is refused by name rather than answered wrongly', async (sql, what) => {
  const error = await database.run(sql).catch((e: unknown) => e)
  expect(error).toMatchObject({ code: 'UNIMPLEMENTED', message: expect.stringContaining(`unsupported: ${what}`) })
})

test('whatever is asked, the answer is rows or an error of the service', async () => {
  const leaf = fc.constantFrom(
    'a',
    'b',
    's',
    'd',
    'l',
    't.a',
    'NULL',
    '1',
    '2.5',
    "'x'",
    'TRUE',
    "DATE '2024-01-01'",
    '[1, 2]',
    'COUNT(*)',
  )
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc
        .tuple(
          tie('expression'),
          fc.constantFrom('+', '-', '*', '/', '=', '<', '||', 'AND', 'OR', 'LIKE'),
          tie('expression'),
        )
        .map((e) => `(${e.join(' ')})`),
      fc
        .tuple(
          fc.constantFrom('SUM', 'MAX', 'ABS', 'UPPER', 'ARRAY_AGG', 'TO_JSON_STRING', 'ARRAY_LENGTH', 'DATE'),
          tie('expression'),
        )
        .map(([f, e]) => `${f}(${e})`),
      fc.tuple(tie('expression'), tie('expression'), tie('expression')).map((e) => `IF(${e.join(', ')})`),
      tie('expression').map((e) => `(SELECT MAX(x) FROM UNNEST(l) x WHERE x = ${e})`),
      fc
        .tuple(tie('expression'), fc.constantFrom('INT64', 'STRING', 'FLOAT64', 'NUMERIC', 'DATE'))
        .map(([e, t]) => `SAFE_CAST(${e} AS ${t})`),
    ),
  }))
  const clauses = fc.record({
    items: fc.array(expression, { minLength: 1, maxLength: 3 }),
    where: fc.option(expression),
    group: fc.option(fc.constantFrom('1', 'a', 's', 'ALL')),
    order: fc.option(fc.constantFrom('1', 'a', 's DESC')),
  })
  const source = "(SELECT 1 AS a, 0.5 AS b, 'x' AS s, DATE '2024-02-29' AS d, [3, 4] AS l) t"
  const property = fc.asyncProperty(clauses, async ({ items, where, group, order }) => {
    const rest = [where && `WHERE ${where}`, group && `GROUP BY ${group}`, order && `ORDER BY ${order}`]
      .filter(Boolean)
      .join(' ')
    const outcome = await database.run(`SELECT ${items.join(', ')} FROM ${source} ${rest}`).catch((e: unknown) => e)
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ServiceError)
  })
  await fc.assert(property, { numRuns: 400 })
})

test('parameters are bound by name and by place, and coerce as literals do', async () => {
  const named = await database.run('SELECT @a + 1, @A AS again, DATE_ADD(@d, INTERVAL 1 DAY)', [
    { name: 'a', type: { kind: 'INT64' }, value: 41n },
    { name: 'd', type: { kind: 'STRING' }, value: '2024-01-01' },
  ])
  expect(named.rows).toEqual([[42n, 41n, '2024-01-02']])
  const placed = await database.run('SELECT ?, ?', [
    { type: { kind: 'STRING' }, value: "it's" },
    { type: { kind: 'NUMERIC' }, value: '1.5' },
  ])
  expect(placed.rows).toEqual([["it's", '1.5']])
})

test('what a filter drops is not computed, though the table is stored as a dictionary', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-sql-'))
  const path = join(folder, 'data.duckdb')
  const create = 'CREATE TABLE ds.t AS SELECT IF(MOD(x, 3) = 0, "x", "7") AS s FROM UNNEST(GENERATE_ARRAY(1, 30000)) x'
  await using cleanUp = new AsyncDisposableStack()
  cleanUp.defer(() => rm(folder, { recursive: true }))
  const writer = await openDatabase(undefined, path)
  await writer.run(create)
  await writer.connection.run('CHECKPOINT')
  await writer[Symbol.asyncDispose]()
  await using reader = await openDatabase(undefined, path)
  for (const [name, table] of writer.tables) reader.tables.set(name, table)
  expect((await reader.run("SELECT SUM(CAST(s AS INT64)) FROM ds.t WHERE s != 'x'")).rows).toEqual([[140_000n]])
  expect((await reader.run('SELECT COUNT(SAFE_CAST(s AS INT64)) FROM ds.t')).rows).toEqual([[20_000n]])
})

test('columns of one name are told apart in a result, and refused where they are to become a table', () => {
  const options = { catalog: database.catalog, parameters: [], now: 0 }
  const names = (statement: ReturnType<typeof compile>) =>
    statement.kind === 'SELECT' ? statement.columns.map((c) => c.name) : []
  expect(names(compile('SELECT 1 AS a, 2 AS A, 3', options))).toEqual(['a', 'A_1', 'f0_'])
  expect(() => compile('SELECT 1 AS a, 2 AS A', { ...options, destination: true })).toThrow(
    'Duplicate column names in the result',
  )
})
