import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { type Finding, report } from './report.ts'

const lines = (...findings: Finding[]) => stripVTControlCharacters(report(findings)).split('\n')

test('a table that would be made, one that is right, and one that was changed have a line each', () => {
  expect(
    lines(
      { table: 'orders', action: 'create' },
      { table: 'inventory', action: 'nothing', extraColumns: [] },
      {
        table: 'user_activity',
        outcome: 'updated',
        changes: [
          { column: 'metadata.platform', kind: 'add' },
          { column: 'ip_address', kind: 'relax' },
          { column: '', kind: 'describe' },
        ],
        extraColumns: ['legacy'],
      },
    ),
  ).toEqual([
    '+ orders         is not there, would be made',
    '= inventory      is as its definition says',
    '~ user_activity  changed',
    '    add metadata.platform STRING REQUIRED',
    '    relax ip_address from REQUIRED to NULLABLE',
    '    describe the table as its definition does',
    '    stays, though its definition has no such column: legacy',
  ])
})

test('why a table cannot be changed is told in lines of 80 columns', () => {
  const message =
    'status is BYTES in the table and STRING in its definition: BigQuery cannot change it in place. '.repeat(2)
  const [head, ...details] = lines({
    table: 'orders',
    action: 'refuse',
    differences: [{ column: 'status', rule: 'type', message: message.trim() }],
  })
  expect(head).toBe('✖ orders  differs, and cannot be changed')
  expect(details.every((line) => line.length <= 80 && line.startsWith('    '))).toBe(true)
  expect(details.map((line) => line.trim()).join(' ')).toBe(message.trim())
})
