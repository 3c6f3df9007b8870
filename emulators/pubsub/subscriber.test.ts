import { expect, test } from 'vitest'
import { PROJECT, start, startWithWorker, subscriptionName, topicName } from './testing.ts'

const DAY = 86_400
const name = subscriptionName('worker')

test('a subscription is shown with the defaults of the service', async () => {
  await using started = await startWithWorker()
  const [subscription] = await started.subscriber.getSubscription({ subscription: name })
  expect(subscription).toMatchObject({
    name,
    topic: topicName('events'),
    ackDeadlineSeconds: 10,
    messageRetentionDuration: { seconds: String(7 * DAY) },
    expirationPolicy: { ttl: { seconds: String(31 * DAY) } },
    deadLetterPolicy: null,
    retryPolicy: null,
    state: 'ACTIVE',
  })
})

test('a subscription is shown as it was asked for', async () => {
  await using started = await start()
  const { publisher, subscriber } = started
  await publisher.createTopic({ name: topicName('events') })
  await publisher.createTopic({ name: topicName('dead') })
  const [created] = await subscriber.createSubscription({
    name,
    topic: topicName('events'),
    ackDeadlineSeconds: 600,
    labels: { team: 'shop' },
    messageRetentionDuration: { seconds: 600 },
    expirationPolicy: {},
    deadLetterPolicy: { deadLetterTopic: topicName('dead') },
    retryPolicy: { minimumBackoff: { nanos: 500_000_000 } },
  })
  const [shown] = await subscriber.getSubscription({ subscription: name })
  expect(shown).toEqual(created)
  expect(shown).toMatchObject({
    ackDeadlineSeconds: 600,
    labels: { team: 'shop' },
    messageRetentionDuration: { seconds: '600' },
    expirationPolicy: { ttl: null },
    deadLetterPolicy: { deadLetterTopic: topicName('dead'), maxDeliveryAttempts: 5 },
    retryPolicy: { minimumBackoff: { seconds: '0', nanos: 500_000_000 }, maximumBackoff: { seconds: '600' } },
  })
})

test('a subscription exists once, for a topic that exists', async () => {
  await using started = await startWithWorker()
  const { subscriber } = started
  await expect(subscriber.createSubscription({ name, topic: topicName('events') })).rejects.toMatchObject({
    code: 6,
    details: 'Resource already exists in the project (resource=worker).',
  })
  const other = subscriptionName('other')
  await expect(subscriber.createSubscription({ name: other, topic: topicName('absent') })).rejects.toMatchObject({
    code: 5,
    details: 'Resource not found (resource=absent).',
  })
  await expect(
    subscriber.createSubscription({
      name: other,
      topic: topicName('events'),
      deadLetterPolicy: { deadLetterTopic: topicName('absent') },
    }),
  ).rejects.toMatchObject({ code: 5 })
})

test.for([
  ['an ack deadline below 10 s', { ackDeadlineSeconds: 9 }],
  ['an ack deadline above 600 s', { ackDeadlineSeconds: 601 }],
  ['a retention below 10 minutes', { messageRetentionDuration: { seconds: 599 } }],
  ['a retention above 31 days', { messageRetentionDuration: { seconds: 31 * DAY + 1 } }],
  ['an expiration below a day', { expirationPolicy: { ttl: { seconds: DAY - 1 } } }],
  ['4 delivery attempts', { deadLetterPolicy: { deadLetterTopic: topicName('events'), maxDeliveryAttempts: 4 } }],
  ['101 delivery attempts', { deadLetterPolicy: { deadLetterTopic: topicName('events'), maxDeliveryAttempts: 101 } }],
  ['a backoff above 600 s', { retryPolicy: { maximumBackoff: { seconds: 601 } } }],
  ['backoffs the wrong way round', { retryPolicy: { minimumBackoff: { seconds: 9 }, maximumBackoff: { seconds: 8 } } }],
  ['an endpoint that is no URL', { pushConfig: { pushEndpoint: 'nowhere' } }],
] as [string, object][])('a subscription with %s is refused', async ([, fields]) => {
  await using started = await start()
  await started.publisher.createTopic({ name: topicName('events') })
  await expect(
    started.subscriber.createSubscription({ name, topic: topicName('events'), ...fields }),
  ).rejects.toMatchObject({ code: 3 })
})

