import { expect, test } from 'vitest'
import { tables } from '../../src/catalogue/index.ts'
import { spawnSluice, startBackend } from '../harness.ts'

async function run(environment: Readonly<Record<string, string>>, ...args: string[]) {
  await using sluice = spawnSluice(['tables', ...args], environment)
  const lines = await Array.fromAsync(sluice.lines)
  return { code: await sluice.ended, text: lines.join('\n') }
}

test('check names what differs and fails, apply mends it, and check is content', async () => {
  await using backend = await startBackend()
  const { environment } = backend
  const dataset = backend.clients.bigquery.dataset(backend.settings.resources.dataset)
  await dataset.table('inventory').delete()
  await dataset.table('orders').setMetadata({ description: 'ours', labels: { 'managed-by': 'us' } })
  const [before, plan] = await Promise.all([run(environment, 'check'), run(environment, 'plan')])
  expect(before).toEqual({ code: 1, text: expect.stringMatching(/inventory +is not there/) })
  expect(before.text).toContain('describe the table as its definition does\n    label the table')
  expect(plan).toEqual({ ...before, code: 0 })
  expect(await run(environment, 'apply')).toEqual({ code: 0, text: expect.stringMatching(/inventory +made/) })
  const after = await run(environment, 'check', '--json')
  expect(after.code).toBe(0)
  expect(JSON.parse(after.text)).toEqual(tables.map(({ table }) => ({ table, action: 'nothing', extraColumns: [] })))
})

test('a table that cannot become what its definition says fails all three', async () => {
  await using backend = await startBackend()
  const orders = backend.clients.bigquery.dataset(backend.settings.resources.dataset).table('orders')
  const [{ schema, timePartitioning, clustering }] = await orders.getMetadata()
  const fields = schema.fields.map((f: { name: string }) => (f.name === 'customer_id' ? { ...f, type: 'INTEGER' } : f))
  await orders.delete()
  await orders.create({ schema: { fields }, timePartitioning, clustering })
  const runs = await Promise.all(['check', 'plan', 'apply'].map((verb) => run(backend.environment, verb)))
  expect(runs.map(({ code }) => code)).toEqual([1, 1, 1])
  for (const { text } of runs) expect(text).toContain('customer_id is INT64 in the table and STRING in its definition')
})

test('ddl asks no backend, and prints a statement for each table', async () => {
  const { code, text } = await run({ SLUICE_ENV: 'prod', SLUICE_PARTITION_DAYS: '400' }, 'ddl')
  expect(code).toBe(0)
  expect(text.match(/^CREATE [^(\n]+/gm)?.map((statement) => statement.trim())).toEqual([
    'CREATE SCHEMA IF NOT EXISTS `sluice-local.prod_events_dataset`;',
    ...tables.map(({ table }) => `CREATE TABLE IF NOT EXISTS \`sluice-local.prod_events_dataset.${table}\``),
  ])
  expect(text).toContain('partition_expiration_days = 400')
})

test('a backend that is not up is told in a sentence, and the exit code is that of a mistake', async () => {
  const { code } = await run({ BIGQUERY_EMULATOR_HOST: '127.0.0.1:9' }, 'check')
  expect(code).toBe(2)
})
