import { expect, test } from 'vitest'
import { PROJECT, start, startWithWorker, subscriptionName, topicName } from './testing.ts'

test('a topic is created once, and shown with its labels', async () => {
  await using started = await start()
  const { publisher } = started
  await publisher.createTopic({ name: topicName('events'), labels: { team: 'shop' } })
  const [topic] = await publisher.getTopic({ topic: topicName('events') })
  expect(topic).toMatchObject({ name: topicName('events'), labels: { team: 'shop' } })
  await expect(publisher.createTopic({ name: topicName('events') })).rejects.toMatchObject({
    code: 6,
    details: 'Resource already exists in the project (resource=events).',
  })
})

test.for<[string, Record<string, string>]>([
  ['a key with a space and capitals', { 'A B': 'x' }],
  ['a key that begins with a digit', { '1a': 'x' }],
  ['an empty key', { '': 'x' }],
  ['a value with capitals', { team: 'Shop' }],
  ['a value of 64 characters', { team: 'x'.repeat(64) }],
  ['65 of them', Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, '']))],
])('a topic or a subscription cannot have labels with %s', async ([, labels]) => {
  await using started = await start()
  const { publisher, subscriber } = started
  const [name, topic] = [topicName('labelled'), topicName('events')]
  await publisher.createTopic({ name: topic, labels: { 'team-1_a': 'x'.repeat(63), äß: '' } })
  const invalid = { code: 3, details: expect.stringContaining('label') }
  await expect(publisher.createTopic({ name, labels })).rejects.toMatchObject(invalid)
  const update = { topic: { name: topic, labels }, updateMask: { paths: ['labels'] } }
  await expect(publisher.updateTopic(update)).rejects.toMatchObject(invalid)
  const subscription = { name: subscriptionName('worker'), topic, labels }
  await expect(subscriber.createSubscription(subscription)).rejects.toMatchObject(invalid)
})

test('a topic that is not there is NOT_FOUND, in the words of the service', async () => {
  await using started = await start()
  await expect(started.publisher.getTopic({ topic: topicName('absent') })).rejects.toMatchObject({
    code: 5,
    details: 'Resource not found (resource=absent).',
  })
  await expect(started.pubsub.topic('absent').publishMessage({ data: Buffer.from('x') })).rejects.toMatchObject({
    code: 5,
  })
})

test.for(['googly', '1st', 'ab', 'with space', 'a/b', `x${'y'.repeat(255)}`])(
  'a topic cannot be called %s',
  async (id) => {
    await using started = await start()
    await expect(started.publisher.createTopic({ name: topicName(id) })).rejects.toMatchObject({
      code: 3,
      details: expect.stringContaining(`Invalid resource name given (name=${topicName(id)}).`),
    })
  },
)

test('topics are listed page by page, each project its own', async () => {
  await using started = await start()
  const { publisher } = started
  for (const id of ['ccc', 'aaa', 'bbb']) await publisher.createTopic({ name: topicName(id) })
  await publisher.createTopic({ name: 'projects/another/topics/aaa' })
  const [all] = await publisher.listTopics({ project: `projects/${PROJECT}` })
  expect(all.map(({ name }) => name)).toEqual([topicName('aaa'), topicName('bbb'), topicName('ccc')])
  const project = `projects/${PROJECT}`
  const [first, next, response] = await publisher.listTopics({ project, pageSize: 2 }, { autoPaginate: false })
  expect(first).toHaveLength(2)
  expect(next?.pageToken).toBe(response.nextPageToken)
  const [second] = await publisher.listTopics(
    { project, pageSize: 2, pageToken: response.nextPageToken ?? '' },
    { autoPaginate: false },
  )
  expect(second.map(({ name }) => name)).toEqual([topicName('ccc')])
})

