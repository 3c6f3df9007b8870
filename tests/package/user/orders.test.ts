import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collectOutputs, generateMessages, isReconciled, openOutputs, reconcile } from 'sluice'
import { startStack } from 'sluice/testing'
import { expect, test } from 'vitest'

test('an order lands once', async () => {
  await using stack = await startStack()
  const { clients, settings } = stack
  const [order] = generateMessages({ seed: 7, count: 1, eventTypes: ['order'], eventTimes: Date.now })
  const topic = clients.pubsub.topic(settings.resources.topic)
  stack.settlement.publish(await topic.publishMessage({ data: order!.data, attributes: order!.attributes }))
  expect(await stack.complete()).toBe(true)

  const folder = await mkdtemp(join(tmpdir(), 'orders-'))
  await collectOutputs({ clients, settings, folder })
  using outputs = await openOutputs(folder)
  expect(isReconciled(await reconcile(outputs, [{ event_id: order!.eventId }]))).toBe(true)
  expect(await outputs.sql('SELECT table_name, event_id FROM table_rows')).toEqual([
    { table_name: 'orders', event_id: order!.eventId },
  ])
  await rm(folder, { recursive: true })
}, 60_000)
