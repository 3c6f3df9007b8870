import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Column, events, type TableDefinition, tables } from '../catalogue/index.ts'
import { type LiveTable, planTable } from './plan.ts'
import { type LiveField, liveField } from './schema.ts'

const orders = events.get('order')!

const liveOf = (definition: TableDefinition): LiveTable & { schema: { fields: LiveField[] } } => ({
  type: 'TABLE',
  description: definition.description,
  schema: { fields: definition.columns.map(liveField) },
  timePartitioning: { type: 'DAY', field: definition.partitionBy },
  clustering: { fields: definition.clusterBy },
})

const withColumn = (name: string, change: (field: LiveField) => LiveField | undefined): LiveTable => {
  const live = liveOf(orders)
  return { ...live, schema: { fields: live.schema.fields.flatMap((f) => (f.name === name ? (change(f) ?? []) : f)) } }
}
const inside = (name: string, change: (field: LiveField) => LiveField | undefined) => (record: LiveField) => ({
  ...record,
  fields: record.fields?.flatMap((f) => (f.name === name ? (change(f) ?? []) : f)),
})
const required = { mode: 'REQUIRED' } as const
const patched = (live: LiveTable): LiveTable => {
  const plan = planTable(live, orders)
  if (plan.action !== 'evolve') throw new Error(`expected evolve, got ${JSON.stringify(plan)}`)
  return { ...live, ...plan.patch }
}

test('a table that is not there is made', () => {
  expect(planTable(undefined, orders)).toEqual({ action: 'create' })
})

test.each(tables.map((definition) => [definition.table, definition] as const))(
  'the table %s as its definition makes it needs nothing',
  (_name, definition) => {
    expect(planTable(liveOf(definition), definition)).toEqual({ action: 'nothing', extraColumns: [] })
  },
)

test('the standard and the older names of the types are the same, and so are names that differ in case', () => {
  const standard = { INTEGER: 'INT64', RECORD: 'struct', NUMERIC: 'DECIMAL' } as Record<string, string>
  const renamed = (field: LiveField): LiveField => ({
    ...field,
    name: field.name?.toUpperCase(),
    type: standard[field.type!] ?? field.type,
    ...(field.fields && { fields: field.fields.map(renamed) }),
  })
  const live = liveOf(orders)
  const plan = planTable(
    {
      ...live,
      schema: { fields: live.schema.fields.map(renamed) },
      timePartitioning: { type: 'DAY', field: 'EVENT_DATE' },
      clustering: { fields: ['CUSTOMER_ID', 'STATUS'] },
    },
    orders,
  )
  expect(plan).toEqual({ action: 'nothing', extraColumns: [] })
})

test('a missing NULLABLE record is appended last, with the REQUIRED fields inside it', () => {
  const live = withColumn('shipping_address', () => undefined)
  const plan = planTable(live, orders)
  expect(plan).toMatchObject({ action: 'evolve', changes: [{ column: 'shipping_address', kind: 'add' }] })
  expect(patched(live).schema!.fields!.at(-1)).toMatchObject({
    name: 'shipping_address',
    mode: 'NULLABLE',
    fields: [required, required, required],
  })
})

test('a missing optional field of a record is appended inside that record, also in a repeated one', () => {
  const [items] = orders.columns.filter(({ name }) => name === 'items') as [Column]
  const gift: Column = { name: 'gift', type: 'STRING', mode: 'NULLABLE', description: 'A wish.' }
  const wanted = orders.columns.map((c) => (c === items ? { ...items, fields: [gift, ...items.fields!] } : c))
  const plan = planTable(liveOf(orders), { ...orders, columns: wanted })
  expect(plan).toMatchObject({ action: 'evolve', changes: [{ column: 'items.gift', kind: 'add' }] })
  expect(plan).toHaveProperty('patch.schema.fields.10.fields.4.name', 'gift')
})

test('a REQUIRED column whose field became optional is relaxed', () => {
  const live = withColumn('shipping_address', (field) => ({ ...field, ...required }))
  expect(planTable(live, orders)).toMatchObject({
    action: 'evolve',
    changes: [{ column: 'shipping_address', kind: 'relax' }],
  })
})

test('changed descriptions are brought up to date, of the table and of its columns', () => {
  const live = { ...withColumn('status', (field) => ({ ...field, description: 'old' })), description: 'old' }
  expect(planTable(live, orders)).toMatchObject({
    action: 'evolve',
    changes: [
      { column: 'status', kind: 'describe' },
      { column: '', kind: 'describe' },
    ],
    patch: { description: orders.description },
  })
})

const DAYS_30 = String(30 * 86_400_000)
const expiring = (expirationMs?: string): LiveTable => ({
  ...liveOf(orders),
  timePartitioning: { type: 'DAY', field: 'event_date', ...(expirationMs && { expirationMs }) },
})

