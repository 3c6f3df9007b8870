import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import {
  canonicalOutputs,
  compareOutputs,
  type Finding,
  Findings,
  findFixtures,
  type LinesByFile,
  openFixture,
  type RunFacts,
  readExpected,
  stageExpected,
  toLine,
} from './index.ts'
import { Sorter } from './sorted.ts'

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

const a = { message_id: 'a', publish_time: '2024-01-15T10:00:00Z', offset_ms: 0, data: '{"x":"é"}' }
const b = { ...a, message_id: 'b', offset_ms: 5, data: undefined, data_base64: 'AP8=', attributes: { event_id: 'e' } }

interface Made {
  readonly more?: object
  readonly hash?: string
  readonly compressed?: boolean
}

function fixture(lines: readonly object[], { more = {}, hash, compressed = false }: Made = {}): string {
  const folder = temporaryFolder()
  const messages = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  if (compressed) writeFileSync(join(folder, 'messages.ndjson.gz'), gzipSync(messages))
  else writeFileSync(join(folder, 'messages.ndjson'), messages)
  const about = {
    name: 'n',
    description: 'd',
    source: 's',
    recorded_at: '2024-01-15T10:45:00Z',
    counts: { messages: lines.length },
    hash: `sha256:${hash ?? createHash('sha256').update(messages).digest('hex')}`,
    volatile: ['processed_at'],
    ...more,
  }
  writeFileSync(join(folder, 'fixture.json'), JSON.stringify(about))
  return folder
}

const messagesOf = async (folder: string) => Array.fromAsync((await openFixture(folder)).messages())

test.each([false, true])('messages come back byte for byte, compressed: %s', async (compressed) => {
  const time = { publishTime: '2024-01-15T10:00:00Z' }
  expect(await messagesOf(fixture([a, b], { compressed }))).toEqual([
    { messageId: 'a', ...time, offsetMs: 0, attributes: {}, data: Buffer.from('{"x":"é"}') },
    { messageId: 'b', ...time, offsetMs: 5, attributes: { event_id: 'e' }, data: Buffer.from([0, 255]) },
  ])
})

test('any message that Pub/Sub can carry is written as a line, and read from it', async () => {
  const message = fc.record({
    messageId: fc.string({ minLength: 1, unit: 'binary' }),
    publishTime: fc.constant('2024-01-15T10:00:00.123456789Z'),
    offsetMs: fc.nat(),
    attributes: fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), { noNullPrototype: true }),
    data: fc.oneof(fc.uint8Array(), fc.string({ unit: 'binary' }).map(Buffer.from)).map((bytes) => Buffer.from(bytes)),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(message), async (messages) => {
      const lines = messages.map((m) => JSON.parse(toLine(m)))
      expect(await messagesOf(fixture(lines))).toEqual(messages)
    }),
    { numRuns: 30 },
  )
})

test.each([
  ['another number of messages', [a], { more: { counts: { messages: 2 } } }, 'has 1 messages, fixture.json says 2'],
  ['other messages than were recorded', [a], { hash: '0'.repeat(64) }, 'is not what was recorded'],
  ['a message without data', [a, { ...a, data: undefined }], {}, 'messages.ndjson:2: ✖ has not one of data'],
  ['a message with data in two forms', [{ ...a, data_base64: '' }], {}, 'messages.ndjson:1'],
  ['a field that no fixture has', [a], { more: { colour: 'red' } }, 'colour'],
] as const)('%s is refused, with the place', async (_what, lines, made, message) => {
  await expect(openFixture(fixture(lines, made))).rejects.toThrow(message)
})

test('a folder of fixtures stands for each of them', async () => {
  const root = temporaryFolder()
  for (const name of ['b', 'a/c']) {
    mkdirSync(join(root, name), { recursive: true })
    writeFileSync(join(root, name, 'fixture.json'), '{}')
  }
  expect(await findFixtures(root)).toEqual([join(root, 'a/c'), join(root, 'b')])
  expect(await findFixtures(join(root, 'b'))).toEqual([join(root, 'b')])
  await expect(findFixtures(temporaryFolder())).rejects.toThrow('There is no fixture in')
})

test('any lines are sorted as JavaScript sorts them, however few of them fit into memory', async () => {
  const line = fc.string({ minLength: 1, unit: 'binary' }).map((text) => JSON.stringify(text))
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 200 }), async (lines, most) => {
      const sorter = new Sorter(temporaryFolder(), most)
      for (const each of lines) await sorter.add(each)
      expect(await Array.fromAsync(sorter.sorted())).toEqual(lines.toSorted())
    }),
    { numRuns: 50 },
  )
})

