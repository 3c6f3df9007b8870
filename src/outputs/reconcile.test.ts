import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { isReconciled, openOutputs, reconcile } from './index.ts'

const line = (event_id: string) => `${JSON.stringify({ event_type: 'order', _meta: { event_id } })}\n`
const row = (event_id: string, more = {}) => `${JSON.stringify({ event_id, ...more })}\n`
const ORDERS = 'tables/orders.ndjson'
const RAW = 'output/order/2024/01/15/10/30/order_202401151030001.json'
const DEAD_ROWS = 'tables/dead_letters.ndjson'
const DEAD_LINES = 'output/_dead_letter/2024/01/15/10/30/_dead_letter_202401151030001.json'

async function reconciled(files: Record<string, string>, published: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
    }
    using outputs = await openOutputs(folder)
    return await reconcile(
      outputs,
      published.map((event_id) => ({ event_id })),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('a row and a raw line account for an event, and a dead letter in table and file for one that is none', async () => {
  const files = {
    [ORDERS]: row('a') + row('b'),
    [RAW]: line('a') + line('b'),
    [DEAD_ROWS]: row('c', { reason: 'not_json' }),
    [DEAD_LINES]: line('c'),
  }
  const result = await reconciled(files, ['a', 'b', 'c', 'a'])
  expect(result).toEqual({
    messages: 4,
    published: 3,
    rows: { orders: 2 },
    rawLines: { order: 2 },
    rawFiles: 2,
    deadLetters: { not_json: 1 },
    missing: [],
    duplicated: [],
    unexpected: [],
  })
  expect(isReconciled(result)).toBe(true)
})

test('nothing published and nothing written is reconciled', async () => {
  expect(isReconciled(await reconciled({}, []))).toBe(true)
})

test.each([
  ['no trace', {}],
  ['a row without a raw line', { [ORDERS]: row('a') }],
  ['a raw line without a row', { [RAW]: line('a') }],
  ['a dead letter in the table only', { [DEAD_ROWS]: row('a') }],
  ['a dead letter in a file only', { [DEAD_LINES]: line('a') }],
])('%s is missing', async (_what, files) => {
  const result = await reconciled(files as Record<string, string>, ['a'])
  expect(result.missing.map(({ event_id }) => event_id)).toEqual(['a'])
  expect(isReconciled(result)).toBe(false)
})

test.each([
  ['two rows', { [ORDERS]: row('a') + row('a'), [RAW]: line('a') }],
  ['two raw lines', { [ORDERS]: row('a'), [RAW]: line('a') + line('a') }],
  ['rows in two tables', { [ORDERS]: row('a'), 'tables/inventory.ndjson': row('a'), [RAW]: line('a') }],
  [
    'a dead letter beside the row',
    { [ORDERS]: row('a'), [RAW]: line('a'), [DEAD_ROWS]: row('a'), [DEAD_LINES]: line('a') },
  ],
  ['two dead letters', { [DEAD_ROWS]: row('a') + row('a'), [DEAD_LINES]: line('a') }],
])('%s are duplicated', async (_what, files) => {
  const result = await reconciled(files as Record<string, string>, ['a'])
  expect(result.duplicated.map(({ event_id }) => event_id)).toEqual(['a'])
  expect(isReconciled(result)).toBe(false)
})

test('what nobody published, or has no event id, is unexpected', async () => {
  const files = { [ORDERS]: row('a') + row('x'), [RAW]: `${line('a')}{}\n` }
  const result = await reconciled(files, ['a'])
  expect(result.unexpected.map(({ event_id }) => event_id).sort()).toEqual(['', 'x'])
})
