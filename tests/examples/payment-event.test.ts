import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const COPIED = ['clock', 'emulators', 'src', 'pipeline', 'fixtures', 'package.json', 'tsconfig.json']
const guard = join(root, 'tests/offline/process.ts')

let copy: string
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'sluice-example-'))
  await Promise.all(COPIED.map((name) => cp(join(root, name), join(copy, name), { recursive: true })))
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  // The one step of docs/adding-an-event-type.md.
  await cp(join(root, 'examples/payment-event/payment.ts'), join(copy, 'src/catalogue/events/payment.ts'))
}, 30_000)
afterAll(() => rm(copy, { recursive: true }))

async function node(...args: string[]): Promise<string> {
  const options = { cwd: copy, env: { PATH: process.env.PATH, NO_COLOR: '1' }, maxBuffer: 2 ** 26 }
  return (await promisify(execFile)(process.execPath, ['--import', guard, ...args], options)).stdout
}

const SCRIPT = `
import { events, tables, validate } from './src/catalogue/index.ts'
import { SeededSource } from './src/generator/index.ts'
const payment = events.get('payment')
const source = new SeededSource(1)
source.setTime(Date.parse('2024-01-15T10:30:00Z'))
const samples = Array.from({ length: 200 }, () => payment.sample(source))
const { paid_at, ...unpaid } = samples[0]
console.log(JSON.stringify({
  tables: tables.map(({ table }) => table),
  valid: samples.filter((sample) => validate(payment, sample).ok).length,
  invalid: [
    validate(payment, unpaid),
    validate(payment, { ...samples[0], method: 'cash' }),
    validate(payment, { ...samples[0], amount: '12' }),
  ].map(({ violations }) => violations.map(({ path, reason }) => path + ' ' + reason)),
}))`

test('its table, its validation and its samples follow from the one file', async () => {
  await writeFile(join(copy, 'script.ts'), SCRIPT)
  expect(JSON.parse(await node('script.ts'))).toEqual({
    tables: ['inventory', 'orders', 'payments', 'user_activity', 'dead_letters'],
    valid: 200,
    invalid: [['paid_at missing_field'], ['method invalid_value'], ['amount wrong_type']],
  })
})

test('its DDL is printed with the others', async () => {
  const ddl = await node('src/cli/main.ts', 'tables', 'ddl')
  expect(ddl).toMatch(/CREATE TABLE IF NOT EXISTS `sluice-local\.dev_events_dataset\.payments` \(/)
  expect(ddl).toMatch(/ {2}fees ARRAY<STRUCT<\n {4}name STRING NOT NULL/)
  expect(ddl).toMatch(/PARTITION BY event_date\nCLUSTER BY order_id, outcome/)
})

test('generator, table manager, pipeline and reconcile take it with the others', async () => {
  const report = JSON.parse(await node('src/cli/main.ts', 'e2e', '--events', '400', '--json'))
  const { rows, rawLines, missing, duplicated, unexpected } = report.reconciliation
  expect({ missing, duplicated, unexpected }).toEqual({ missing: [], duplicated: [], unexpected: [] })
  expect(rows.payments).toBeGreaterThan(50) // about a quarter
  expect(rawLines.payment).toBe(rows.payments)
}, 60_000)

test('it passes the type check where it lies', async () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const project = join(copy, 'tsconfig.catalogue.json')
  await writeFile(project, JSON.stringify({ extends: './tsconfig.json', include: ['src/catalogue'] }))
  expect(await node(tsc, '--noEmit', '-p', project)).toBe('')
}, 60_000)