const PATH = 'output/order/2024/01/15/10/30/order_202401151030001.json'
const facts: RunFacts = {
  volatile: ['processed_at', 'publish_time', 'dead_letters.event_date', '_meta.publish_time'],
  from: Date.parse('2024-06-01T12:00:00Z'),
  to: Date.parse('2024-06-01T12:00:30Z'),
  names: new Map([['17', 'recorded']]),
}

/** What the pipeline wrote, as it lies in a folder of collected outputs. */
async function canonical(files: Readonly<Record<string, string>>): Promise<Record<string, unknown[]>> {
  const folder = temporaryFolder()
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  const outputs = await canonicalOutputs({ folder, temporary: temporaryFolder(), facts })
  const read = [...outputs].map(async ([name, lines]) => [name, await Array.fromAsync(lines, (l) => JSON.parse(l))])
  return Object.fromEntries(await Promise.all(read))
}

test('a row stands without what it lacks, and with its event’s name in place of a message id', async () => {
  const row = '{"status":"new","event_id":"17","ip_address":null,"items":[],"processed_at":"2024-06-01T12:00:05.123Z"}'
  expect(await canonical({ 'tables/orders.ndjson': row })).toEqual({
    'tables/orders': [{ event_id: 'recorded', status: 'new', items: [], processed_at: '(time of the run)' }],
  })
})

test('a time that is not of the run, where one of the run belongs, is not hidden', async () => {
  const row = '{"event_id":"17","processed_at":"2024-06-01T13:00:05.123Z","publish_time":"never"}'
  const { 'tables/orders': rows } = await canonical({ 'tables/orders.ndjson': row })
  expect(rows).toEqual([{ event_id: 'recorded', processed_at: '2024-06-01T13:00:05.123Z', publish_time: 'never' }])
})

test('a raw line keeps the text of its numbers, and its file all but the sequence', async () => {
  const line =
    '{"event_type":"order","n":12345678901234567890,"price":1.50,"_meta":{"event_id":"17","message_id":"17"}}'
  expect(await canonical({ [PATH]: line })).toEqual({
    'raw/order': [
      {
        event_id: 'recorded',
        path: 'output/order/2024/01/15/10/30/order_202401151030*.json',
        line: {
          event_type: 'order',
          n: { $number: '12345678901234567890' },
          price: { $number: '1.50' },
          _meta: { event_id: 'recorded', message_id: 'recorded' },
        },
      },
    ],
  })
})

test('a dead letter’s file is that of the minute in which it was published, or is told', async () => {
  const line = '{"data":"x","_meta":{"event_id":"e","publish_time":"2024-06-01T12:00:01Z"}}'
  const file = (minute: string) =>
    `output/_dead_letter/2024/06/01/12/${minute}/_dead_letter_2024060112${minute}001.json`
  const paths = async (minute: string) => (await canonical({ [file(minute)]: line }))['raw/_dead_letter']
  expect(await paths('00')).toMatchObject([{ path: 'output/_dead_letter/(minute of publish_time)' }])
  expect(await paths('01')).toMatchObject([{ path: file('01') }])
})

test('half a line and a very long text are told in few words', async () => {
  const line = JSON.stringify({ event_type: 'order', note: 'x'.repeat(20_000), _meta: { event_id: 'e' } })
  const { 'raw/order': lines } = await canonical({ [PATH]: `${line}\n{"event_ty` })
  expect(lines).toEqual([
    { event_id: '', unreadable: '{"event_ty' },
    expect.objectContaining({
      line: expect.objectContaining({ note: { $text: expect.objectContaining({ length: 20_000 }) } }),
    }),
  ])
})

const lines = (all: readonly object[]) => all.map((each) => JSON.stringify(each)).sort()

async function* streamed(all: readonly object[]): AsyncGenerator<string> {
  yield* lines(all)
}

const filesOf = (files: Readonly<Record<string, readonly object[]>>): LinesByFile =>
  new Map(Object.entries(files).map(([name, all]) => [name, streamed(all)]))

async function compared(
  expected: Readonly<Record<string, readonly object[]>>,
  actual: Readonly<Record<string, readonly object[]>>,
): Promise<readonly Finding[]> {
  const findings = new Findings()
  await compareOutputs(filesOf(expected), filesOf(actual), findings)
  return findings.all
}

const rows = (count: number, fields: object = {}) =>
  Array.from({ length: count }, (_, i) => ({ event_id: `e${String(i).padStart(3, '0')}`, ...fields }))

