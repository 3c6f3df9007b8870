import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { isReconciled, openOutputs, reconcile } from './index.ts'

const NDJSON = (value: object) => `${JSON.stringify(value)}\n`
const change = {
  event_type: 'inventory',
  inventory_id: 'inv-1',
  product_id: 'prod-1',
  warehouse_id: 'wh-1',
  quantity_change: -2,
  reason: 'sale',
  timestamp: '2024-01-15T11:35:00.1234567+01:00',
}
const line = (event_id: string, more = {}) =>
  NDJSON({ ...change, ...more, _meta: { event_id, publish_time: '2024-01-15T10:35:01Z' } })
const row = (event_id: string, more = {}) =>
  NDJSON({
    ...change,
    timestamp: '2024-01-15T10:35:00.123456Z',
    event_id,
    event_time: '2024-01-15T10:35:00.123456Z',
    event_date: '2024-01-15',
    publish_time: '2024-01-15T10:35:01.000Z',
    processed_at: '2024-01-15T10:35:02.000Z',
    ...more,
  })
const ROWS = 'tables/inventory.ndjson'
const RAW = 'output/inventory/2024/01/15/10/35/inventory_202401151035001.json'
const DEAD_ROWS = 'tables/dead_letters.ndjson'
const DEAD_LINES = 'output/_dead_letter/2024/01/15/10/30/_dead_letter_202401151030001.json'

async function reconciled(files: Record<string, string>, published: string[], name = '') {
  const folder = mkdtempSync(join(tmpdir(), `sluice-test-${name}`))
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
    [ROWS]: row('a') + row('b'),
    [RAW]: line('a') + line('b'),
    [DEAD_ROWS]: row('c', { reason: 'not_json' }),
    [DEAD_LINES]: line('c'),
  }
  const result = await reconciled(files, ['a', 'b', 'c', 'a'])
  expect(result).toEqual({
    messages: 4,
    published: 3,
    rows: { inventory: 2 },
    rawLines: { inventory: 2 },
    rawFiles: 2,
    deadLetters: { not_json: 1 },
    missing: [],
    duplicated: [],
    unexpected: [],
    differing: [],
    strangeFiles: [],
  })
  expect(isReconciled(result)).toBe(true)
})

test('nothing published and nothing written is reconciled', async () => {
  expect(isReconciled(await reconciled({}, []))).toBe(true)
})

test.each([
  ['no trace', {}],
  ['a row without a raw line', { [ROWS]: row('a') }],
  ['a raw line without a row', { [RAW]: line('a') }],
  ['a dead letter in the table only', { [DEAD_ROWS]: row('a') }],
  ['a dead letter in a file only', { [DEAD_LINES]: line('a') }],
])('%s is missing', async (_what, files) => {
  const result = await reconciled(files as Record<string, string>, ['a'])
  expect(result.missing.map(({ event_id }) => event_id)).toEqual(['a'])
  expect(isReconciled(result)).toBe(false)
})

test.each([
  ['two rows', { [ROWS]: row('a') + row('a'), [RAW]: line('a') }],
  ['two raw lines', { [ROWS]: row('a'), [RAW]: line('a') + line('a') }],
  ['rows in two tables', { [ROWS]: row('a'), 'tables/orders.ndjson': row('a'), [RAW]: line('a') }],
  [
    'a dead letter beside the row',
    { [ROWS]: row('a'), [RAW]: line('a'), [DEAD_ROWS]: row('a'), [DEAD_LINES]: line('a') },
  ],
  ['two dead letters', { [DEAD_ROWS]: row('a') + row('a'), [DEAD_LINES]: line('a') }],
])('%s are duplicated', async (_what, files) => {
  const result = await reconciled(files as Record<string, string>, ['a'])
  expect(result.duplicated.map(({ event_id }) => event_id)).toEqual(['a'])
  expect(isReconciled(result)).toBe(false)
})

test('what nobody published, or has no event id, is unexpected', async () => {
  const files = { [ROWS]: row('a') + row('x'), [RAW]: `${line('a')}{}\n` }
  const result = await reconciled(files, ['a'])
  expect(result.unexpected.map(({ event_id }) => event_id).sort()).toEqual(['', 'x'])
  expect(result.missing).toEqual([])
  expect(isReconciled(result)).toBe(false)
})

