import { describe, expect, test } from 'vitest'
import { openDatabase } from './tests/database.ts'

const rows: [string, unknown[][]][] = [
  ['SELECT 1', [[1n]]],
  ["SELECT 1 + 2 * 3, 10 / 4, 'a' || 'b'", [[7n, 2.5, 'ab']]],
  ['SELECT x FROM UNNEST([1, 2, 3]) AS x WHERE x > 1 ORDER BY x DESC', [[3n], [2n]]],
]

describe('a compiled query gives what BigQuery gives', () => {
  test.each(rows)('%s', async (sql, expected) => {
    const database = await openDatabase()
    expect((await database.run(sql)).rows).toEqual(expected)
  })
})