test('missing labels are added, and others stay', () => {
  const live = { ...liveOf(orders), labels: { team: 'shop', environment: 'dev' } }
  const wanted = { labels: { environment: 'prod', 'managed-by': 'sluice' } }
  const plan = planTable(live, orders, wanted)
  expect(plan).toMatchObject({ changes: [{ column: '', kind: 'label' }] })
  expect(plan).toHaveProperty('patch', { labels: { ...wanted.labels, team: 'shop' } })
  expect(planTable({ ...live, labels: { ...live.labels, ...wanted.labels } }, orders, wanted).action).toBe('nothing')
})

test('partitions may be kept longer', () => {
  expect(planTable(expiring(DAYS_30), orders, { partitionDays: 31 })).toEqual({
    action: 'evolve',
    changes: [{ column: 'event_date', kind: 'keep longer' }],
    patch: { timePartitioning: { type: 'DAY', field: 'event_date', expirationMs: String(31 * 86_400_000) } },
    extraColumns: [],
  })
})

test.each([
  ['for less time than now', DAYS_30, 29, 'for 30 days'],
  ['for a time, where they were kept for ever', undefined, 30, 'for ever'],
])('to keep partitions %s is refused, since it would delete rows', (_what, live, partitionDays, is) => {
  expect(planTable(expiring(live), orders, { partitionDays })).toMatchObject({
    action: 'refuse',
    differences: [{ rule: 'partition expiration', message: expect.stringContaining(is) }],
  })
})

test.each([
  ['that is the one wanted', 30],
  ['that nobody wanted otherwise', undefined],
])('an expiration of partitions %s is left alone', (_what, partitionDays) => {
  expect(planTable(expiring(DAYS_30), orders, partitionDays ? { partitionDays } : {}).action).toBe('nothing')
})

test('columns that only the table has stay in their place, and are mentioned', () => {
  const live = withColumn('status', (field) => ({ ...field, description: 'old' }))
  const fields = [{ name: 'legacy', type: 'GEOGRAPHY' }, ...live.schema!.fields!]
  const plan = planTable({ ...live, schema: { fields } }, orders)
  expect(plan).toMatchObject({ action: 'evolve', extraColumns: ['legacy'] })
  expect(plan).toHaveProperty('patch.schema.fields.0', { name: 'legacy', type: 'GEOGRAPHY' })
})

test('a REQUIRED column that only the table has is relaxed, since no row would have it', () => {
  const live = liveOf(orders)
  const fields = [...live.schema.fields, { name: 'legacy', type: 'STRING', ...required }]
  expect(planTable({ ...live, schema: { fields } }, orders)).toMatchObject({
    action: 'evolve',
    changes: [{ column: 'legacy', kind: 'relax' }],
    extraColumns: ['legacy'],
  })
})

test('what the definition does not know of a column is kept when the schema is patched', () => {
  const tags = { policyTags: { names: ['projects/p/locations/us/taxonomies/1/policyTags/2'] } }
  const live = withColumn('customer_id', (field) => ({ ...field, ...tags, description: 'old' }))
  expect(patched(live).schema!.fields!.find(({ name }) => name === 'customer_id')).toMatchObject(tags)
})

test.each<[string, LiveTable, string, string]>([
  ['another type', withColumn('status', (f) => ({ ...f, type: 'INTEGER' })), 'status', 'type'],
  ['a bounded type', withColumn('status', (f) => ({ ...f, maxLength: '10' })), 'status', 'type'],
  ['a nullable column', withColumn('status', (f) => ({ ...f, mode: undefined })), 'status', 'mode'],
  ['a single record', withColumn('items', (f) => ({ ...f, mode: 'NULLABLE' })), 'items', 'mode'],
  [
    'another nested type',
    withColumn(
      'items',
      inside('price', (f) => ({ ...f, type: 'FLOAT64' })),
    ),
    'items.price',
    'type',
  ],
  ['a missing required column', withColumn('status', () => undefined), 'status', 'required column'],
  [
    'a missing required nested column',
    withColumn(
      'items',
      inside('price', () => undefined),
    ),
    'items.price',
    'required column',
  ],
  ['no partition', { ...liveOf(orders), timePartitioning: undefined }, 'event_date', 'partitioning'],
  ['another partition', { ...liveOf(orders), timePartitioning: { type: 'HOUR' } }, 'event_date', 'partitioning'],
  ['other clusters', { ...liveOf(orders), clustering: { fields: ['status'] } }, 'customer_id, status', 'clustering'],
  ['a view', { ...liveOf(orders), type: 'VIEW' }, '', 'table type'],
])('%s is refused with the column and the rule', (_what, live, column, rule) => {
  const plan = planTable(live, orders)
  expect(plan).toMatchObject({ action: 'refuse', differences: [{ column, rule }] })
  expect(plan).toHaveProperty('differences.0.message', expect.stringContaining(column.split(', ')[0]!))
})