test('an update changes what its mask names, and refuses the rest', async () => {
  await using started = await start()
  const { publisher } = started
  const name = topicName('events')
  await publisher.createTopic({ name, labels: { team: 'shop' } })
  const update = (topic: object, paths: string[]) =>
    publisher.updateTopic({ topic: { name, ...topic }, updateMask: { paths } })
  const [updated] = await update({ labels: { team: 'stock' } }, ['labels'])
  expect(updated.labels).toEqual({ team: 'stock' })
  await expect(update({}, ['name'])).rejects.toMatchObject({ code: 3 })
  await expect(update({}, ['nonsense'])).rejects.toMatchObject({ code: 3 })
  await expect(update({}, [])).rejects.toMatchObject({
    code: 3,
    details: 'The update_mask in the UpdateTopicRequest must be set, and must contain a non-empty paths list.',
  })
  await expect(update({ kmsKeyName: 'key' }, ['kms_key_name'])).rejects.toMatchObject({ code: 12 })
})

test('the subscriptions of a deleted topic stay, with what they have, and show _deleted-topic_', async () => {
  await using started = await startWithWorker()
  const { publisher, subscriber, worker } = started
  const [attached] = await publisher.listTopicSubscriptions({ topic: topicName('events') })
  expect(attached).toEqual([subscriptionName('worker')])
  await worker.publish('before')
  await publisher.deleteTopic({ topic: topicName('events') })
  const [subscription] = await subscriber.getSubscription({ subscription: subscriptionName('worker') })
  expect(subscription.topic).toBe('_deleted-topic_')
  await publisher.createTopic({ name: topicName('events') })
  await worker.publish('after')
  expect(await worker.texts()).toEqual(['before'])
})

test('message ids are numbers that grow', async () => {
  await using started = await startWithWorker()
  const ids = [...(await started.worker.publish('a', 'b')), ...(await started.worker.publish('c'))]
  expect(new Set(ids).size).toBe(3)
  expect(ids).toEqual(ids.toSorted((a, b) => Number(a) - Number(b)))
  for (const id of ids) expect(id).toMatch(/^\d+$/)
})

test('a message arrives with its data, attributes, ordering key and the time of its publication', async () => {
  await using started = await startWithWorker()
  const { publisher, subscriber, clock } = started
  clock.advance(1_234)
  const data = Buffer.from([0, 255, 128])
  await publisher.publish({
    topic: topicName('events'),
    messages: [{ data, attributes: { event_id: 'e1' }, orderingKey: 'k' }, { attributes: { only: 'attributes' } }],
  })
  const [{ receivedMessages }] = await subscriber.pull({ subscription: subscriptionName('worker'), maxMessages: 10 })
  const [first, second] = (receivedMessages ?? []).map(({ message }) => message)
  expect(first?.data).toEqual(data)
  expect(first).toMatchObject({ attributes: { event_id: 'e1' }, orderingKey: 'k' })
  expect(Number(first?.publishTime?.seconds) * 1e3 + Number(first?.publishTime?.nanos) / 1e6).toBe(clock.now())
  expect(second).toMatchObject({ attributes: { only: 'attributes' } })
  expect(second?.data).toHaveLength(0)
})

const many = (count: number, key = (i: number) => `k${i}`) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [key(i), 'v']))

test.for([
  { what: 'no message', messages: [], says: 'no messages' },
  {
    what: 'neither data nor attributes',
    messages: [{}],
    says: 'One or more messages in the publish request is empty.',
  },
  {
    what: 'more than 1,000 messages',
    messages: Array.from({ length: 1_001 }, () => ({ data: Buffer.from('x') })),
    says: 'The value for message_count is too large. You passed 1001 in the request, but the maximum value is 1000.',
  },
  {
    what: 'more than 10 MB',
    messages: [{ data: Buffer.alloc(10_000_001) }],
    says: 'The value for request_size is too large. You passed 10000001 in the request, but the maximum value is 10000000.',
  },
  { what: 'more than 100 attributes', messages: [{ attributes: many(101) }], says: 'attribute_count' },
  { what: 'a key of more than 256 bytes', messages: [{ attributes: many(1, () => 'é'.repeat(129)) }], says: '258' },
  { what: 'an empty key', messages: [{ attributes: { '': 'v' } }], says: 'must not be empty' },
  { what: 'a reserved key', messages: [{ attributes: { google: 'v' } }], says: 'goog' },
  { what: 'a value of more than 1,024 bytes', messages: [{ attributes: { k: 'v'.repeat(1_025) } }], says: '1025' },
  {
    what: 'an ordering key of more than 1,024 bytes',
    messages: [{ data: Buffer.from('x'), orderingKey: 'k'.repeat(1_025) }],
    says: 'ordering_key_size',
  },
])('a publish with $what is refused whole', async ({ messages, says }) => {
  await using started = await startWithWorker()
  const { publisher, worker } = started
  const publish = publisher.publish({
    topic: topicName('events'),
    messages: messages.length === 1 ? [{ data: Buffer.from('good') }, ...messages] : messages,
  })
  // The good message adds 4 bytes to the request that is too large.
  const words = says.replace('10000001', '10000005')
  await expect(publish).rejects.toMatchObject({ code: 3, details: expect.stringContaining(words) })
  expect(await worker.texts()).toEqual([])
})

