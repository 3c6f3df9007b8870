import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openFixture } from '../../src/recording/index.ts'
import { type Backend, runSluice, type SluiceProcess, spawnSluice, startBackend } from '../harness.ts'

function newFolder(): { out: string; within: string } {
  const within = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  onTestFinished(() => rmSync(within, { recursive: true }))
  return { out: join(within, 'fixture'), within }
}

const topicOf = ({ clients, settings }: Backend) => clients.pubsub.topic(settings.resources.topic)

async function namesOfSubscriptions({ clients }: Backend): Promise<string[]> {
  const [subscriptions] = await clients.pubsub.getSubscriptions()
  return subscriptions.map(({ name }) => name.split('/').at(-1)!).sort()
}

const activity = (user: string, more: object = {}) => ({
  event_type: 'user_activity',
  user_id: user,
  activity_type: 'login',
  ip_address: '203.0.113.7',
  timestamp: '2024-01-15T10:30:00Z',
  metadata: { session_id: 's', platform: 'web' },
  ...more,
})

async function publish(backend: Backend, all: readonly object[]): Promise<void> {
  for (const json of all) await topicOf(backend).publishMessage({ json, attributes: { source: 'test' } })
}

/** A recorder that listens. */
async function recording(backend: Backend, ...args: string[]): Promise<SluiceProcess> {
  const recorder = spawnSluice(['record', ...args], backend.environment)
  for await (const line of recorder.lines) {
    if (line.startsWith('Recording through')) return recorder
  }
  throw new Error(await recorder.complaints)
}

const jsonOf = async (folder: string) =>
  Array.fromAsync((await openFixture(folder)).messages(), ({ data }) => JSON.parse(String(data)))

test('what is published to a topic is recorded in its order, and nothing of the recorder stays', async () => {
  await using backend = await startBackend()
  const before = await namesOfSubscriptions(backend)
  const { out, within } = newFolder()
  await using recorder = await recording(
    backend,
    '--topic',
    backend.settings.resources.topic,
    '--count',
    '3',
    '--out',
    out,
  )
  await publish(backend, [activity('a'), activity('b'), activity('c')])
  expect(await recorder.ended).toBe(0)
  const { about, messages } = await openFixture(out)
  expect(about).toMatchObject({
    name: 'fixture',
    counts: { messages: 3 },
    description: expect.stringContaining('topic'),
  })
  const found = await Array.fromAsync(messages())
  expect(found.map(({ data }) => JSON.parse(String(data)).user_id)).toEqual(['a', 'b', 'c'])
  expect(found[0]).toMatchObject({ offsetMs: 0, attributes: { source: 'test' } })
  expect(await namesOfSubscriptions(backend)).toEqual(before)
  expect(readdirSync(within)).toEqual(['fixture'])
  expect(await recorder.complaints).toBe('')
})

test('a recorded subscription keeps every message for its owner', async () => {
  await using backend = await startBackend()
  const { pipelineSubscription } = backend.settings.resources
  const owner = backend.clients.pubsub.subscription(pipelineSubscription)
  await publish(backend, [activity('a'), activity('b')])
  const { out } = newFolder()
  const { exitCode } = await runSluice(
    ['record', '--subscription', pipelineSubscription, '--count', '2', '--out', out],
    backend.environment,
  )
  expect(exitCode).toBe(0)
  expect((await jsonOf(out)).map(({ user_id }) => user_id)).toEqual(['a', 'b'])
  const received: string[] = []
  const { promise: both, resolve } = Promise.withResolvers<void>()
  // Time stands still here: a lease that the recorder had taken would never end.
  owner.on('message', (message) => {
    received.push(JSON.parse(String(message.data)).user_id)
    message.ack()
    if (received.length === 2) resolve()
  })
  await both
  await owner.close()
  expect(received).toEqual(['a', 'b'])
})

test('a recording that is interrupted keeps what it has, and leaves no subscription', async () => {
  await using backend = await startBackend()
  const before = await namesOfSubscriptions(backend)
  const { out } = newFolder()
  const { pipelineSubscription } = backend.settings.resources
  await publish(backend, [activity('a')])
  const args = ['--subscription', pipelineSubscription, '--for', '1h', '--out', out]
  await using recorder = await recording(backend, ...args)
  await emptied(backend)
  recorder.kill('SIGINT')
  expect(await recorder.ended).toBe(0)
  expect(await jsonOf(out)).toMatchObject([{ user_id: 'a' }])
  expect(await namesOfSubscriptions(backend)).toEqual(before)
})

