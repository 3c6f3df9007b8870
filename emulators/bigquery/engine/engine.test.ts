import fc from 'fast-check'
import { expect, test } from 'vitest'
import { physicalName } from '../model/physical.ts'
import { type Column, columnType, type SqlType } from '../model/schema.ts'
import { sizeOf, type Value } from '../model/value.ts'
import { Engine } from './engine.ts'

const dataset = { projectId: 'p', datasetId: 'd' }
const table = { ...dataset, tableId: 't' }

const LIMIT = 10n ** 38n - 1n
const decimal = fc.bigInt({ min: -LIMIT, max: LIMIT })
const micros = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n })
const scalars: [Column['type'], fc.Arbitrary<Value>][] = [
  ['BOOL', fc.boolean()],
  ['INT64', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  ['FLOAT64', fc.double()],
  ['NUMERIC', decimal],
  ['BIGNUMERIC', decimal],
  ['STRING', fc.string({ unit: 'grapheme' })],
  ['BYTES', fc.uint8Array().map((bytes) => Buffer.from(bytes))],
  ['DATE', fc.integer({ min: -719_162, max: 2_932_896 })],
  ['TIME', fc.bigInt({ min: 0n, max: 86_399_999_999n })],
  ['DATETIME', micros],
  ['TIMESTAMP', micros],
  ['JSON', fc.json()],
]

/** Columns of every type, alone, in lists, in records and in lists of records. */
const fields = scalars.map(([type], i): Column => ({ name: `f${i}`, type, mode: 'NULLABLE' }))
const columns: Column[] = [
  ...fields,
  ...fields.map((field): Column => ({ ...field, name: `many_${field.name}`, mode: 'REPEATED' })),
  { name: 'one', type: 'STRUCT', mode: 'NULLABLE', fields },
  { name: 'some', type: 'STRUCT', mode: 'REPEATED', fields },
]
const maybe = (value: fc.Arbitrary<Value>) => fc.option(value, { freq: 4 })
const record = fc.tuple(...scalars.map(([, value]) => maybe(value))) as fc.Arbitrary<Value>
const row = fc.tuple(
  ...scalars.map(([, value]) => maybe(value)),
  ...scalars.map(([, value]) => fc.array(value, { maxLength: 3 })),
  maybe(record),
  fc.array(record, { maxLength: 2 }),
) as fc.Arbitrary<Value[]>

const outputs = columns.map((column) => ({ type: columnType(column) }))
const everything = { sql: `SELECT * FROM ${physicalName(table)}`, values: [], columns: outputs }

async function engineWithTable(): Promise<Engine> {
  const engine = await Engine.open()
  await engine.transaction(async (writer) => {
    await writer.createDataset(dataset)
    await writer.createTable(table, columns)
    return () => {}
  })
  return engine
}

test('rows come back as they went in, in their order, and weigh in DuckDB what they weigh here', async () => {
  await using engine = await engineWithTable()
  const copy = { ...dataset, tableId: 'copy' }
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 4 }), async (rows) => {
      const size = await engine.transaction(async (writer) => {
        await writer.dropTable(table)
        await writer.createTable(table, columns)
        await writer.append(table, columns, rows)
        await writer.createTable(copy, columns)
        const filled = await writer.insert(copy, columns, { query: everything })
        await writer.dropTable(copy)
        return () => filled
      })
      expect(await engine.select(everything)).toEqual(rows)
      const weight = rows.flatMap((values) => outputs.map(({ type }, i) => sizeOf(type, values[i])))
      expect(size).toEqual({ rows: rows.length, bytes: weight.reduce((sum, bytes) => sum + bytes, 0) })
    }),
    { numRuns: 40 },
  )
})

test('more rows than a vector holds keep their order', async () => {
  await using engine = await engineWithTable()
  const rows = Array.from({ length: 5_000 }, (_, i) => [null, BigInt(i)])
  await engine.transaction(async (writer) => {
    await writer.append(table, columns, rows)
    return () => {}
  })
  const read = await engine.select({ ...everything, sql: `${everything.sql} LIMIT 2 OFFSET 4998` })
  expect(read.map(([, n]) => n)).toEqual([4998n, 4999n])
})

