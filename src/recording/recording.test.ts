import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { OutputsDatabase, Row } from '../outputs/index.ts'
import { canonicalOutputs, compareOutputs, readFixture } from './index.ts'

function fixture(lines: readonly object[], more: object = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const messages = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  writeFileSync(join(folder, 'messages.ndjson'), messages)
  const about = {
    name: 'n',
    description: 'd',
    source: 's',
    recorded_at: '2024-01-15T10:45:00Z',
    messages: lines.length,
    hash: `sha256:${createHash('sha256').update(messages).digest('hex')}`,
    volatile: ['processed_at'],
    ...more,
  }
  writeFileSync(join(folder, 'fixture.json'), JSON.stringify(about))
  return folder
}

const a = { message_id: 'a', data: '{"x":"é"}' }
const b = { message_id: 'b', data_base64: 'AP8=', attributes: { event_id: 'e' } }

test('messages come back byte for byte', async () => {
  const { messages } = await readFixture(fixture([a, b]))
  expect(messages).toEqual([
    { messageId: 'a', attributes: {}, data: Buffer.from('{"x":"é"}') },
    { messageId: 'b', attributes: { event_id: 'e' }, data: Buffer.from([0, 255]) },
  ])
})

test.each([
  ['another number of messages', [a], { messages: 2 }, 'has 1 messages, fixture.json says 2'],
  ['two messages of one name', [a, a], {}, 'names two messages a'],
  ['a message without data', [{ message_id: 'a' }], {}, 'messages.ndjson:1'],
  ['a field that no fixture has', [a], { colour: 'red' }, 'colour'],
])('%s is refused, with the place', async (_what, lines, more, message) => {
  await expect(readFixture(fixture(lines, more))).rejects.toThrow(message)
})

/** Outputs of one row and its raw line. */
function outputs(line: string, row: object = {}): OutputsDatabase {
  const answers: Row[][] = [
    [{ table_name: 'orders', line: JSON.stringify({ event_id: '17', processed_at: 'now', ...row }) }],
    [{ event_type: 'order', folder: 'output/order/2024', line }],
  ]
  return { strangeFiles: [], sql: async () => answers.shift()!, [Symbol.dispose]() {} }
}
const canonical = (line: string, row?: object) =>
  canonicalOutputs(outputs(line, row), { volatile: ['processed_at'] }, new Map([['17', 'recorded']]))

test('volatile fields are left out, and message ids have the names of the recording', async () => {
  const found = await canonical('{"_meta":{"event_id":"17","message_id":"17"}}')
  expect(found.get('orders')).toEqual([{ event_id: 'recorded' }])
  expect(found.get('raw')).toMatchObject([{ line: { _meta: { event_id: 'recorded', message_id: 'recorded' } } }])
})

test('a number whose text has changed is a difference, even if it is the same double', async () => {
  const before = await canonical('{"n":12345678901234567890,"_meta":{"event_id":"17"}}')
  const after = await canonical('{"n":12345678901234567000,"_meta":{"event_id":"17"}}')
  expect(compareOutputs(before, after)).toMatchObject([{ kind: 'different', file: 'raw' }])
  expect(compareOutputs(before, before)).toEqual([])
})

test('what is missing, unexpected and different is told by event and by path', async () => {
  const expected = await canonical('{"_meta":{"event_id":"17"}}', { items: [{ price: '1' }] })
  const actual = await canonical('{"_meta":{"event_id":"18"}}', { items: [{ price: '2' }] })
  expect(compareOutputs(expected, actual)).toEqual([
    { file: 'orders', event_id: 'recorded', kind: 'different', path: 'items[0].price', expected: '1', actual: '2' },
    expect.objectContaining({ file: 'raw', event_id: '18', kind: 'unexpected' }),
    expect.objectContaining({ file: 'raw', event_id: 'recorded', kind: 'missing' }),
  ])
})
