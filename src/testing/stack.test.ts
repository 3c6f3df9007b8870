import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v1 } from '@google-cloud/pubsub'
import { credentials } from '@grpc/grpc-js'
import { expect, onTestFinished, test, vi } from 'vitest'
import { order } from '../../pipeline/tests/sample-message.ts'
import { manualClock, startStack, type TestStack } from './index.ts'

test('an event that was published ends as a row, a raw line and nothing else', async () => {
  await using stack = await startStack()
  const id = await stack.publish(order)
  await stack.settled()
  expect(await stack.outputs.sql('SELECT count(*) AS n FROM bq.orders')).toEqual([{ n: 1 }])
  expect(await stack.outputs.rows('orders')).toEqual([
    expect.objectContaining({ event_id: id, order_id: 'order-1', total_amount: '59.98' }),
  ])
  expect(await stack.outputs.rawLines('order')).toEqual([
    {
      path: 'output/order/2024/01/15/10/30/order_202401151030001.json',
      line: { ...order, _meta: expect.objectContaining({ event_id: id, message_id: id }) },
    },
  ])
  expect(await stack.outputs.deadLetters()).toEqual([])
  expect(await stack.outputs.reconcile()).toMatchObject({ messages: 1, published: 1, rows: { orders: 1 }, missing: [] })
})

test('several events are published in their order, and each has its id', async () => {
  await using stack = await startStack()
  const ids = await stack.publish([order, { ...order, order_id: 'order-2' }])
  await stack.settled()
  const rows = await stack.outputs.sql('SELECT event_id, order_id FROM bq.orders ORDER BY order_id')
  expect(rows).toEqual([
    { event_id: ids[0], order_id: 'order-1' },
    { event_id: ids[1], order_id: 'order-2' },
  ])
})

test('a message may be text, bytes or JSON, with attributes and an ordering key, and what is no event is a dead letter', async () => {
  await using stack = await startStack()
  const attributes = (event_id: string) => ({ event_id })
  await stack.publishMessage([
    { data: JSON.stringify(order), attributes: attributes('text'), orderingKey: 'customer-1' },
    { data: Buffer.from(JSON.stringify(order)), attributes: attributes('bytes'), orderingKey: 'customer-1' },
    { data: order, attributes: attributes('json') },
    { data: '{"broken', attributes: attributes('broken') },
    { attributes: attributes('empty') },
  ])
  await stack.settled()
  const ids = await stack.outputs.sql('SELECT event_id FROM bq.orders ORDER BY event_id')
  expect(ids.map(({ event_id }) => event_id)).toEqual(['bytes', 'json', 'text'])
  const letters = await stack.outputs.deadLetters()
  expect(Object.fromEntries(letters.map(({ event_id, reason }) => [event_id, reason]))).toEqual({
    broken: 'not_json',
    empty: 'not_json',
  })
})

test('a message that is taken for an event is refused, and so is what the topic refuses', async () => {
  await using stack = await startStack()
  // @ts-expect-error: it has no event_type
  await expect(stack.publish({ data: 'x' })).rejects.toThrow('publishMessage() takes { data, attributes, orderingKey }')
  const attributes = { 'goog-mine': 'x' }
  await expect(stack.publishMessage({ data: 'x', attributes })).rejects.toThrow(/The topic refused the message: .*goog/)
})