test('one refused column refuses the whole plan, and every such column is named', () => {
  const live = liveOf(orders)
  const fields = live.schema.fields
    .filter(({ name }) => name !== 'shipping_address')
    .map((f) => (f.name === 'status' || f.name === 'order_id' ? { ...f, type: 'BYTES' } : f))
  expect(planTable({ ...live, schema: { fields } }, orders)).toMatchObject({
    action: 'refuse',
    differences: [{ column: 'order_id' }, { column: 'status' }],
  })
})

const name = fc.constantFrom('a', 'B', 'c', 'D', 'e')
const columns = fc.letrec<{ column: Column; columns: Column[] }>((tie) => ({
  columns: fc.uniqueArray(tie('column'), { minLength: 1, maxLength: 5, selector: (c) => c.name.toLowerCase() }),
  column: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      name,
      type: fc.constantFrom('STRING' as const, 'INTEGER' as const),
      mode: fc.constantFrom('REQUIRED' as const, 'NULLABLE' as const, 'NULLABLE' as const, 'REPEATED' as const),
      description: fc.constantFrom('one', 'two', undefined),
    }),
    fc.record({
      name,
      type: fc.constant('RECORD' as const),
      mode: fc.constantFrom('NULLABLE' as const, 'REPEATED' as const),
      fields: tie('columns'),
    }),
  ),
})).columns

/** An older state of a table: some columns lost, renamed in case, made stricter or described otherwise. */
const older = (wanted: readonly Column[]): fc.Arbitrary<LiveField[]> =>
  fc
    .tuple(
      ...wanted.map((column) =>
        fc
          .record({ kept: fc.boolean(), stricter: fc.boolean(), described: fc.boolean(), upper: fc.boolean() })
          .chain(({ kept, stricter, described, upper }): fc.Arbitrary<LiveField[]> => {
            if (!kept && column.mode !== 'REQUIRED') return fc.constant([])
            const field: LiveField = {
              ...liveField(column),
              ...(upper && { name: column.name.toUpperCase() }),
              ...(stricter && column.mode === 'NULLABLE' && required),
              ...(described && { description: 'older' }),
            }
            return column.fields ? older(column.fields).map((fields) => [{ ...field, fields }]) : fc.constant([field])
          }),
      ),
    )
    .map((parts) => parts.flat())

const tableOf = (wanted: Column[]): TableDefinition => ({ ...orders, columns: wanted })
const history = columns.chain((wanted) =>
  fc.record({
    definition: fc.constant(tableOf(wanted)),
    live: fc
      .tuple(older(wanted), fc.constantFrom<LiveField[]>([], [{ name: 'extra', type: 'BYTES', mode: 'REQUIRED' }]))
      .map(([fields, extra]): LiveTable => ({ ...liveOf(orders), schema: { fields: [...extra, ...fields] } })),
  }),
)

test('an older table evolves in one step: after its patch nothing is left to do', () => {
  fc.assert(
    fc.property(history, ({ definition, live }) => {
      const plan = planTable(live, definition)
      expect(plan.action).not.toBe('refuse')
      const after = plan.action === 'evolve' ? { ...live, ...plan.patch } : live
      expect(planTable(after, definition)).toMatchObject({ action: 'nothing' })
    }),
  )
})

test('an evolution never removes, reorders, retypes or tightens a column, and adds only after the others', () => {
  fc.assert(
    fc.property(history, ({ definition, live }) => {
      const plan = planTable(live, definition)
      if (plan.action === 'evolve' && plan.patch.schema) expectWider(live.schema!.fields!, plan.patch.schema.fields)
    }),
  )
})

test('whatever the two schemas are, a plan is either refused or settles the table', () => {
  fc.assert(
    fc.property(columns, columns, (before, wanted) => {
      const live = { ...liveOf(orders), schema: { fields: before.map(liveField) } }
      const plan = planTable(live, tableOf(wanted))
      if (plan.action !== 'evolve') return
      if (plan.patch.schema) expectWider(live.schema.fields, plan.patch.schema.fields)
      expect(planTable({ ...live, ...plan.patch }, tableOf(wanted)).action).toBe('nothing')
    }),
  )
})

function expectWider(before: readonly LiveField[], after: readonly LiveField[]): void {
  expect(after.slice(0, before.length).map((f) => [f.name, f.type])).toEqual(before.map((f) => [f.name, f.type]))
  for (const [i, field] of after.entries()) {
    const was = before[i]
    if (was?.mode === 'REQUIRED') expect(['REQUIRED', 'NULLABLE']).toContain(field.mode)
    else if (was) expect(field.mode).toBe(was.mode)
    else expect(field.mode).not.toBe('REQUIRED')
    if (was?.fields) expectWider(was.fields, field.fields!)
  }
}
