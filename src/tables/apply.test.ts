import { expect, test } from 'vitest'
import { startBigQuery } from '../../emulators/bigquery/index.ts'
import { type Column, ddl, events, type TableDefinition, tables } from '../catalogue/index.ts'
import { connect, connectBigQueryOnce } from '../clients.ts'
import { labelsOf } from '../resources.ts'
import { parseSettings } from '../settings.ts'
import { applyTables, ensureTable, planTables } from './apply.ts'

const orders = events.get('order')!
const gift: Column = { name: 'gift', type: 'STRING', mode: 'NULLABLE', description: 'A wish.' }
const wider: TableDefinition = { ...orders, columns: [...orders.columns, gift] }

async function start() {
  await using starting = new AsyncDisposableStack()
  const emulator = starting.use(await startBigQuery())
  const settings = parseSettings({ BIGQUERY_EMULATOR_HOST: `127.0.0.1:${emulator.port}` })
  const clients = starting.use(connect(settings))
  const dataset = clients.bigquery.dataset(settings.resources.dataset)
  const running = starting.move()
  return { clients, settings, dataset, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

test('every table of the catalogue is made, with its dataset, partition, clusters, labels and descriptions', async () => {
  await using started = await start()
  const applied = await applyTables(started.clients, started.settings)
  expect(applied).toEqual(tables.map(({ table }) => ({ table, outcome: 'created' })))
  const [live] = await started.dataset.table('orders').getMetadata()
  expect(live).toMatchObject({
    description: orders.description,
    labels: { 'managed-by': 'sluice', environment: 'dev' },
    timePartitioning: { type: 'DAY', field: 'event_date' },
    clustering: { fields: ['customer_id', 'status'] },
  })
  expect(live.schema.fields[0]).toMatchObject({ name: 'event_type', mode: 'REQUIRED', description: expect.any(String) })
})

test('doing it again changes nothing, and leaves even the etag as it was', async () => {
  await using started = await start()
  await applyTables(started.clients, started.settings)
  const [before] = await started.dataset.table('orders').getMetadata()
  const again = await applyTables(started.clients, started.settings)
  expect(again.map(({ outcome }) => outcome)).toEqual(tables.map(() => 'unchanged'))
  const [after] = await started.dataset.table('orders').getMetadata()
  expect(after.etag).toBe(before.etag)
})

test('a table gets the columns that its definition gained, and keeps the ones that it has besides', async () => {
  await using started = await start()
  await ensureTable(started, orders)
  const table = started.dataset.table('orders')
  const [{ schema }] = await table.getMetadata()
  await table.setMetadata({ schema: [...schema.fields, { name: 'legacy', type: 'FLOAT' }] })
  expect(await ensureTable(started, wider)).toEqual({
    table: 'orders',
    outcome: 'updated',
    changes: [{ column: 'gift', kind: 'add' }],
    extraColumns: ['legacy'],
  })
  const [after] = await table.getMetadata()
  expect(after.schema.fields.slice(-2).map((f: { name: string }) => f.name)).toEqual(['legacy', 'gift'])
})

test('a refused change leaves the table untouched', async () => {
  await using started = await start()
  await ensureTable(started, orders)
  const columns = wider.columns.map((c) => (c.name === 'status' ? { ...c, type: 'INTEGER' as const } : c))
  expect(await ensureTable(started, { ...orders, columns })).toMatchObject({
    outcome: 'refused',
    differences: [{ column: 'status', rule: 'type' }],
  })
  const [after] = await started.dataset.table('orders').getMetadata()
  expect(after.schema.fields).toHaveLength(orders.columns.length)
})

test('what BigQuery itself refuses is told, and not tried again', async () => {
  await using started = await start()
  const columns = [...orders.columns, gift, { ...gift, name: 'GIFT' }]
  expect(await ensureTable(started, { ...orders, columns })).toMatchObject({
    outcome: 'refused',
    differences: [{ rule: 'refused by BigQuery', message: expect.stringContaining('GIFT') }],
  })
})

test('how long partitions are kept is asked of BigQuery; where it does not know that, it says so by name', async () => {
  await using started = await start()
  expect(await ensureTable({ ...started, settings: { ...started.settings, partitionDays: 30 } }, orders)).toMatchObject(
    {
      outcome: 'refused',
      differences: [{ rule: 'refused by BigQuery', message: expect.stringContaining('timePartitioning.expirationMs') }],
    },
  )
})

test('the printed DDL makes the tables that the table manager wants', async () => {
  await using started = await start()
  const { projectId, resources } = started.settings
  await started.clients.bigquery.query(`CREATE SCHEMA \`${resources.dataset}\``)
  for (const definition of tables) {
    await started.clients.bigquery.query(
      ddl(definition, `${projectId}.${resources.dataset}`, { labels: labelsOf(started.settings) }),
    )
  }
  const planned = await planTables(started.clients, started.settings)
  expect(planned.map(({ plan }) => plan)).toEqual(tables.map(() => ({ action: 'nothing', extraColumns: [] })))
})

test('a plan changes nothing', async () => {
  await using started = await start()
  const planned = await planTables(started.clients, started.settings)
  expect(planned.map(({ plan }) => plan)).toEqual(tables.map(() => ({ action: 'create' })))
  expect(await started.dataset.exists()).toEqual([false])
})

test('of many who make a table at once one does, and the others find it made', async () => {
  await using started = await start()
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => ensureTable(started, orders)))
  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['created', ...Array(7).fill('unchanged')])
})

test('two who evolve a table differently at once both have their way', async () => {
  await using started = await start()
  await ensureTable(started, orders)
  const note: Column = { name: 'note', type: 'STRING', mode: 'NULLABLE', description: 'A note.' }
  const outcomes = await Promise.all([
    ensureTable(started, wider),
    ensureTable(started, { ...orders, columns: [...orders.columns, note] }),
  ])
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['updated', 'updated'])
  const [after] = await started.dataset.table('orders').getMetadata()
  const names = after.schema.fields.map(({ name }: { name: string }) => name)
  expect(names.slice(-2).sort()).toEqual(['gift', 'note'])
})

test('when BigQuery cannot be reached it throws, for the caller to try again', async () => {
  const settings = parseSettings({ BIGQUERY_EMULATOR_HOST: '127.0.0.1:9' }) // nobody listens there
  const clients = { bigquery: connectBigQueryOnce(settings) }
  await expect(ensureTable({ clients, settings }, orders)).rejects.toThrow()
})