test('a transaction that fails leaves nothing, and the next one goes on', async () => {
  await using engine = await engineWithTable()
  const failing = engine.transaction(async (writer) => {
    await writer.append(table, columns, [[true]])
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await engine.select(everything)).toEqual([])
})

test.each<[string, Column[], Value[]]>([
  ['that are not those of the table', columns.slice(0, 2), [true, 1n]],
  ['of a value that its column cannot hold', columns, [null, 'x']],
])('rows %s fail the transaction, and the next one goes on', async (_, given, bad) => {
  await using engine = await engineWithTable()
  const append = (columns: readonly Column[], row: Value[]) =>
    engine.transaction(async (writer) => {
      await writer.append(table, columns, [row])
      return () => 'written'
    })
  await expect(append(given, bad)).rejects.toThrow()
  expect(await engine.select(everything)).toEqual([])
  expect(await append(columns, [true])).toBe('written')
  expect(await engine.select(everything)).toHaveLength(1)
})

test('fields added at any depth are NULL, or empty, in the rows that were there before', async () => {
  await using engine = await Engine.open()
  const before: Column[] = [
    { name: 'n', type: 'INT64', mode: 'NULLABLE' },
    { name: 'items', type: 'STRUCT', mode: 'REPEATED', fields: [{ name: 'a', type: 'STRING', mode: 'NULLABLE' }] },
  ]
  const top: Column[] = [...before, { name: 'tags', type: 'STRING', mode: 'REPEATED' }]
  const nested: Column[] = [
    before[0]!,
    { ...before[1]!, fields: [...before[1]!.fields!, { name: 'b', type: 'DATE', mode: 'NULLABLE' }] },
    top[2]!,
  ]
  await engine.transaction(async (writer) => {
    await writer.createDataset(dataset)
    await writer.createTable(table, before)
    await writer.append(table, before, [[1n, [['x'], null]]])
    await writer.reshapeTable(table, before, top)
    await writer.reshapeTable(table, top, nested)
    await writer.append(table, nested, [[2n, [['y', 1]], ['t']]])
    return () => {}
  })
  const read = { ...everything, columns: nested.map((column) => ({ type: columnType(column) as SqlType })) }
  expect(await engine.select(read)).toEqual([
    [1n, [['x', null], null], []],
    [2n, [['y', 1]], ['t']],
  ])
})

test('names that differ only in case are different tables', async () => {
  await using engine = await engineWithTable()
  const upper = { ...dataset, tableId: 'T' }
  await engine.transaction(async (writer) => {
    await writer.createTable(upper, columns)
    await writer.append(upper, columns, [[true]])
    return () => {}
  })
  expect(await engine.select(everything)).toEqual([])
})

test('queries leave nothing open behind them, whether they succeed, fail or are cancelled', async () => {
  await using engine = await engineWithTable()
  const one = { sql: 'SELECT 1', values: [], columns: [{ type: { kind: 'INT64' } as const }] }
  for (let i = 0; i < 200; i++) await engine.select(one)
  await expect(engine.select({ ...one, sql: "SELECT error('no')" })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  const cancellation = new AbortController()
  const endless = { ...one, sql: 'SELECT count(*) FROM range(100000000000) a, range(1000) b' }
  const running = engine.select(endless, cancellation.signal)
  cancellation.abort(new Error('cancelled'))
  await expect(running).rejects.toThrow('cancelled')
  // The writer's, and the one that counts.
  const connections = { ...one, sql: 'SELECT * FROM duckdb_connection_count()' }
  expect(await engine.select(connections)).toEqual([[2n]])
})

test('closing waits for what is under way, and lets nothing new in', async () => {
  const engine = await engineWithTable()
  const one = {
    sql: 'SELECT sum(i) FROM range(30000000) t(i)',
    values: [],
    columns: [{ type: { kind: 'INT64' } as const }],
  }
  const reading = engine.select(one)
  const writing = engine.transaction(async (writer) => {
    await writer.append(table, columns, [[true]])
    return () => 'written'
  })
  await engine[Symbol.asyncDispose]()
  expect(await reading).toHaveLength(1)
  expect(await writing).toBe('written')
  await expect(engine.select(one)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  await expect(engine.transaction(async () => () => {})).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})

test('every connection counts in UTC, and loads nothing from the network', async () => {
  await using engine = await Engine.open()
  const settings = ['TimeZone', 'autoinstall_known_extensions', 'autoload_known_extensions']
  const columns = settings.map(() => ({ type: { kind: 'STRING' } as const }))
  const sql = `SELECT ${settings.map((name) => `CAST(current_setting('${name}') AS VARCHAR)`).join(', ')}`
  expect(await engine.select({ sql, values: [], columns })).toEqual([['UTC', 'false', 'false']])
})
