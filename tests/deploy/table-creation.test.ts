import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { events } from '../../src/catalogue/index.ts'
import { type Backend, spawnSluice, startBackend } from '../harness.ts'
import { installedSdk, pointedTo } from './gcloud.ts'
import { checkout } from './project.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'sluice-tables-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sdk = installedSdk()

async function testTables(backend: Backend, ...options: string[]) {
  const { projectId, environment } = backend.settings
  const ended = await run(join(root, 'scripts/test-table-creation.sh'), [projectId, environment, ...options], {
    env: { PATH: process.env.PATH, HOME: folder, ...pointedTo(backend.environment, folder) },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (thrown: { code: number; stdout: string; stderr: string }) => thrown,
  )
  return { exitCode: ended.code, complaints: ended.stderr, verdicts: ended.stderr.match(/^[✔✘].*$/gm) ?? [] }
}

test('test-table-creation.sh sees each table appear with its row', { timeout: 120_000 }, async (context) => {
  context.skip(sdk === undefined, 'gcloud is not installed')
  await using backend = await startBackend({ tables: 'none' })
  await using manager = spawnSluice(['table-manager', '--port', '0', '--subscribe'], backend.environment)
  for await (const line of manager.lines) if (line.includes('the table manager is up')) break
  await using _pipeline = spawnSluice(['pipeline'], backend.environment)
  const { exitCode, verdicts, complaints } = await testTables(backend, '--every=1', '--timeout=90')
  expect(verdicts.sort(), complaints).toEqual([
    expect.stringMatching(/^✔ inventory: inventory is as it should be, and has the row, after \d+ s$/),
    expect.stringMatching(/^✔ order: orders is as it should be, and has the row, after \d+ s$/),
    expect.stringMatching(/^✔ user_activity: user_activity is as it should be, and has the row, after \d+ s$/),
  ])
  expect(exitCode).toBe(0)
})

test('test-table-creation.sh says of each type what is not as it should be', () => {
  using project = checkout()
  const { columns, description, partitionBy, clusterBy } = events.get('user_activity')!
  const right = {
    type: 'TABLE',
    description,
    schema: { fields: columns },
    timePartitioning: { type: 'DAY', field: partitionBy },
    clustering: { fields: clusterBy },
  }
  writeFileSync(join(folder, 'wrong'), JSON.stringify({ ...right, schema: { fields: columns.slice(1) } }))
  writeFileSync(join(folder, 'right'), JSON.stringify(right))
  const bq = `case $* in
  *inventory*) echo 'BigQuery error in show operation: Not found: Table my-project:dev_events_dataset.inventory'; exit 2 ;;
  *orders*) cat ${join(folder, 'wrong')} ;;
  *show*) cat ${join(folder, 'right')} ;;
  *) printf 'found\\n2\\n' ;;
esac`
  const args = ['my-project', 'dev', '--every=1', '--timeout=1']
  const { exitCode, complaints } = project.run('test-table-creation.sh', args, { gcloud: '', bq })
  expect(exitCode).toBe(1)
  expect(complaints.match(/^[✔✘].*$/gm)).toEqual([
    expect.stringMatching(/^✘ inventory: after \d+ s there is no table inventory$/),
    expect.stringMatching(/^✘ order: after \d+ s orders is not as the catalogue says: /),
    expect.stringMatching(/^✘ user_activity: after \d+ s user_activity has the row 2 times$/),
  ])
})
