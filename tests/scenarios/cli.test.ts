import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startEmulators } from '../../emulators/index.ts'
import { variablesOf } from '../../src/stack/index.ts'
import { runSluice, spawnSluice } from '../harness.ts'

const GUIDE = join(import.meta.dirname, '../../fixtures/deployment-guide')

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A copy of the guide's fixture in which one file is changed. */
function changedFixture(file: string, change: (content: string) => string): string {
  const folder = temporaryFolder()
  cpSync(GUIDE, folder, { recursive: true })
  writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')))
  return folder
}

test('e2e accounts for every event, tells malformed ones apart, and finds both engines of one mind', async () => {
  const folder = temporaryFolder()
  const { exitCode, output } = await runSluice(['e2e', '--events', '300', '--seed', '5', '--keep', folder, '--json'])
  const report = JSON.parse(output)
  expect(report.reconciliation).toMatchObject({
    messages: 317, // 300, the guide's 3, 11 malformed ones, one with an unknown field, and one twice
    published: 316,
    missing: [],
    duplicated: [],
    unexpected: [],
    deadLetters: {
      empty_object: 1,
      invalid_time: 1,
      invalid_value: 1,
      missing_event_type: 1,
      missing_field: 1,
      not_an_object: 1,
      not_json: 1,
      not_utf8: 1,
      too_large: 1,
      unknown_event_type: 1,
      wrong_type: 1,
    },
  })
  expect(report).toMatchObject({ wrongReasons: [], duplicatesSuppressed: 1, unknownFields: 1 })
  expect(report.answers.map((answer: { agree: boolean; rows: number }) => answer.agree && answer.rows > 0)).toEqual([
    true,
    true,
    true,
  ])
  expect(exitCode).toBe(0)
  expect(readFileSync(join(folder, 'published.ndjson'), 'utf8').trim().split('\n')).toHaveLength(317)
  const guide = 'output/order/2024/01/15/10/30/order_202401151030001.json'
  expect(JSON.parse(readFileSync(join(folder, guide), 'utf8'))).toMatchObject({ order_id: 'test-order-001' })
})

test('e2e speaks to people in at most 80 columns, and ends with its verdict', async () => {
  const { exitCode, output, complaints } = await runSluice(['e2e', '--events', '30'])
  expect(output.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(output.split('\n').at(-1)).toBe('✔ reconcile: missing 0, duplicated 0')
  expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: '' })
})

test('replay finds the deployment guide as expected', async () => {
  const { exitCode, output } = await runSluice(['replay', GUIDE])
  expect(output).toContain('✔ deployment-guide: as expected, 3 messages, 3 rows, 3 raw lines')
  expect(exitCode).toBe(0)
})

test('however many fixtures are replayed, Node has nothing to complain of', async () => {
  const { output, complaints } = await runSluice(['replay', ...Array(11).fill(GUIDE)])
  expect(output).toContain('✔ 11 fixtures in')
  expect(complaints).toBe('')
}, 60_000)