test.for([
  ['Subscription.bigquery_config', { bigqueryConfig: { table: 'p.d.t' } }],
  ['Subscription.cloud_storage_config', { cloudStorageConfig: { bucket: 'b' } }],
  ['Subscription.message_transforms', { messageTransforms: [{ javascriptUdf: { functionName: 'f', code: '' } }] }],
  ['PushConfig.no_wrapper', { pushConfig: { pushEndpoint: 'http://127.0.0.1/', noWrapper: { writeMetadata: true } } }],
] as [string, object][])('a subscription with %s is refused by name', async ([field, fields]) => {
  await using started = await start()
  await started.publisher.createTopic({ name: topicName('events') })
  await expect(
    started.subscriber.createSubscription({ name, topic: topicName('events'), ...fields }),
  ).rejects.toMatchObject({ code: 12, details: `unsupported: ${field} is not implemented by this emulator.` })
})

test('an update changes what its mask names, at once', async () => {
  await using started = await startWithWorker()
  const { subscriber, worker, clock } = started
  const update = (subscription: object, ...paths: string[]) =>
    subscriber.updateSubscription({ subscription: { name, ...subscription }, updateMask: { paths } })
  const [updated] = await update({ ackDeadlineSeconds: 20, labels: { not: 'named' } }, 'ack_deadline_seconds')
  expect(updated).toMatchObject({ ackDeadlineSeconds: 20, labels: {} })
  await worker.publish('a')
  await worker.pull()
  clock.advance(19_999)
  expect(await worker.texts()).toEqual([])
  clock.advance(1)
  expect(await worker.texts()).toEqual(['a'])

  await update({ retryPolicy: {} }, 'retry_policy')
  const [inner] = await update({ retryPolicy: { minimumBackoff: { seconds: 1 } } }, 'retry_policy.minimum_backoff')
  expect(inner.retryPolicy).toMatchObject({ minimumBackoff: { seconds: '1' }, maximumBackoff: { seconds: '600' } })
  await expect(
    update({ deadLetterPolicy: { maxDeliveryAttempts: 9 } }, 'dead_letter_policy.max_delivery_attempts'),
    'there is no policy to change',
  ).rejects.toMatchObject({ code: 3 })
  await expect(update({}, 'retry_policy.nonsense')).rejects.toMatchObject({ code: 3 })
  await expect(update({ topic: topicName('other') }, 'topic')).rejects.toMatchObject({ code: 3 })
  await expect(update({ ackDeadlineSeconds: 5 }, 'ack_deadline_seconds')).rejects.toMatchObject({ code: 3 })
})

test('subscriptions are listed by project', async () => {
  await using started = await startWithWorker()
  const { subscriber } = started
  await subscriber.createSubscription({ name: subscriptionName('another'), topic: topicName('events') })
  await subscriber.createSubscription({ name: 'projects/second/subscriptions/worker', topic: topicName('events') })
  const [listed] = await subscriber.listSubscriptions({ project: `projects/${PROJECT}` })
  expect(listed.map((subscription) => subscription.name)).toEqual([subscriptionName('another'), name])
})

test('each subscription gets every message published after it was made', async () => {
  await using started = await startWithWorker()
  const { subscriber, worker } = started
  await worker.publish('early')
  const second = subscriptionName('second')
  await subscriber.createSubscription({ name: second, topic: topicName('events') })
  await worker.publish('late')
  const [{ receivedMessages }] = await subscriber.pull({ subscription: second, maxMessages: 10 })
  expect(receivedMessages?.map(({ message }) => String(message?.data))).toEqual(['late'])
  expect(await worker.texts()).toEqual(['early', 'late'])
})