/** Waits until the temporary subscription has acknowledged everything: a second recorder of it finds nothing. */
async function emptied(backend: Backend): Promise<void> {
  const name = (await namesOfSubscriptions(backend)).find((each) => each.startsWith('sluice-record-'))!
  for (;;) {
    const { out } = newFolder()
    const args = ['record', '--subscription', name, '--for', '200ms', '--out', out]
    const { complaints } = await runSluice(args, backend.environment)
    if (complaints.includes('no message came')) return
  }
}

test('a recorder that is killed leaves no fixture, and a subscription that expires', async () => {
  await using backend = await startBackend()
  const { out, within } = newFolder()
  await using recorder = await recording(
    backend,
    '--topic',
    backend.settings.resources.topic,
    '--for',
    '1h',
    '--out',
    out,
  )
  recorder.kill('SIGKILL')
  await recorder.ended
  expect(readdirSync(within)).toEqual(['fixture.unfinished'])
  expect(existsSync(join(within, 'fixture.unfinished/fixture.json'))).toBe(false)
  const left = (await namesOfSubscriptions(backend)).find((name) => name.startsWith('sluice-record-'))!
  backend.clock.advance(2 * 86_400_000)
  expect(await namesOfSubscriptions(backend)).not.toContain(left)
  const again = await runSluice(
    ['record', '--topic', backend.settings.resources.topic, '--for', '1s', '--out', out],
    backend.environment,
  )
  expect(again).toMatchObject({ exitCode: 2, complaints: expect.stringContaining('one was killed') })
})

test('what is redacted is nowhere in the fixture, and one value has one pseudonym', async () => {
  await using backend = await startBackend()
  const { out } = newFolder()
  const { topic } = backend.settings.resources
  const args = ['--topic', topic, '--count', '4', '--out', out, '--redact', 'user_id,ip_address,customer_id']
  await using recorder = await recording(backend, ...args)
  const secret = 'secret-person'
  await publish(backend, [activity(secret), activity(secret, { ip_address: '203.0.113.8' })])
  await topicOf(backend).publishMessage({ data: Buffer.from(`${secret} <- no JSON`), attributes: { user: secret } })
  await publish(backend, [{ event_type: 'order', customer_id: secret }])
  expect(await recorder.ended).toBe(0)
  expect(readFileSync(join(out, 'messages.ndjson'), 'utf8')).not.toMatch(/secret-person|203\.0\.113/)
  const { about, messages } = await openFixture(out)
  expect(about).toMatchObject({ redacted: ['user_id', 'ip_address', 'customer_id'], masked: 1 })
  const [first, second, , order] = await Array.fromAsync(messages(), ({ data }) => String(data))
  expect(JSON.parse(first!).user_id).toBe(JSON.parse(second!).user_id)
  expect(JSON.parse(order!).customer_id).toBe(JSON.parse(first!).user_id)
})

test.each([
  [['--for', '1s'], 'either --topic or --subscription'],
  [['--topic', 'events'], '--for or --count'],
  [['--topic', 'events', '--for', '1s'], 'There is no events'],
  [['--subscription', 'events', '--for', '1s'], 'There is no events'],
  [['--topic', 'events', '--for', '1s', '--redact', 'shiping_address'], 'No type of event has shiping_address'],
  [['--topic', 'events', '--for', '1s', '--redact', 'status'], 'the order would not be one any more: status'],
  [['--topic', 'dev-backend-events-topic', '--for', '100ms'], 'no message came'],
  [['--topic', 'events', '--for', '1s', '--out', tmpdir()], 'record into a folder that does not'],
])('%j is refused in a sentence, and leaves nothing', async (args, message) => {
  await using backend = await startBackend({ tables: 'none' })
  const { out, within } = newFolder()
  const { exitCode, complaints } = await runSluice(['record', '--out', out, ...args], backend.environment)
  expect(complaints).toContain(message)
  expect(complaints).not.toMatch(/^\s+at /m)
  expect({ exitCode, left: readdirSync(within) }).toEqual({ exitCode: 2, left: [] })
  expect((await namesOfSubscriptions(backend)).filter((name) => name.startsWith('sluice-record'))).toEqual([])
})
