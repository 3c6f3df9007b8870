import { v1 } from '@google-cloud/pubsub'
import { PassThroughClient } from 'google-auth-library'
import { expect, onTestFinished, test } from 'vitest'
import { PROJECT, startWithWorker, subscriptionName, topicName } from './testing.ts'

/** Google's own clients, told to speak REST. */
async function startClients() {
  const started = await startWithWorker()
  const { host, port } = started.server
  const options = {
    projectId: PROJECT,
    fallback: true,
    protocol: 'http',
    apiEndpoint: host,
    port,
    authClient: new PassThroughClient() as never, // they have their own copy of this library, with types of its own
  }
  const publisher = new v1.PublisherClient(options)
  const subscriber = new v1.SubscriberClient(options)
  onTestFinished(async () => {
    await Promise.all([publisher.close(), subscriber.close()])
  })
  return { ...started, publisher, subscriber }
}

test('Google’s clients manage topics and subscriptions over REST', async () => {
  await using started = await startClients()
  const { publisher, subscriber } = started
  await publisher.createTopic({ name: topicName('more'), labels: { team: 'shop' } })
  const topic = { name: topicName('more'), labels: { team: 'stock' } }
  const [updated] = await publisher.updateTopic({ topic, updateMask: { paths: ['labels'] } })
  expect(updated).toMatchObject({ ...topic, state: 'ACTIVE' })
  const [topics] = await publisher.listTopics({ project: `projects/${PROJECT}` })
  expect(topics.map(({ name }) => name)).toEqual([topicName('events'), topicName('more')])
  const [worker] = await subscriber.getSubscription({ subscription: subscriptionName('worker') })
  expect(worker).toMatchObject({
    topic: topicName('events'),
    ackDeadlineSeconds: 10,
    messageRetentionDuration: { seconds: '604800', nanos: 0 },
  })
  await expect(publisher.getTopic({ topic: topicName('absent') })).rejects.toThrow(
    'Resource not found (resource=absent).',
  )
})

test('Google’s clients publish, pull and acknowledge over REST', async () => {
  await using started = await startClients()
  const { publisher, subscriber, clock } = started
  const subscription = subscriptionName('worker')
  const messages = [{ data: Buffer.from([0, 255, 128]), attributes: { kind: 'order' } }]
  const [{ messageIds }] = await publisher.publish({ topic: topicName('events'), messages })
  const [{ receivedMessages }] = await subscriber.pull({ subscription, maxMessages: 10 })
  expect(receivedMessages).toHaveLength(1)
  const { ackId, message } = receivedMessages![0]!
  expect(message).toMatchObject({ attributes: { kind: 'order' }, messageId: messageIds![0] })
  expect(Buffer.from(message!.data as Uint8Array)).toEqual(messages[0]!.data)
  await subscriber.modifyAckDeadline({ subscription, ackIds: [ackId!], ackDeadlineSeconds: 60 })
  clock.advance(59_999)
  await subscriber.acknowledge({ subscription, ackIds: [ackId!] })
  clock.advance(600_000)
  const [{ receivedMessages: left }] = await subscriber.pull({ subscription, maxMessages: 1, returnImmediately: true })
  expect(left).toEqual([])
})