test('a pull gives no more than it was asked for, and no message twice', async () => {
  await using started = await startWithWorker()
  const { worker } = started
  await worker.publish('a', 'b', 'c')
  expect((await worker.pull(2)).map(({ text }) => text)).toEqual(['a', 'b'])
  expect(await worker.texts()).toEqual(['c'])
  expect(await worker.texts()).toEqual([])
})

test('a pull without a number of messages is refused', async () => {
  await using started = await startWithWorker()
  await expect(started.worker.pull(0)).rejects.toMatchObject({
    code: 3,
    details: 'You have passed an invalid argument to the service (argument=max_messages).',
  })
})

test('a pull waits for the first message', async () => {
  await using started = await startWithWorker()
  const { subscriber, worker } = started
  const pulled = subscriber.pull({ subscription: name, maxMessages: 10 })
  await worker.publish('a', 'b')
  const [{ receivedMessages }] = await pulled
  expect(receivedMessages?.map(({ message }) => String(message?.data))).toEqual(['a', 'b'])
})

test('a pull that waits too long answers with nothing, before its client gives up', async () => {
  await using started = await startWithWorker()
  const { subscriber, clock, worker } = started
  const pulled = subscriber.pull({ subscription: name, maxMessages: 10 }, { timeout: 60_000 })
  // Whatever a pull finds tells that the one before it is waiting.
  await worker.pull()
  clock.advance(60_000)
  expect((await pulled)[0].receivedMessages).toEqual([])
})

test('a pull whose client went away takes nothing', async () => {
  await using started = await startWithWorker()
  const { subscriber, worker } = started
  await expect(subscriber.pull({ subscription: name, maxMessages: 10 }, { timeout: 50 })).rejects.toMatchObject({
    code: 4,
  })
  await worker.publish('a')
  expect(await worker.texts()).toEqual(['a'])
})

test('a waiting pull fails when its subscription is deleted', async () => {
  await using started = await startWithWorker()
  const { subscriber, worker } = started
  const pulled = subscriber.pull({ subscription: name, maxMessages: 10 })
  const failed = expect(pulled).rejects.toMatchObject({ code: 5, details: 'Resource not found (resource=worker).' })
  await worker.pull()
  await subscriber.deleteSubscription({ subscription: name })
  await failed
})

test('an acknowledged message never comes back', async () => {
  await using started = await startWithWorker()
  const { worker, clock } = started
  await worker.publish('a', 'b')
  await worker.ack(...(await worker.pull()))
  clock.advance(3_600_000)
  expect(await worker.texts()).toEqual([])
})

test('a message comes back when its ack deadline passes, and not before', async () => {
  await using started = await startWithWorker()
  const { worker, clock } = started
  const [id] = await worker.publish('a')
  await worker.pull()
  clock.advance(9_999)
  expect(await worker.pull()).toEqual([])
  clock.advance(1)
  expect(await worker.pull()).toMatchObject([{ id, text: 'a', deliveryAttempt: 0 }])
})

test('a message given back comes back at once', async () => {
  await using started = await startWithWorker()
  const { worker } = started
  await worker.publish('a')
  await worker.modify(0, ...(await worker.pull()))
  expect(await worker.texts()).toEqual(['a'])
})

test('an extension counts from when it is made, and may shorten the lease', async () => {
  await using started = await startWithWorker()
  const { worker, clock } = started
  await worker.publish('long', 'short')
  const [long, short] = await worker.pull()
  clock.advance(5_000)
  await worker.modify(600, long!)
  await worker.modify(1, short!)
  clock.advance(1_000)
  expect(await worker.texts()).toEqual(['short'])
  clock.advance(598_999)
  expect(await worker.texts()).toEqual(['short'])
  clock.advance(1)
  expect(await worker.texts()).toEqual(['long'])
})

