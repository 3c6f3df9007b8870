import { type Column, events, type TableDefinition } from '../src/catalogue/index.ts'

/** A change of a definition whose table is there already, as the document on the data model shows it. */
export interface SchemaChange {
  readonly what: string
  readonly after: TableDefinition
}

export const before = events.get('order') as TableDefinition

const column = (name: string, mode: Column['mode'], type: 'STRING' | 'INTEGER' = 'STRING'): Column => ({
  name,
  type,
  mode,
  description: `The ${name}.`,
})
const withColumns = (columns: readonly Column[]): TableDefinition => ({ ...before, columns })
const changed = (name: string, change: (column: Column) => Column | undefined) =>
  withColumns(before.columns.flatMap((c) => (c.name === name ? (change(c) ?? []) : c)))
const added = (...columns: Column[]) => withColumns([...before.columns, ...columns])
const insideItems = (change: (fields: readonly Column[]) => Column[]) =>
  changed('items', (items) => ({ ...items, fields: change(items.fields ?? []) }))

export const allowed: readonly SchemaChange[] = [
  { what: 'a new optional field: `coupon: optional(text(…))`', after: added(column('coupon', 'NULLABLE')) },
  { what: 'a new list: `tags: list(text(…))`', after: added(column('tags', 'REPEATED')) },
  {
    what: 'a new optional field inside the items: `gift: optional(text(…))`',
    after: insideItems((fields) => [...fields, column('gift', 'NULLABLE')]),
  },
  {
    what: '`customer_id` becomes optional',
    after: changed('customer_id', (c) => ({ ...c, mode: 'NULLABLE' })),
  },
  {
    what: 'another description of `status`',
    after: changed('status', (c) => ({ ...c, description: 'Where the order is on its way.' })),
  },
  { what: 'the optional `shipping_address` is no longer defined', after: changed('shipping_address', () => undefined) },
  { what: 'the required `total_amount` is no longer defined', after: changed('total_amount', () => undefined) },
]

export const refused: readonly SchemaChange[] = [
  { what: 'a new required field: `channel: text(…)`', after: added(column('channel', 'REQUIRED')) },
  {
    what: 'another type: `quantity` becomes a text',
    after: insideItems((fields) => fields.map((f) => (f.name === 'quantity' ? { ...f, type: 'STRING' } : f))),
  },
  {
    what: '`shipping_address` becomes required',
    after: changed('shipping_address', (c) => ({ ...c, mode: 'REQUIRED' })),
  },
  {
    what: '`status` becomes a list',
    after: changed('status', (c) => ({ ...c, mode: 'REPEATED' })),
  },
  {
    what: '`customer_id` gets another name',
    after: changed('customer_id', (c) => ({ ...c, name: 'buyer_id' })),
  },
  { what: 'other clusters', after: { ...before, clusterBy: ['status'] } },
]
