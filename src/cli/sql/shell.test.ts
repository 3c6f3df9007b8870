import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Explorer, openExplorer } from '../../outputs/index.ts'
import { shell } from './shell.ts'

const [CTRL_C, CTRL_D, UP, TAB] = ['\x03', '\x04', '\x1b[A', '\t']

const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
const history = join(folder, 'history')
let explorer: Explorer
beforeAll(async () => {
  explorer = await openExplorer({ folder, place: folder })
})
afterAll(async () => {
  await explorer[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** A person at a terminal, who waits for what is shown before going on. */
function sit() {
  const input = new PassThrough()
  const screen = new PassThrough().setEncoding('utf8')
  let shown = ''
  let look = () => {}
  const show = (text: string) => {
    shown += stripVTControlCharacters(text)
    look()
  }
  screen.on('data', show)
  const output = {
    width: 80,
    async write(text: string) {
      show(text)
      return true
    },
  }
  const left = shell(explorer, { format: 'table', output, terminal: { input, screen, history } })
  return {
    left,
    type: (keys: string) => void input.write(keys),
    async until(text: string): Promise<string> {
      while (!shown.includes(text)) await new Promise<void>((resolve) => (look = resolve))
      const seen = shown
      shown = shown.slice(shown.indexOf(text) + text.length)
      return seen
    },
  }
}

test('a statement may take several lines, and ends with its semicolon', async () => {
  const person = sit()
  await person.until('sluice> ')
  person.type("SELECT ';' AS semicolon,\r")
  await person.until('...> ')
  person.type('  41 + 1 AS answer;\r')
  expect(await person.until('1 row')).toContain(';              42')
  person.type(CTRL_D)
  await person.left
})

test('Ctrl+C forgets what has been typed, and ends a query that runs', async () => {
  const person = sit()
  await person.until('sluice> ')
  person.type('SELECT\r')
  await person.until('...> ')
  person.type(`nonsense${CTRL_C}`)
  await person.until('^C\nsluice> ')
  person.type(
    "SELECT 'begun' AS so; SELECT count(*) FROM range(1000000000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3;\r",
  )
  await person.until('1 row')
  const pressing = setInterval(() => person.type(CTRL_C), 50)
  await person.until('interrupted').finally(() => clearInterval(pressing))
  person.type("SELECT 'still here' AS so;\r")
  await person.until('still here\n')
  person.type('quit\r')
  await person.left
})

test('a mistake is told and the shell goes on; it knows tables, formats and names', async () => {
  const person = sit()
  await person.until('sluice> ')
  person.type('FROM orders;\r')
  await person.until('Did you mean "bq.orders"?')
  person.type('\\d\r')
  await person.until('bq.dead_letters')
  person.type('.schema bq.orders\r')
  await person.until('DECIMAL(38,9)')
  person.type('.mode json\rSELECT 1 AS one;\r')
  await person.until('{"one":1}\n]\nsluice> ')
  person.type('FROM bq.inv')
  await person.until('FROM bq.inv')
  person.type(TAB)
  await person.until('entory')
  person.type(`${CTRL_C}.nonsense\r`)
  await person.until('There is no .nonsense')
  person.type('\\q\r')
  await person.left
})

test('what was typed is there the next time, and for nobody else to read', async () => {
  const first = sit()
  await first.until('sluice> ')
  first.type("SELECT 'remembered' AS it;\r.quit\r")
  await first.left
  expect(readFileSync(history, 'utf8')).toContain("SELECT 'remembered' AS it;\n")
  expect(statSync(history).mode & 0o077).toBe(0)
  const second = sit()
  await second.until('sluice> ')
  second.type(`${UP}${UP}\r`)
  await second.until('remembered\n')
  second.type(CTRL_D)
  await second.left
})
