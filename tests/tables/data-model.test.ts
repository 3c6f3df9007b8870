import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { withGenerated } from '../../scripts/data-model.ts'
import { allowed, before, refused } from '../../scripts/schema-changes.ts'
import { tables } from '../../src/catalogue/index.ts'
import { ensureTable } from '../../src/tables/index.ts'
import { startBackend } from '../harness.ts'

const document = readFileSync(new URL('../../docs/data-modeling.md', import.meta.url), 'utf8')

test('the document shows the DDL of every table and what becomes of each change, as they are', () => {
  for (const { table } of tables) expect(document).toContain(`<!-- begin ddl ${table} -->`)
  expect(withGenerated(document)).toBe(document) // else: node scripts/data-model.ts
})

test.each(allowed)('BigQuery takes $what, and the table is then as its definition says', async ({ after }) => {
  await using backend = await startBackend({ tables: 'none' })
  expect(await ensureTable(backend, before)).toMatchObject({ outcome: 'created' })
  expect((await ensureTable(backend, after)).outcome).not.toBe('refused')
  expect(await ensureTable(backend, after)).toMatchObject({ outcome: 'unchanged' })
})

test.each(refused)('$what is refused, and the table stays as it was', async ({ after }) => {
  await using backend = await startBackend({ tables: 'none' })
  await ensureTable(backend, before)
  expect(await ensureTable(backend, after)).toMatchObject({ outcome: 'refused' })
  expect(await ensureTable(backend, before)).toMatchObject({ outcome: 'unchanged', extraColumns: [] })
})
