import type { z } from 'zod'
import { defineEvent } from '../definition.ts'
import { decimal, id, instant, integer, list, oneOf, optional, record, text } from '../fields.ts'

const STATUSES = ['pending', 'processing', 'shipped', 'delivered'] as const

const order = defineEvent({
  type: 'order',
  table: 'orders',
  description: 'Customer orders: one row for each order event.',
  clusterBy: ['customer_id', 'status'],
  eventTime: 'order_date',
  fields: {
    order_id: id('The order.'),
    customer_id: id('The customer who ordered.'),
    order_date: instant('When the order was placed: the event time.'),
    status: oneOf('How far the order is.', STATUSES),
    items: list(
      record({
        product_id: id('The product.'),
        product_name: text('The name of the product when it was ordered.'),
        quantity: integer('How many pieces.'),
        price: decimal('The price of one piece.'),
      }),
    ),
    shipping_address: optional(
      record({
        street: text('Street and number.'),
        city: text('City.'),
        country: text('Country, as the shop writes it.'),
      }),
    ),
    total_amount: decimal('The sum of quantity × price over the items.'),
  },
  sample(source) {
    const customer = source.customer()
    const lines = Array.from({ length: source.integer(1, 4) }, () => ({
      product: source.product(),
      quantity: source.integer(1, 5),
    }))
    const totalCents = lines.reduce((sum, { product, quantity }) => sum + product.cents * quantity, 0)
    return {
      order_id: source.id('order'),
      customer_id: customer.id,
      order_date: source.time(),
      status: source.pick(STATUSES),
      items: lines.map(({ product, quantity }) => ({
        product_id: product.id,
        product_name: product.name,
        quantity,
        price: product.cents / 100,
      })),
      shipping_address: customer.address,
      total_amount: totalCents / 100,
    }
  },
})

export default order
export type Order = z.infer<typeof order.schema>
