import { expect, test } from 'vitest'
import { PROJECT, startWithWorker, subscriptionName, topicName } from './testing.ts'
import { Rest } from './testing-rest.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const subscription = subscriptionName('worker')
const snapshotName = (id: string) => `projects/${PROJECT}/snapshots/${id}`

/** Publishes `a`, `b` and `c`, a minute apart, and acknowledges all. Tells when each was published. */
async function startWithHistory(options: object = {}, topic: object = {}) {
  const started = await startWithWorker(options)
  const { publisher, worker, clock } = started
  const paths = Object.keys(topic)
  if (paths.length > 0) {
    await publisher.updateTopic({ topic: { name: topicName('events'), ...topic }, updateMask: { paths } })
  }
  const times = []
  for (const text of ['a', 'b', 'c']) {
    clock.advance(MINUTE)
    times.push(new Date(clock.now()))
    await worker.publish(text)
  }
  await worker.ack(...(await worker.pull()))
  const seek = (time: Date) => started.pubsub.subscription('worker').seek(time)
  return { ...started, times: times as [Date, Date, Date], seek }
}

test('a seek into the past brings back what was acknowledged since, when it is retained', async () => {
  await using started = await startWithHistory({ retainAckedMessages: true })
  const { worker, times, seek } = started
  expect(await worker.texts()).toEqual([])
  await seek(times[1])
  expect(await worker.texts()).toEqual(['b', 'c'])
})

test('what is not retained does not come back', async () => {
  await using started = await startWithHistory()
  await started.worker.publish('d')
  await started.seek(started.times[0])
  expect(await started.worker.texts()).toEqual(['d'])
})

test('a seek into the future acknowledges all there is, and nothing that comes later', async () => {
  await using started = await startWithHistory({ retainAckedMessages: true })
  const { worker, times, seek, clock } = started
  await worker.publish('waiting')
  await seek(new Date(clock.now() + DAY))
  await worker.publish('later')
  expect(await worker.texts()).toEqual(['later'])
  await seek(times[2])
  expect(await worker.texts()).toEqual(['c', 'waiting', 'later'])
})

test('a seek ends all leases: what they hold is delivered again, or never', async () => {
  await using started = await startWithHistory({ enableExactlyOnceDelivery: true })
  const { worker, seek, clock } = started
  await worker.publish('old')
  const [old] = await worker.pull()
  clock.advance(1_000)
  await worker.publish('new')
  const [young] = await worker.pull()
  await seek(new Date(clock.now()))
  expect(await worker.texts()).toEqual(['new'])
  await expect(worker.ack(old!)).rejects.toMatchObject({ code: 3 })
  await expect(worker.ack(young!)).rejects.toMatchObject({ code: 3 })
})

test('acknowledged messages are retained for as long as others, or until nobody wants them any more', async () => {
  await using started = await startWithHistory({
    retainAckedMessages: true,
    messageRetentionDuration: { seconds: 600 },
  })
  const { subscriber, worker, times, seek, clock } = started
  clock.advance(8 * MINUTE) // a is ten minutes old
  await seek(times[0])
  const received = await worker.pull()
  expect(received.map(({ text }) => text)).toEqual(['b', 'c'])
  await worker.ack(...received)
  for (const retainAckedMessages of [false, true]) {
    const update = { subscription: { name: subscription, retainAckedMessages } }
    const [updated] = await subscriber.updateSubscription({
      ...update,
      updateMask: { paths: ['retain_acked_messages'] },
    })
    expect(updated.retainAckedMessages).toBe(retainAckedMessages)
  }
  await seek(times[0])
  expect(await worker.texts()).toEqual([])
})

test('a message that went to the dead-letter topic comes back as an acknowledged one does', async () => {
  const deadLetterPolicy = { deadLetterTopic: topicName('events'), maxDeliveryAttempts: 5 }
  await using started = await startWithHistory({ retainAckedMessages: true, deadLetterPolicy })
  const { worker, seek, clock } = started
  clock.advance(1_000)
  await worker.publish('poison')
  const published = new Date(clock.now())
  clock.advance(1_000)
  for (let attempt = 1; attempt <= 5; attempt++) await worker.modify(0, ...(await worker.pull(1)))
  await worker.ack(...(await worker.pull()))
  await seek(published)
  expect(await worker.pull()).toMatchObject([
    { text: 'poison', deliveryAttempt: 1, attributes: {} },
    { text: 'poison', attributes: { CloudPubSubDeadLetterSourceDeliveryCount: '5' } },
  ])
})

