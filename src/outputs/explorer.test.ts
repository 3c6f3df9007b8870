import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Explorer, openExplorer } from './index.ts'

const RAW = 'output/order/2024/01/15/10/30/order_202401151030001.json'
const LATER = 'output/order/2024/01/15/10/31/order_202401151031012.json'
const meta = (event_id: string) =>
  `"_meta":{"event_id":"${event_id}","message_id":"m-${event_id}","publish_time":"2024-01-15T10:35:01.123Z","attributes":{"k":"v"}}`
const order = (event_id: string, total: string, more = '') =>
  `{"event_type":"order","order_id":"o","customer_id":"c","order_date":"2024-01-15T11:30:00.1234567+01:00","status":"pending",` +
  `"items":[{"product_id":"p","product_name":"P","quantity":2,"price":29.99}],"total_amount":${total}${more},${meta(event_id)}}`
const row = (event_id: string, time: string) =>
  JSON.stringify({
    event_type: 'order',
    event_id,
    event_time: time,
    event_date: '2024-01-15',
    publish_time: '2024-01-15T10:35:01.123456Z',
    processed_at: '2024-01-15T10:35:02.000Z',
    items: [{ product_id: 'p', product_name: 'P', quantity: 2, price: '29.990000001' }],
    shipping_address: null,
    total_amount: '12345678901234567890.123456789',
  })