test('what another process publishes is waited for as well', async () => {
  await using stack = await startStack()
  const script = `
    const { PubSub } = await import('@google-cloud/pubsub')
    const { Storage } = await import('@google-cloud/storage')
    const { BigQuery } = await import('@google-cloud/bigquery')
    const data = Buffer.from(process.env.DATA)
    await new PubSub().topic('${stack.settings.resources.topic}').publishMessage({ data })
    console.log(await new Storage().bucket('${stack.settings.resources.bucket}').exists())
    const projectId = process.env.GOOGLE_CLOUD_PROJECT // which this client does not read where there is an emulator
    console.log(await new BigQuery({ projectId }).dataset('${stack.settings.resources.dataset}').exists())
    process.exit()`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { PATH: process.env.PATH, ...stack.environment, DATA: JSON.stringify(order) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = Array.fromAsync(child.stdout, String)
  const complaints = Array.fromAsync(child.stderr, String)
  expect(await once(child, 'exit')).toEqual([0, null])
  expect((await said).join('')).toBe('[ true ]\n[ true ]\n')
  expect((await complaints).join('')).toBe('')
  await stack.settled()
  expect(await stack.outputs.sql('SELECT count(*) AS n FROM bq.orders')).toEqual([{ n: 1 }])
})

test('stacks side by side have nothing to do with each other, and leave no folder behind', async () => {
  const temporary = await mkdtemp(join(tmpdir(), 'sluice-test-')) // its own, since others use the usual one meanwhile
  vi.stubEnv('TMPDIR', temporary)
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await rm(temporary, { recursive: true })
  })
  const stacks = await Promise.all([startStack(), startStack({ environment: { SLUICE_ENV: 'staging' } })])
  await using _ends = new AsyncDisposableStack()
  for (const stack of stacks) _ends.use(stack)
  const [one, other] = stacks
  await one.publish(order)
  await Promise.all(stacks.map((stack) => stack.settled()))
  expect(other.settings.resources.topic).toBe('staging-backend-events-topic')
  expect(await one.outputs.rows('orders')).toHaveLength(1)
  expect(await other.outputs.rows('orders')).toEqual([])
  await one.outputs.sql('FROM bq.orders')
  expect(await readdir(temporary)).toEqual([])
})

test('settings that are the stack’s own are refused', async () => {
  const environment = { PUBSUB_EMULATOR_HOST: 'localhost:8085' }
  await expect(startStack({ environment })).rejects.toThrow('PUBSUB_EMULATOR_HOST cannot be set')
})

test('outputs.sql() refuses what changes something, what is wrong, and two statements', async () => {
  await using stack = await startStack()
  await expect(stack.outputs.sql('DELETE FROM bq.orders')).rejects.toThrow('outputs are only read')
  await expect(stack.outputs.sql('SELECT a; SELECT b')).rejects.toThrow()
  await expect(stack.outputs.sql('SELECT 1; SELECT 2')).rejects.toThrow('one statement')
  await expect(stack.outputs.rows('order')).rejects.toThrow(
    'There is no table order; the catalogue has inventory, orders',
  )
})

/** Pulls what a subscription of the test's own has to deliver now. */
async function pull({ settings, environment }: TestStack, subscription: string) {
  const [host, port] = environment.PUBSUB_EMULATOR_HOST!.split(':')
  const sslCreds = credentials.createInsecure()
  const client = new v1.SubscriberClient({
    apiEndpoint: host!,
    port: Number(port),
    sslCreds,
    universeDomain: 'googleapis.com',
  })
  const name = `projects/${settings.projectId}/subscriptions/${subscription}`
  const [{ receivedMessages = [] }] = await client.pull({
    subscription: name,
    maxMessages: 10,
    returnImmediately: true,
  })
  await client.close()
  return receivedMessages!.map(({ message }) => message?.messageId)
}

test('leases, publish times and rows follow the clock that the test moves, and nothing waits for it', async () => {
  await using stack = await startStack({ clock: manualClock(Date.parse('2024-02-29T12:00:00Z')) })
  const { clients, clock, settings } = stack
  await clients.pubsub.topic(settings.resources.topic).createSubscription('audit', { ackDeadlineSeconds: 10 })
  const id = await stack.publish(order)
  await stack.settled()
  expect(await stack.outputs.rows('orders')).toMatchObject([
    { publish_time: '2024-02-29T12:00:00.000Z', processed_at: '2024-02-29T12:00:00.000Z' },
  ])
  expect(await pull(stack, 'audit')).toEqual([id])
  clock.advance(9_999)
  expect(await pull(stack, 'audit')).toEqual([])
  clock.advance(1)
  expect(await pull(stack, 'audit')).toEqual([id])
  await stack.publish({ ...order, order_id: 'order-2' })
  await stack.settled()
  const [second] = await stack.outputs.sql("SELECT processed_at FROM bq.orders WHERE order_id = 'order-2'")
  expect(second).toEqual({ processed_at: '2024-02-29T12:00:10.000Z' })
})