test('what is missing, too many, and there twice is counted as that', async () => {
  const [first, second, third] = rows(3)
  const found = await compared({ 'tables/orders': [first!, second!] }, { 'tables/orders': [second!, second!, third!] })
  const told = found.map(({ kind, count, examples }) => [kind, count, examples[0]?.event_id])
  expect(told.sort()).toEqual([
    ['extra', 1, 'e002'],
    ['missing', 1, 'e000'],
    ['repeated', 1, 'e001'],
  ])
})

test('a line that cannot be read is not taken for one of an event', async () => {
  const found = await compared({}, { 'raw/order': [{ event_id: '', unreadable: '{"event_ty' }] })
  expect(found).toMatchObject([{ kind: 'unreadable', count: 1 }])
})

test('a column that differs everywhere is told once, with what has happened to it everywhere', async () => {
  const before = { order_date: '2024-01-15T10:30:00.000Z', items: [{ price: '1' }, { price: '2' }] }
  const after = { order_date: '2024-01-15T11:30:00.000Z', items: [{ price: '1.5' }, { price: '2.5' }] }
  const found = await compared({ 'tables/orders': rows(50, before) }, { 'tables/orders': rows(50, after) })
  expect(found).toMatchObject([
    { kind: 'different', path: 'order_date', count: 50, change: '+1 h' },
    { kind: 'different', path: 'items[].price', count: 50, change: '+0.5' },
  ])
  expect(found[1]?.examples).toHaveLength(20)
  expect(found[1]?.examples[0]).toEqual({
    file: 'tables/orders',
    event_id: 'e000',
    path: 'items[0].price',
    expected: '1',
    actual: '1.5',
  })
})

test('a file that is named for another minute is told by how much', async () => {
  const path = (minute: string) => ({ path: `output/order/2024/01/15/10/${minute}/order_2024011510${minute}*.json` })
  const found = await compared({ 'raw/order': rows(3, path('59')) }, { 'raw/order': rows(3, path('57')) })
  expect(found).toMatchObject([{ kind: 'different', path: 'path', count: 3, change: '-2 min' }])
})

test('a column that is gone or new, and two that have changed places, are told as that', async () => {
  const before = { gone: 1, address: { city: 'Bern', country: 'CH' } }
  const after = { added: 2, address: { city: 'CH', country: 'Bern' } }
  const found = await compared({ 'tables/orders': rows(2, before) }, { 'tables/orders': rows(2, after) })
  expect(found.map(({ kind, path, change }) => ({ kind, path, change }))).toEqual([
    { kind: 'swapped', path: 'address.city and address.country', change: undefined },
    { kind: 'different', path: 'gone', change: 'is gone' },
    { kind: 'different', path: 'added', change: 'is new' },
  ])
})

test('any two sets of outputs differ by as many lines as have no equal on the other side', async () => {
  const line = fc.record({ event_id: fc.constantFrom('a', 'b', 'b"', 'é', '\u{1f600}', '\uffff'), n: fc.nat(3) })
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(line), async (expected, actual) => {
      const findings = new Findings()
      await compareOutputs(filesOf({ f: expected }), filesOf({ f: actual }), findings)
      const rest = lines(actual)
      const missing = lines(expected).filter((each) => {
        const at = rest.indexOf(each)
        if (at >= 0) rest.splice(at, 1)
        return at < 0
      })
      const counted = findings.all.reduce((sum, { count }) => sum + count, 0)
      expect(findings.isEmpty).toBe(missing.length === 0 && rest.length === 0)
      expect(counted).toBeGreaterThanOrEqual(Math.max(missing.length, rest.length))
      expect(counted).toBeLessThanOrEqual(missing.length + rest.length)
      expect(findings.totals.f ?? { expected: 0, actual: 0 }).toEqual({
        expected: expected.length,
        actual: actual.length,
      })
    }),
  )
})

test('expected outputs that were cut short, or are out of order, are refused', async () => {
  const folder = fixture([a])
  const staged = await stageExpected(await openFixture(folder), filesOf({ 'tables/orders': rows(3) }))
  await staged.commit()
  const file = join(folder, 'expected/tables/orders.ndjson')
  const whole = readFileSync(file, 'utf8')
  const read = async () => Array.fromAsync((await readExpected(await openFixture(folder))).get('tables/orders')!)
  expect(await read()).toHaveLength(3)
  writeFileSync(file, whole.slice(0, whole.indexOf('\n') + 1))
  await expect(read()).rejects.toThrow('orders.ndjson has 1 lines, fixture.json says 3')
  writeFileSync(file, whole.split('\n').toReversed().join('\n'))
  await expect(read()).rejects.toThrow('is not in order')
  rmSync(file)
  await expect(read()).rejects.toThrow('lacks expected/tables/orders.ndjson')
})
