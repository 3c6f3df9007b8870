import { expect, test } from 'vitest'
import { order } from '../../pipeline/tests/sample-message.ts'
import { failing, type NotSettledError, startStack } from './index.ts'

test('what never becomes durable is told after a while, with the reason and how to look further', async () => {
  const faults = failing('AppendRows', { times: Number.POSITIVE_INFINITY, code: 'RESOURCE_EXHAUSTED' })
  await using stack = await startStack({ faults, patienceMs: 1_000 })
  const id = await stack.publishMessage({ data: order, attributes: { event_id: "evt'1" } })
  const failure: NotSettledError = await stack.settled().then(
    () => expect.unreachable(),
    (thrown) => thrown,
  )
  expect(failure.name).toBe('NotSettledError')
  expect(failure.message).toBe(`1 of 1 message never became durable: nothing became durable for 1 s.
  event evt'1, message ${id}
Of 1 message: append: 8 RESOURCE_EXHAUSTED: An injected fault: nothing was done.
How far one came, and what the pipeline says:
  await stack.outputs.sql("FROM trace('evt''1')")
  await startStack({ log: console })`)
  const trace = await stack.outputs.sql("SELECT stage FROM trace('evt''1')")
  expect(trace).toEqual([{ stage: 'published' }, { stage: 'raw line' }])
})

test('a pipeline that has ended is not waited for, and what it left holds nothing up', async () => {
  await using stack = await startStack({ patienceMs: 60_000 })
  await stack.clients.pubsub.subscription(stack.settings.resources.pipelineSubscription).delete()
  await stack.publish(order)
  await expect(stack.settled()).rejects.toThrow(
    /^1 of 1 message never became durable: the pipeline has ended: Resource not found\n/,
  )
})

test('a message whose publisher never heard of it is waited for, and its event is there once', async () => {
  await using stack = await startStack({ faults: failing('Publish', { when: 'after' }) })
  await stack.publishMessage({ data: order, attributes: { event_id: 'evt-1' } }) // twice: the client tries again
  await stack.settled()
  expect(await stack.outputs.reconcile()).toMatchObject({ messages: 2, published: 1, duplicated: [], missing: [] })
  expect(await stack.outputs.rows('orders')).toHaveLength(1)
})
