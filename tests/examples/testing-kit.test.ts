/** The suite of a shop, as docs/testing-kit.md quotes it. */
import { readFileSync } from 'node:fs'
import type { PubSub } from '@google-cloud/pubsub'
import { Storage } from '@google-cloud/storage'
import { setupServer } from 'msw/node'
import { expect, onTestFinished, test } from 'vitest'
import { failing, manualClock, startStack } from '../../src/testing/index.ts'
import { storageFails } from '../../src/testing/msw.ts'

const order = {
  event_type: 'order',
  order_id: 'order-1',
  customer_id: 'customer-7',
  order_date: '2024-01-15T10:30:00Z',
  status: 'pending',
  items: [{ product_id: 'tee', product_name: 'Tee', quantity: 2, price: 29.99 }],
  shipping_address: { street: 'Way 1', city: 'Bern', country: 'CH' },
  total_amount: 59.98,
}

/** The shop's own code: orders of one customer keep their order, and each is one event, however often it is sent. */
const checkout = (pubsub: PubSub, topic: string) => {
  const orders = pubsub.topic(topic, { messageOrdering: true })
  return (placed: typeof order) =>
    orders.publishMessage({
      json: placed,
      attributes: { event_id: `placed-${placed.order_id}` },
      orderingKey: placed.customer_id,
    })
}

test('an order lands once', async () => {
  await using stack = await startStack()
  await stack.publish(order)
  await stack.settled()
  await expect(stack).toReconcile()
  await expect(stack).toHaveRow('orders', { order_id: 'order-1', total_amount: 59.98 })
  expect(await stack.outputs.sql('SELECT count(*) AS n FROM bq.orders')).toEqual([{ n: 1 }])
})

test('the shop’s producer may repeat itself, and rides out an outage', async () => {
  await using stack = await startStack({ faults: failing('Publish', { times: 2 }) })
  const place = checkout(stack.clients.pubsub, stack.settings.resources.topic)
  await place(order)
  await place(order)
  await stack.settled() // also of what the stack has not published itself
  await expect(stack).toReconcile()
  expect(await stack.outputs.rawLines('order')).toHaveLength(1)
})

test('a message that is no event is a dead letter, with the reason', async () => {
  await using stack = await startStack()
  await stack.publishMessage({ data: { ...order, status: 'lost' }, attributes: { event_id: 'evt-1' } })
  await stack.settled()
  await expect(stack).toHaveRow('dead_letters', { event_id: 'evt-1', reason: 'invalid_value' })
  await expect(stack).not.toHaveRow('orders', { order_id: 'order-1' })
})

test('an order of yesterday is too late', async () => {
  const clock = manualClock(Date.parse('2024-01-15T12:00:00Z'))
  await using stack = await startStack({ clock, environment: { SLUICE_ALLOWED_LATENESS: '6h' } })
  await stack.publishMessage({ data: order, attributes: { event_id: 'in-time' } })
  clock.advance(24 * 3_600_000)
  await stack.publishMessage({ data: order, attributes: { event_id: 'late' } })
  await stack.settled()
  await expect(stack).toHaveRow('orders', {
    event_id: 'in-time',
    processed_at: expect.stringMatching(/^2024-01-1[56]/),
  })
  await expect(stack).toHaveRow('dead_letters', { event_id: 'late', publish_time: '2024-01-16T12:00:00Z' })
})

test('what was recorded last year still comes out as it did', async () => {
  await using stack = await startStack()
  await stack.replay('fixtures/deployment-guide')
  await stack.settled()
  await expect(stack).toMatchFixture('fixtures/deployment-guide')
})

test('an invoice is uploaded, though Cloud Storage is busy', async () => {
  const server = setupServer(storageFails('rateLimitExceeded', { times: 1, call: /^POST \/upload/ }))
  server.listen({ onUnhandledFrame: 'bypass' })
  onTestFinished(() => server.close())
  await using stack = await startStack()
  const storage = new Storage({ apiEndpoint: stack.environment.STORAGE_EMULATOR_HOST!, projectId: 'shop' })
  const [bucket] = await storage.createBucket('invoices')
  const once = { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } } // else the client does not try again
  await bucket.file('order-1.txt').save('59.98', once)
  expect(String(await bucket.file('order-1.txt').download())).toBe('59.98')
})

test('docs/testing-kit.md quotes this suite, and nothing that is not in it', () => {
  const guide = readFileSync(new URL('../../docs/testing-kit.md', import.meta.url), 'utf8')
  const suite = readFileSync(new URL(import.meta.url), 'utf8')
  const quoted = [...guide.matchAll(/^```ts\n(test\(.*?)```$/gms)].map(([, code]) => code!)
  expect(quoted.length).toBeGreaterThan(3)
  for (const code of quoted) expect(suite).toContain(code)
})