test.each([
  [
    'another table than that of the type',
    { 'tables/orders.ndjson': row('a'), [RAW]: line('a') },
    'in the table orders',
  ],
  ['another minute’s folder', { [ROWS]: row('a'), [RAW.replaceAll('35', '36')]: line('a') }, 'belongs into'],
  ['another type’s folder', { [ROWS]: row('a'), [RAW.replaceAll('inventory', 'order')]: line('a') }, 'belongs into'],
  ['another number', { [ROWS]: row('a', { quantity_change: -3 }), [RAW]: line('a') }, 'quantity_change is -3'],
  ['another text', { [ROWS]: row('a', { reason: 'damage' }), [RAW]: line('a') }, 'reason is "damage"'],
  ['no value', { [ROWS]: row('a', { product_id: null }), [RAW]: line('a') }, 'product_id is null'],
  ['a coarser time', { [ROWS]: row('a', { timestamp: '2024-01-15T10:35:00.123Z' }), [RAW]: line('a') }, 'timestamp is'],
  ['another day', { [ROWS]: row('a', { event_date: '2024-01-16' }), [RAW]: line('a') }, 'event_date is'],
  [
    'another publish time',
    { [ROWS]: row('a', { publish_time: '2024-01-15T10:35:02Z' }), [RAW]: line('a') },
    'publish_time is',
  ],
])('an event with %s is told with what differs', async (_what, files, what) => {
  const result = await reconciled(files as Record<string, string>, ['a'])
  expect(result.differing).toEqual([{ event_id: 'a', what: expect.stringContaining(what) }])
  expect(isReconciled(result)).toBe(false)
})

test('amounts and elements of lists are held against the raw line to the last digit', async () => {
  const item = { product_id: 'p', product_name: 'P', quantity: 1, price: 29.99 }
  const order = {
    event_type: 'order',
    order_id: 'o',
    customer_id: 'c',
    order_date: change.timestamp,
    status: 'pending',
  }
  const sent = NDJSON({
    ...order,
    items: [item],
    total_amount: 59.98,
    _meta: { event_id: 'a', publish_time: '2024-01-15T10:35:01Z' },
  })
  const kept = (price: string, total_amount: string, items = [{ ...item, price }]) =>
    row('a', { ...order, order_date: '2024-01-15T10:35:00.123456Z', shipping_address: null, items, total_amount })
  const raw = RAW.replaceAll('inventory', 'order')
  const judged = async (rows: string) =>
    (await reconciled({ 'tables/orders.ndjson': rows, [raw]: sent }, ['a'])).differing
  expect(await judged(kept('29.99', '59.98'))).toEqual([])
  expect(await judged(kept('29.9', '59.98'))).toMatchObject([
    { what: expect.stringContaining('items[0].price is "29.9"') },
  ])
  expect(await judged(kept('29.99', '59.980000001'))).toMatchObject([{ what: expect.stringContaining('total_amount') }])
  expect(await judged(kept('', '59.98', []))).toMatchObject([{ what: expect.stringContaining('0 elements') }])
})

test('a file that no pipeline writes is strange', async () => {
  const strange = 'output/inventory/2024/01/15/10/35/notes.txt'
  const result = await reconciled({ [ROWS]: row('a'), [RAW]: line('a'), [strange]: 'x' }, ['a'])
  expect(result.strangeFiles).toEqual([strange])
  expect(isReconciled(result)).toBe(false)
})

test('a raw line that is not JSON fails the judge rather than vanish', async () => {
  await expect(reconciled({ [ROWS]: row('a'), [RAW]: `${line('a')}{"broken\n` }, ['a'])).rejects.toThrow(/JSON/i)
})

test('a folder whose name looks like a pattern is read as it stands', async () => {
  expect(isReconciled(await reconciled({ [ROWS]: row('a'), [RAW]: line('a') }, ['a'], 'odd[1]*? é'))).toBe(true)
})
