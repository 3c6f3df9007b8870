import { expect, test } from 'vitest'
import type { Column } from './schema.ts'
import { evolve } from './schema-evolution.ts'

const column = (name: string, rest: Partial<Column> = {}): Column => ({
  name,
  type: 'STRING',
  mode: 'NULLABLE',
  ...rest,
})
const record = (name: string, fields: Column[], mode: Column['mode'] = 'NULLABLE') =>
  column(name, { type: 'STRUCT', fields, mode })
const current = [
  column('id', { mode: 'REQUIRED' }),
  record('address', [column('street')]),
  column('tags', { mode: 'REPEATED' }),
]

test.each<[string, Column[]]>([
  ['a NULLABLE column', [...current, column('note')]],
  ['a REPEATED column', [...current, column('notes', { mode: 'REPEATED' })]],
  ['a REQUIRED column that becomes NULLABLE', [column('id'), ...current.slice(1)]],
  ['a new description', [column('id', { mode: 'REQUIRED', description: 'new' }), ...current.slice(1)]],
  ['a field of a record', [current[0]!, record('address', [column('street'), column('city')]), current[2]!]],
])('%s is a change that BigQuery allows', (_what, proposed) => {
  expect(evolve(current, proposed, 'p:d.t')).toEqual(proposed)
})

test('a column put in the middle goes to the end: those before it keep their places', () => {
  const names = evolve(current, [current[0]!, column('note'), ...current.slice(1)], 'p:d.t').map(({ name }) => name)
  expect(names).toEqual(['id', 'address', 'tags', 'note'])
})

test.each<[string, Column[], string]>([
  ['a column taken away', current.slice(0, 2), 'Field tags is missing in new schema'],
  [
    'another type',
    [column('id', { type: 'INT64', mode: 'REQUIRED' }), ...current.slice(1)],
    'Field id has changed type from STRING to INTEGER',
  ],
  [
    'a stricter mode',
    [...current.slice(0, 2), column('tags')],
    'Field tags has changed mode from REPEATED to NULLABLE',
  ],
  [
    'a REQUIRED column',
    [...current, column('x', { mode: 'REQUIRED' })],
    'Cannot add required fields to an existing schema. (field: x)',
  ],
  [
    'another type inside a record',
    [current[0]!, record('address', [column('street', { type: 'BOOL' })]), current[2]!],
    'Field address.street has changed type from STRING to BOOLEAN',
  ],
  [
    'a REQUIRED field inside a record',
    [current[0]!, record('address', [column('street'), column('x', { mode: 'REQUIRED' })]), current[2]!],
    'Cannot add required fields to an existing schema. (field: address.x)',
  ],
])('%s is refused with the name of the field', (_what, proposed, message) => {
  expect(() => evolve(current, proposed, 'p:d.t')).toThrow(`Provided Schema does not match Table p:d.t. ${message}`)
})
