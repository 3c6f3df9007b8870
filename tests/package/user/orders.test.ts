import { startStack } from 'sluice/testing'
import { expect, test } from 'vitest'

const order = {
  event_type: 'order',
  order_id: 'order-1',
  customer_id: 'customer-1',
  order_date: '2026-03-01T12:00:00Z',
  status: 'pending',
  items: [{ product_id: 'p-1', product_name: 'Kettle', quantity: 2, price: 29.99 }],
  shipping_address: { street: '1 Main St', city: 'Springfield', country: 'US' },
  total_amount: 59.98,
}

test('an order lands once', async () => {
  await using stack = await startStack()
  await stack.publish(order)
  await stack.settled()
  await expect(stack).toReconcile()
  await expect(stack).toHaveRow('orders', { order_id: 'order-1', total_amount: 59.98 })
  expect(await stack.outputs.sql('SELECT count(*) AS n FROM bq.orders')).toEqual([{ n: 1 }])
})
