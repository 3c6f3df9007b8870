import type { Message } from '../transforms/message.ts'

/** A message for tests: data given as text, JSON or bytes. */
export function message(data: unknown, overrides: Partial<Message> = {}): Message {
  const bytes = data instanceof Uint8Array ? data : Buffer.from(typeof data === 'string' ? data : JSON.stringify(data))
  return { id: '1', data: bytes, attributes: {}, publishTime: '2024-01-15T10:31:00.5Z', ...overrides }
}

export const order = {
  event_type: 'order',
  order_id: 'order-1',
  customer_id: 'customer-1',
  order_date: '2024-01-15T10:30:00Z',
  status: 'pending',
  items: [{ product_id: 'product-1', product_name: 'Tee', quantity: 2, price: 29.99 }],
  shipping_address: { street: 'Way 1', city: 'Bern', country: 'CH' },
  total_amount: 59.98,
}
