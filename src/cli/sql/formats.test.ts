import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { type Format, print } from './formats.ts'

const columns = [
  { name: 'id', type: 'VARCHAR', isNumber: false },
  { name: 'total', type: 'DECIMAL(38,9)', isNumber: true },
]

async function printed(format: Format, rows: readonly (readonly unknown[])[], most = Number.POSITIVE_INFINITY) {
  let text = ''
  let writes = 0
  const result = {
    columns,
    rows: (async function* () {
      yield* rows
    })(),
  }
  await print(result, {
    format,
    width: 80,
    async write(part) {
      text += part
      return ++writes < most
    },
  })
  return stripVTControlCharacters(text)
}

const ROWS = [
  ['a,"b"', '59.98'],
  [null, 1],
  ['', null],
  ['x|y\n*', { a: [1] }],
]

test('CSV quotes what it must, tells an empty text from NULL, and has nested values as JSON', async () => {
  expect(await printed('csv', ROWS)).toBe('id,total\r\n"a,""b""",59.98\r\n,1\r\n"",\r\n"x|y\n*","{""a"":[1]}"\r\n')
})

test('JSON is an array of objects, also when there are none', async () => {
  expect(JSON.parse(await printed('json', ROWS))).toEqual(ROWS.map(([id, total]) => ({ id, total })))
  expect(await printed('json', [])).toBe('[]\n')
})

test('Markdown keeps each row on its line, and what means something to it is escaped', async () => {
  const lines = (await printed('markdown', ROWS)).trimEnd().split('\n')
  expect(lines.slice(0, 3)).toEqual(['| id | total |', '|---|---:|', '| a,"b" | 59.98 |'])
  expect(lines.at(-1)).toBe('| x\\|y\\\\n\\* | {"a":\\[1\\]} |')
})

test('a person is shown the first hundred rows and how many there are', async () => {
  const rows = Array.from({ length: 1_234 }, (_, i) => [`id-${i}`, i])
  const lines = (await printed('table', rows)).trimEnd().split('\n')
  expect(lines).toHaveLength(2 + 100 + 1)
  expect(lines.at(-1)).toBe('1,234 rows, the first 100 shown; --csv and --json have them all')
})

test('a reader who goes, as head does, ends the writing', async () => {
  expect(await printed('csv', ROWS, 2)).toBe('id,total\r\n"a,""b""",59.98\r\n')
})