const retention = { messageRetentionDuration: { seconds: 3_600 } }

test('a topic that retains messages gives them to every subscription, also to one that is newer', async () => {
  await using started = await startWithHistory({}, retention)
  const { subscriber, worker, times, seek } = started
  await seek(times[1])
  expect(await worker.texts()).toEqual(['b', 'c'])
  const newer = { name: subscriptionName('newer'), topic: topicName('events'), filter: 'NOT attributes:x' }
  const [created] = await subscriber.createSubscription(newer)
  expect(created.topicMessageRetentionDuration).toMatchObject({ seconds: '3600' })
  await started.pubsub.subscription('newer').seek(times[0])
  const [{ receivedMessages }] = await subscriber.pull({ subscription: newer.name, maxMessages: 10 })
  expect(receivedMessages!.map(({ message }) => String(message!.data))).toEqual(['a', 'b', 'c'])
})

test('a topic forgets what is older than its retention, and all when it has none any more', async () => {
  await using started = await startWithHistory({}, retention)
  const { publisher, worker, times, seek, clock } = started
  clock.advance(HOUR - 2 * MINUTE) // a is an hour old
  await seek(times[0])
  const received = await worker.pull()
  expect(received.map(({ text }) => text)).toEqual(['b', 'c'])
  await worker.ack(...received)
  const updateMask = { paths: ['message_retention_duration'] }
  const name = topicName('events')
  const [updated] = await publisher.updateTopic({ topic: { name }, updateMask })
  expect(updated.messageRetentionDuration).toBeNull()
  await publisher.updateTopic({ topic: { name, ...retention }, updateMask })
  await seek(times[0])
  expect(await worker.texts()).toEqual([])
  await publisher.updateTopic({ topic: { name }, updateMask })
  await worker.publish('d')
  clock.advance(10_000)
  await worker.ack(...(await worker.pull()))
  await seek(times[0])
  expect(await worker.texts()).toEqual([])
})

test('a message that nobody acknowledges lives as long as the topic or the subscription retains it', async () => {
  const shorter = { messageRetentionDuration: { seconds: 600 } }
  await using started = await startWithHistory(shorter, retention)
  const { worker, clock } = started
  await worker.publish('d')
  clock.advance(HOUR - 1)
  expect(await worker.texts()).toEqual(['d'])
  clock.advance(1)
  expect(await worker.texts()).toEqual([])
})

test.for([599, 31 * 86_400 + 1])('a topic cannot retain messages for %i s', async (seconds) => {
  await using started = await startWithWorker()
  const topic = { name: topicName('another'), messageRetentionDuration: { seconds } }
  await expect(started.publisher.createTopic(topic)).rejects.toMatchObject({ code: 3 })
})

test('a snapshot brings back what was not acknowledged, and what came since, to any subscription of the topic', async () => {
  await using started = await startWithHistory()
  const { pubsub, subscriber, worker } = started
  await subscriber.createSubscription({
    name: subscriptionName('another'),
    topic: topicName('events'),
    filter: 'NOT attributes:skip',
  })
  await worker.publish('waiting', 'leased')
  await worker.pull(1)
  await pubsub.subscription('worker').createSnapshot('before')
  await started.publisher.publish({
    topic: topicName('events'),
    messages: [{ data: Buffer.from('since') }, { data: Buffer.from('not for another'), attributes: { skip: '' } }],
  })
  started.clock.advance(10_000)
  const received = await worker.pull()
  expect(received).toHaveLength(4)
  await worker.ack(...received)
  await pubsub.subscription('another').seek('before')
  const another = { subscription: subscriptionName('another'), maxMessages: 10 }
  const [{ receivedMessages }] = await subscriber.pull(another)
  expect(receivedMessages!.map(({ message }) => String(message!.data))).toEqual(['waiting', 'leased', 'since'])
  await pubsub.subscription('worker').seek('before')
  expect(await worker.texts()).toEqual(['waiting', 'leased', 'since', 'not for another'])
})