test('a publish at the limits is taken', async () => {
  await using started = await startWithWorker()
  const attributes = many(100, (i) => `k${i}`.padEnd(256, 'x'))
  const [{ messageIds }] = await started.publisher.publish({
    topic: topicName('events'),
    messages: [{ data: Buffer.alloc(9_900_000), attributes }],
  })
  expect(messageIds).toHaveLength(1)
  expect(await started.worker.texts()).toHaveLength(1)
})

test.for([
  ['Topic.kms_key_name', { kmsKeyName: 'key' }],
  ['Topic.schema_settings', { schemaSettings: { schema: 'projects/p/schemas/s' } }],
  ['Topic.message_storage_policy', { messageStoragePolicy: { allowedPersistenceRegions: ['europe-west1'] } }],
] as [string, object][])('a topic with %s is refused by name', async ([field, topic]) => {
  await using started = await start()
  await expect(started.publisher.createTopic({ name: topicName('events'), ...topic })).rejects.toMatchObject({
    code: 12,
    details: `unsupported: ${field} is not implemented by this emulator.`,
  })
})

test('a method that is not there answers UNIMPLEMENTED with its name', async () => {
  await using started = await start()
  await expect(started.pubsub.schema('order').get()).rejects.toMatchObject({
    code: 12,
    details: 'unsupported: google.pubsub.v1.SchemaService.GetSchema is not implemented by this emulator.',
  })
})

test('another emulator publishes without the wire', async () => {
  await using started = await startWithWorker()
  const { server, worker } = started
  const id = server.publish(topicName('events'), { attributes: { eventType: 'OBJECT_FINALIZE' } })
  expect(await worker.pull()).toMatchObject([{ id, attributes: { eventType: 'OBJECT_FINALIZE' } }])
  expect(() => server.publish(topicName('absent'), { attributes: { a: 'b' } })).toThrow('resource=absent')
})

test('whoever runs the emulator is told of each message before its publisher hears, also where the answer is lost', async () => {
  const told: string[] = []
  let lost = 0
  await using started = await start({
    onPublished: (topic, messages) => told.push(...messages.map(({ id, data }) => `${topic} ${id} ${data}`)),
    faults: (call) => (call.endsWith('.Publish') && lost-- > 0 ? { code: 'UNAVAILABLE', when: 'after' } : undefined),
  })
  const topic = topicName('events')
  await started.publisher.createTopic({ name: topic })
  const [{ messageIds }] = await started.publisher.publish({ topic, messages: [{ data: 'YQ==' }, { data: 'Yg==' }] })
  expect(told).toEqual([`${topic} ${messageIds![0]} a`, `${topic} ${messageIds![1]} b`])
  lost = 1 // and the client publishes once more
  const [again] = await started.publisher.publish({ topic, messages: [{ data: 'Yw==' }] })
  expect(told.slice(2)).toEqual([expect.stringMatching(/ c$/), `${topic} ${again.messageIds![0]} c`])
  await expect(started.publisher.publish({ topic, messages: [{}] })).rejects.toMatchObject({ code: 3 })
  expect(told).toHaveLength(4)
})