const FILES = {
  [RAW]: `${order('a', '59.98')}\n${order('b', '123456789012345', ',"shipping_address":null,"gift":true')}\n{"broken\n`,
  [LATER]: `${order('c', '"free"')}\n`,
  'output/refund/2024/01/15/10/30/refund_202401151030001.json': `{"refund_id":"r",${meta('r')}}\n`,
  'output/notes.txt': 'x',
  'tables/orders.ndjson': `${row('a', '2024-01-15T10:30:00.123456Z')}\n${row('c', '2024-01-15T10:31:00Z')}\n`,
  'published.ndjson': '{"event_id":"a","message_id":"m-a"}\n{"event_id":"a","message_id":"m-a2"}\n',
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-test-[x]'))
const places: string[] = []
function place() {
  const path = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  places.push(path)
  return path
}
let explorer: Explorer
beforeAll(async () => {
  for (const [path, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  explorer = await openExplorer({ folder, place: place() })
})
afterAll(async () => {
  await explorer[Symbol.asyncDispose]()
  for (const path of [folder, ...places]) rmSync(path, { recursive: true })
})

async function answers(sql: string, from: Explorer = explorer) {
  const all: Record<string, unknown>[][] = []
  for await (const { columns, rows } of from.query(sql)) {
    all.push((await Array.fromAsync(rows)).map((r) => Object.fromEntries(columns.map(({ name }, i) => [name, r[i]]))))
  }
  return all
}
const answer = async (sql: string, from?: Explorer) => (await answers(sql, from)).flat()

test('a raw line has the columns of its type, and those of its place', async () => {
  expect(await answer("SELECT * EXCLUDE (_json, _written) FROM raw.order WHERE event_id = 'a'")).toEqual([
    {
      event_type: 'order',
      event_id: 'a',
      order_id: 'o',
      customer_id: 'c',
      order_date: '2024-01-15T10:30:00.123456Z',
      status: 'pending',
      items: [{ product_id: 'p', product_name: 'P', quantity: 2, price: '29.99' }],
      shipping_address: null,
      total_amount: '59.98',
      _meta: {
        event_id: 'a',
        message_id: 'm-a',
        publish_time: '2024-01-15T10:35:01.123Z',
        attributes: { k: 'v' },
        received: null,
      },
      _minute: '2024-01-15T10:30:00.000Z',
      _sequence: 1,
      _file: RAW,
      _line: 1,
    },
  ])
})

test('a decimal of 15 digits is exact, and a field that no definition names is in the line as it stands', async () => {
  const query = "SELECT total_amount, _json ->> 'gift' AS gift FROM raw.order WHERE event_id = 'b'"
  expect(await answer(query)).toEqual([{ total_amount: '123456789012345', gift: 'true' }])
})

test('a value that is not of its column’s type is NULL, and stands in the line', async () => {
  const query = "SELECT total_amount, _json ->> 'total_amount' AS sent, _sequence FROM raw.order WHERE event_id = 'c'"
  expect(await answer(query)).toEqual([{ total_amount: null, sent: 'free', _sequence: 12 }])
})

test('a type that the catalogue does not have, files of nobody’s and lines that are not JSON are there too', async () => {
  expect(await answer("SELECT event_id, _json ->> 'refund_id' AS refund FROM raw.refund")).toEqual([
    { event_id: 'r', refund: 'r' },
  ])
  expect(await answer('SELECT _file, _line, content FROM raw._not_json')).toEqual([
    { _file: RAW, _line: 3, content: '{"broken' },
  ])
  expect(await answer("FROM raw._files SELECT _bytes WHERE _file = 'output/notes.txt'")).toEqual([{ _bytes: 1 }])
})

test('rows have BigQuery’s types: decimals to the last digit, instants in microseconds, records and lists', async () => {
  const query = `SELECT total_amount + 0.000000001 AS more, items[1].price AS price, publish_time,
    typeof(items) AS items, typeof(event_date) AS day FROM bq.orders WHERE event_id = 'a'`
  expect(await answer(query)).toEqual([
    {
      more: '12345678901234567890.12345679',
      price: '29.990000001',
      publish_time: '2024-01-15T10:35:01.123456Z',
      items: 'STRUCT(product_id VARCHAR, product_name VARCHAR, quantity BIGINT, price DECIMAL(38,9))[]',
      day: 'DATE',
    },
  ])
})

test('a trace tells when and where an event is, by its event id or a message id', async () => {
  const stages = [
    ['published', 'message m-a', '2024-01-15T10:35:01.123Z'],
    ['published', 'message m-a2', null],
    ['raw line', `${RAW}:1`, expect.any(String)],
    ['row', 'bq.orders', '2024-01-15T10:35:02.000Z'],
  ]
  for (const id of ['a', 'm-a', 'm-a2']) {
    const steps = await answer(`FROM trace('${id}')`)
    expect(steps.map(({ stage, place: where, time }) => [stage, where, time])).toEqual(stages)
  }
  expect(await answer("FROM trace('nobody')")).toEqual([])
})

test('an extent leaves out what happened at other times', async () => {
  const extent = { from: Date.parse('2024-01-15T10:31Z'), to: Date.parse('2024-01-15T10:32Z') }
  await using later = await openExplorer({ folder, place: place(), extent })
  const query = "SELECT event_id FROM bq.orders UNION ALL SELECT event_id || ' in a file' FROM raw.order"
  expect(await answer(query, later)).toEqual([{ event_id: 'c' }, { event_id: 'c in a file' }])
})

test.each([
  'DELETE FROM bq.orders',
  'UPDATE bq.orders SET status = NULL',
  'CREATE TABLE mine AS SELECT 1',
  'CREATE TEMP TABLE mine AS SELECT 1',
  'SET enable_external_access = true',
  'RESET lock_configuration',
  "CALL enable_logging(storage = 'file', storage_path = '/tmp/log')",
  'INSTALL httpfs',
  'LOAD httpfs',
  "ATTACH '/tmp/other.duckdb'",
  "COPY bq.orders TO '/tmp/orders.csv'",
  "EXPORT DATABASE '/tmp/all'",
  'SELECT 1; DROP TABLE bq.orders',
])('%s is refused, since outputs are only read', async (sql) => {
  await expect(answer(sql)).rejects.toThrow(/is refused|syntax error|file system operations/)
  expect(await answer('SELECT count(*) AS n FROM bq.orders')).toEqual([{ n: 2 }])
})

test.each([
  "SELECT * FROM read_text('/etc/hostname')",
  "SELECT * FROM read_blob('/etc/*')",
  "SELECT * FROM glob('/*')",
  "SELECT * FROM '/etc/hostname'",
  "SELECT * FROM read_csv('https://example.com/a.csv')",
  "SELECT * FROM 'https://example.com/a.parquet'",
  "SELECT * FROM sniff_csv('/etc/hostname')",
  `SELECT * FROM read_text('${folder}/published.ndjson')`,
])('%s sees nothing', async (sql) => {
  await expect(answer(sql)).rejects.toThrow(
    /Only what was collected|does not exist|needs to be loaded|Missing Extension/,
  )
})

test('a mistake is answered with what was probably meant', async () => {
  await expect(answer('SELECT * FROM orders')).rejects.toThrow('Did you mean "bq.orders"?')
  await expect(answer('SELECT custmer_id FROM bq.orders')).rejects.toThrow('"customer_id"')
  await expect(answer('SELECT * FROM zzzzzzzz')).rejects.toThrow('SHOW ALL TABLES names those that there are')
  await expect(answer('SELECT * FROM `p.d.orders`')).rejects.toThrow('double quotes')
  await expect(answer('-- nothing')).rejects.toThrow('there is no statement')
})

test('a query that would run for years ends when it is told to, and the next is answered', async () => {
  const endless = answer(
    'SELECT count(*) FROM range(1000000000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3',
  )
  const ended = expect(endless).rejects.toThrow('interrupted')
  const telling = setInterval(() => explorer.interrupt(), 20)
  await ended.finally(() => clearInterval(telling))
  expect(await answer('SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('closing ends a query that runs, and leaves nothing but the copy', async () => {
  const where = place()
  const other = await openExplorer({ folder, place: where })
  const endless = answer(
    'SELECT count(*) FROM range(1000000000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3',
    other,
  )
  const ended = expect(endless).rejects.toThrow('interrupted')
  setTimeout(() => void other[Symbol.asyncDispose](), 100)
  await ended
  expect(readdirSync(where)).toEqual(['outputs.duckdb'])
})