test('snapshots are shown, listed, labelled and deleted', async () => {
  await using started = await startWithWorker()
  const { publisher, subscriber, clock } = started
  const name = snapshotName('first')
  const [created] = await subscriber.createSnapshot({ name, subscription, labels: { team: 'shop' } })
  const expireTime = { seconds: String((clock.now() + 7 * DAY) / 1_000), nanos: 0 }
  expect(created).toMatchObject({ name, topic: topicName('events'), labels: { team: 'shop' }, expireTime })
  await expect(subscriber.createSnapshot({ name, subscription })).rejects.toMatchObject({ code: 6 })
  await subscriber.createSnapshot({ name: snapshotName('second'), subscription })
  const update = { snapshot: { name, labels: { team: 'stock' } }, updateMask: { paths: ['labels'] } }
  expect((await subscriber.updateSnapshot(update))[0].labels).toEqual({ team: 'stock' })
  const move = { snapshot: { name, expireTime }, updateMask: { paths: ['expire_time'] } }
  await expect(subscriber.updateSnapshot(move)).rejects.toMatchObject({ code: 3 })
  const [listed] = await subscriber.listSnapshots({ project: `projects/${PROJECT}` })
  expect(listed.map((snapshot) => snapshot.name)).toEqual([name, snapshotName('second')])
  const [ofTopic] = await publisher.listTopicSnapshots({ topic: topicName('events') })
  expect(ofTopic).toEqual([name, snapshotName('second')])
  await subscriber.deleteSnapshot({ snapshot: name })
  await expect(subscriber.getSnapshot({ snapshot: name })).rejects.toMatchObject({ code: 5 })
  await expect(subscriber.seek({ subscription, snapshot: name })).rejects.toMatchObject({ code: 5 })
})

test('a snapshot lives for seven days less the age of what it holds, and at least an hour', async () => {
  await using started = await startWithWorker({ messageRetentionDuration: { seconds: (31 * DAY) / 1_000 } })
  const { publisher, subscriber, worker, clock } = started
  await worker.publish('old')
  clock.advance(6 * DAY)
  await subscriber.createSnapshot({ name: snapshotName('first'), subscription })
  clock.advance(DAY - 1)
  await subscriber.getSnapshot({ snapshot: snapshotName('first') })
  await expect(subscriber.createSnapshot({ name: snapshotName('second'), subscription })).rejects.toMatchObject({
    code: 9,
  })
  clock.advance(1)
  expect((await publisher.listTopicSnapshots({ topic: topicName('events') }))[0]).toEqual([])
  await expect(subscriber.getSnapshot({ snapshot: snapshotName('first') })).rejects.toMatchObject({ code: 5 })
})

test('a seek needs a target, a snapshot of its own topic, and a subscription that is not detached', async () => {
  await using started = await startWithWorker()
  const { publisher, subscriber, clock } = started
  await expect(subscriber.seek({ subscription })).rejects.toMatchObject({ code: 3 })
  await publisher.createTopic({ name: topicName('another') })
  await subscriber.createSubscription({ name: subscriptionName('another'), topic: topicName('another') })
  const snapshot = snapshotName('another')
  await subscriber.createSnapshot({ name: snapshot, subscription: subscriptionName('another') })
  await expect(subscriber.seek({ subscription, snapshot })).rejects.toMatchObject({ code: 3 })
  await publisher.detachSubscription({ subscription })
  const time = { seconds: clock.now() / 1_000 }
  await expect(subscriber.seek({ subscription, time })).rejects.toMatchObject({ code: 9 })
  const detached = { name: snapshotName('detached'), subscription }
  await expect(subscriber.createSnapshot(detached)).rejects.toMatchObject({ code: 9 })
})

test('snapshots and seeks go over REST as well', async () => {
  await using started = await startWithHistory({ retainAckedMessages: true })
  const { worker, times } = started
  const rest = new Rest(started)
  const snapshot = {
    name: snapshotName('before'),
    topic: topicName('events'),
    expireTime: '2024-01-22T00:03:00Z',
    labels: { team: 'shop' },
  }
  const request = { subscription, labels: { team: 'shop' } }
  expect(await rest.ok('PUT', 'snapshots/before', request)).toEqual(snapshot)
  expect(await rest.ok('GET', 'snapshots')).toEqual({ snapshots: [snapshot] })
  expect(await rest.ok('POST', 'subscriptions/worker:seek', { time: times[1].toISOString() })).toEqual({})
  expect(await worker.texts()).toEqual(['b', 'c'])
  expect(await rest.ok('POST', 'subscriptions/worker:seek', { snapshot: snapshot.name })).toEqual({})
  expect(await worker.texts()).toEqual([])
  const both = { snapshot: snapshot.name, time: times[1].toISOString() }
  expect((await rest.call('POST', 'subscriptions/worker:seek', both)).status).toBe(400)
})