test('a late ack of an older delivery does nothing', async () => {
  await using started = await startWithWorker()
  const { worker, clock } = started
  await worker.publish('a')
  const first = await worker.pull()
  clock.advance(10_000)
  const second = await worker.pull()
  await worker.ack(...first)
  await worker.modify(600, ...first)
  clock.advance(10_000)
  const third = await worker.pull()
  expect(third).toHaveLength(1)
  expect(new Set([first, second, third].map(([received]) => received?.ackId)).size).toBe(3)
})

test('an ack id of another subscription does nothing', async () => {
  await using started = await startWithWorker()
  const { subscriber, worker, clock } = started
  const other = subscriptionName('other')
  await subscriber.createSubscription({ name: other, topic: topicName('events') })
  await worker.publish('a')
  const [mine] = await worker.pull()
  await subscriber.pull({ subscription: other, maxMessages: 1 })
  await subscriber.acknowledge({ subscription: other, ackIds: [mine!.ackId] })
  clock.advance(10_000)
  const [{ receivedMessages }] = await subscriber.pull({ subscription: other, maxMessages: 1 })
  expect(receivedMessages).toHaveLength(1)
})

test('an ack without an ack id, or with one that nobody gave, is refused', async () => {
  await using started = await startWithWorker()
  const { subscriber, worker } = started
  await expect(worker.ack()).rejects.toMatchObject({
    code: 3,
    details: 'You have not specified an ack ID in the request.',
  })
  await expect(subscriber.acknowledge({ subscription: name, ackIds: ['made up'] })).rejects.toMatchObject({
    code: 3,
    details: 'You have passed an invalid ack ID to the service (ack_id=made up).',
  })
  await worker.publish('a')
  await expect(worker.modify(601, ...(await worker.pull()))).rejects.toMatchObject({ code: 3 })
})

test('a message is gone when its retention is over', async () => {
  await using started = await startWithWorker({ messageRetentionDuration: { seconds: 600 } })
  const { worker, clock } = started
  await worker.publish('old')
  clock.advance(300_000)
  await worker.publish('new')
  clock.advance(299_999)
  const [old, fresh] = await worker.pull()
  expect(old?.text).toBe('old')
  await worker.modify(0, old!, fresh!)
  clock.advance(1)
  expect(await worker.texts()).toEqual(['new'])
})

test('a subscription that nobody uses is deleted when its expiration comes', async () => {
  await using started = await startWithWorker({ expirationPolicy: { ttl: { seconds: DAY } } })
  const { subscriber, worker, clock } = started
  await worker.pull()
  clock.advance(DAY * 1_000 - 1)
  await worker.pull()
  clock.advance(DAY * 1_000 - 1)
  await expect(subscriber.getSubscription({ subscription: name })).resolves.toBeDefined()
  clock.advance(1)
  await expect(subscriber.getSubscription({ subscription: name })).rejects.toMatchObject({ code: 5 })
})

test('with a retry policy, a message waits twice as long after each failure, up to the maximum', async () => {
  await using started = await startWithWorker({
    retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 3 } },
  })
  const { worker, clock } = started
  await worker.publish('a')
  for (const wait of [1_000, 2_000, 3_000, 3_000]) {
    await worker.modify(0, ...(await worker.pull()))
    clock.advance(wait - 1)
    expect(await worker.texts()).toEqual([])
    clock.advance(1)
  }
  expect(await worker.texts()).toEqual(['a'])
  clock.advance(10_000)
  expect(await worker.texts(), 'an expired lease counts as a failure').toEqual([])
  clock.advance(3_000)
  expect(await worker.texts()).toEqual(['a'])
})

test('a message that keeps failing does not hold up the others', async () => {
  await using started = await startWithWorker()
  const { worker } = started
  await worker.publish('poison', 'a', 'b')
  const seen: string[] = []
  for (let i = 0; i < 6; i++) {
    const [received] = await worker.pull(1)
    seen.push(received!.text)
    if (received!.text === 'poison') await worker.modify(0, received!)
    else await worker.ack(received!)
  }
  expect(seen).toEqual(expect.arrayContaining(['a', 'b']))
})
