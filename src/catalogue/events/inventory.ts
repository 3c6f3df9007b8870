import type { z } from 'zod'
import { defineEvent } from '../definition.ts'
import { id, instant, integer, oneOf } from '../fields.ts'

const REASONS = ['restock', 'sale', 'return', 'damage'] as const

/** How many pieces move, at the least and the most, and in which direction. */
const CHANGES = {
  restock: [10, 200, 1],
  sale: [1, 5, -1],
  return: [1, 3, 1],
  damage: [1, 2, -1],
} as const

const inventory = defineEvent({
  type: 'inventory',
  table: 'inventory',
  description: 'Changes of stock: one row for each change of one product in one warehouse.',
  clusterBy: ['product_id', 'warehouse_id'],
  eventTime: 'timestamp',
  fields: {
    inventory_id: id('The change.'),
    product_id: id('The product.'),
    warehouse_id: id('The warehouse.'),
    quantity_change: integer('By how many pieces the stock changed; negative for a sale.'),
    reason: oneOf('Why the stock changed.', REASONS),
    timestamp: instant('When the stock changed: the event time.'),
  },
  sample(source) {
    // Most changes are sales, as in a shop.
    const reason = source.pick(['sale', 'sale', 'sale', ...REASONS] as const)
    const [least, most, sign] = CHANGES[reason]
    return {
      inventory_id: source.id('inv'),
      product_id: source.product().id,
      warehouse_id: source.warehouse().id,
      quantity_change: sign * source.integer(least, most),
      reason,
      timestamp: source.time(),
    }
  },
})

export default inventory
export type Inventory = z.infer<typeof inventory.schema>