test('replay names the column that is not as expected, with both values', async () => {
  const fixture = changedFixture('expected/tables/orders.ndjson', (content) => content.replace('59.98', '59.99'))
  const { exitCode, output } = await runSluice(['replay', fixture])
  expect(output).toContain('orders: total_amount is different in 1 of 1 row, -0.01 each')
  expect(output).toContain('guide-1: expected "59.99", got "59.98"')
  expect(output.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(exitCode).toBe(1)
})

test('replay --json tells programs the same', async () => {
  const fixture = changedFixture('expected/tables/orders.ndjson', (content) => content.replace('59.98', '59.99'))
  const { output } = await runSluice(['replay', fixture, '--json'])
  expect(JSON.parse(output)).toMatchObject([
    {
      fixture: 'deployment-guide',
      outcome: 'different',
      findings: [{ kind: 'different', path: 'total_amount', counts: { 'tables/orders': 1 }, change: '-0.01' }],
      totals: { 'raw/order': { expected: 1, actual: 1 } },
    },
  ])
})

test('replay --update makes the outputs of today the expected ones, and says what that changes', async () => {
  const file = 'expected/tables/orders.ndjson'
  const fixture = changedFixture(file, (content) => content.replace('59.98', '59.99'))
  const { exitCode, output } = await runSluice(['replay', '--update', fixture])
  expect(output).toContain('orders: total_amount is different in 1 of 1 row')
  expect(exitCode).toBe(0)
  for (const name of [file, 'expected/raw/order.ndjson', 'fixture.json']) {
    expect(readFileSync(join(fixture, name), 'utf8')).toBe(readFileSync(join(GUIDE, name), 'utf8'))
  }
})

test('a replay that is shifted publishes other times, and is compared as if it had not', async () => {
  const shifted = await runSluice(['replay', GUIDE, '--shift-to', '2030-06-30T23:57:00Z', '--speed', '100000'])
  expect(shifted).toMatchObject({ exitCode: 0, output: expect.stringContaining('as expected') })
  const far = await runSluice(['replay', GUIDE, '--shift-to', '9999-12-31T23:59:00Z', '--speed', '1'])
  expect(far.complaints).toContain('guide-2 cannot be shifted: "2024-01-15T10:35:00Z" would leave the years 1 to 9999')
})

test.each([
  ['a folder that holds no fixture', ['replay', join(GUIDE, 'expected')], {}, 'There is no fixture in'],
  ['an option that is no number', ['e2e', '--events', 'many'], {}, 'It must be a whole number'],
  ['a backend that does not answer', ['pipeline'], { PUBSUB_EMULATOR_HOST: '127.0.0.1:9' }, 'Pub/Sub does not answer'],
  ['a setting that is wrong', ['pipeline'], { SLUICE_ENV: 'My Env' }, 'SLUICE_ENV is not'],
  ['another backend', ['replay', GUIDE], { SLUICE_BACKEND: 'docker' }, 'SLUICE_BACKEND is docker'],
  ['a folder that is not empty', ['e2e', '--keep', GUIDE], {}, 'is not empty'],
])('%s is told in a sentence, without a stack', async (_what, args, environment, message) => {
  const { exitCode, complaints } = await runSluice(args, environment)
  expect(complaints).toContain(message)
  expect(complaints).not.toMatch(/^\s+at /m)
  expect(exitCode).not.toBe(0)
})

test('messages that were changed by accident are noticed before anything runs', async () => {
  const fixture = changedFixture('messages.ndjson', (content) => content.replace('pending', 'shipped'))
  const { complaints } = await runSluice(['replay', fixture])
  expect(complaints).toContain('is not what was recorded')
})

test('a port that is taken is named, with what to do about it', async () => {
  await using other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const args = ['emulators', '--pubsub-port', '0', '--storage-port', '0', '--bigquery-port', String(port)]
  const { exitCode, complaints } = await runSluice(args)
  expect(complaints).toBe(
    `sluice: port ${port} is taken: end what listens there, or choose another port (see --help).\n`,
  )
  expect(exitCode).toBe(2)
})

test('the emulators tell how to reach them, and end well when interrupted', async () => {
  const ports = ['--pubsub-port', '0', '--storage-port', '0', '--bigquery-port', '0']
  await using emulators = spawnSluice(['emulators', ...ports], {})
  const exported: string[] = []
  for await (const line of emulators.lines) {
    if (line.startsWith('export ')) exported.push(line)
    if (exported.length === 3) emulators.kill('SIGINT')
  }
  expect(exported).toEqual([
    expect.stringMatching(/^export PUBSUB_EMULATOR_HOST=127\.0\.0\.1:\d+$/),
    expect.stringMatching(/^export STORAGE_EMULATOR_HOST=http:\/\/127\.0\.0\.1:\d+$/),
    expect.stringMatching(/^export BIGQUERY_EMULATOR_HOST=http:\/\/127\.0\.0\.1:\d+$/),
  ])
  expect(await emulators.ended).toBe(0)
})

test('an interrupted run leaves nothing behind', async () => {
  const folder = temporaryFolder()
  await using running = spawnSluice(['e2e', '--events', '20000'], { TMPDIR: folder })
  for await (const line of running.lines) if (line.includes('published')) running.kill('SIGINT')
  expect(await running.ended).toBe(2)
  expect(await running.complaints).toBe('sluice: interrupted.\n')
  // Node's own cache of compiled modules stays, for the next start.
  expect(readdirSync(folder).filter((name) => name !== 'node-compile-cache')).toEqual([])
})

test('nor does an interrupted replay', async () => {
  const folder = temporaryFolder()
  const appears = watch(folder)
  await using running = spawnSluice(['replay', GUIDE, '--speed', '1'], { TMPDIR: folder })
  for await (const { filename } of appears) {
    if (!filename?.startsWith('sluice-')) continue
    running.kill('SIGINT')
    break
  }
  expect(await running.ended).toBe(2)
  expect(await running.complaints).toBe('sluice: interrupted.\n')
  expect(readdirSync(folder).filter((name) => name !== 'node-compile-cache')).toEqual([])
})

test('provision makes what the pipeline needs, once', async () => {
  await using emulators = await startEmulators()
  const environment = variablesOf(emulators)
  const before = await runSluice(['pipeline'], environment)
  expect(before.complaints).toContain('`sluice provision` makes it')
  const made = await runSluice(['provision'], environment)
  expect(made).toMatchObject({ exitCode: 0, output: expect.stringContaining('orders: created') })
  const again = await runSluice(['provision'], environment)
  expect(again.output).not.toContain('made')
  expect(await runSluice(['tables', 'check'], environment)).toMatchObject({ exitCode: 0 })
})

test('a mistake in the call has an exit code that no finding has', async () => {
  for (const args of [['--bogus'], ['e2e', '--bogus'], ['e2e', 'extra'], ['bogus'], []]) {
    expect((await runSluice(args)).exitCode).toBe(2)
  }
})

test('every command has help', async () => {
  const { output } = await runSluice(['--help'])
  const commands = [...output.matchAll(/^ {2}([a-z][\w-]*)/gm)]
    .map(([, name]) => name!)
    .filter((name) => name !== 'help')
  expect(commands).toContain('e2e')
  for (const command of commands) {
    const help = await runSluice([command, '--help'])
    expect(help.output).toContain(`Usage: sluice ${command}`)
    expect(help.exitCode).toBe(0)
  }
})
