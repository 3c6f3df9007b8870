import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Column } from '../../src/catalogue/index.ts'
import { microsOf, timestampText } from '../transforms/instant.ts'
import type { Row } from '../transforms/to-row.ts'
import { withTextTimes } from './text-times.ts'

const columns: Column[] = [
  { name: 'id', type: 'STRING', mode: 'REQUIRED' },
  { name: 'day', type: 'DATE', mode: 'REQUIRED' },
  { name: 'at', type: 'TIMESTAMP', mode: 'NULLABLE' },
  { name: 'seen', type: 'RECORD', mode: 'REPEATED', fields: [{ name: 'at', type: 'TIMESTAMP', mode: 'NULLABLE' }] },
]

test('days and instants become text wherever they stand, and all else stays', () => {
  const row = { id: '1', day: -719162, at: 253402300799999999n, seen: [{ at: -1n }, {}] as Row[] }
  const { table, rows } = withTextTimes({ table: 't', columns }, [row, { id: '2', day: 19737 }])
  expect(table.columns.map(({ type }) => type)).toEqual(['STRING', 'STRING', 'STRING', 'RECORD'])
  expect(table.columns[3]!.fields).toMatchObject([{ name: 'at', type: 'STRING' }])
  expect(rows).toEqual([
    {
      id: '1',
      day: '0001-01-01',
      at: '9999-12-31T23:59:59.999999Z',
      seen: [{ at: '1969-12-31T23:59:59.999999Z' }, {}],
    },
    { id: '2', day: '2024-01-15' },
  ])
})

test('the text of an instant is read as that instant', () => {
  const years = { min: -62135596800000000n, max: 253402300799999999n }
  fc.assert(fc.property(fc.bigInt(years), (micros) => microsOf(timestampText(micros)) === micros))
})
