import type { Message } from '@google-cloud/pubsub'
import { expect, test } from 'vitest'
import { startWithWorker, subscriptionName, topicName } from './testing.ts'
import { Stream } from './testing-stream.ts'

const name = subscriptionName('worker')
const startOrdered = () => startWithWorker({ enableMessageOrdering: true })

test("the official client gets each key's messages in the order of their publication", async () => {
  await using started = await startOrdered()
  const { pubsub } = started
  const topic = pubsub.topic('events', { messageOrdering: true })
  const subscription = pubsub.subscription('worker', { batching: { maxMilliseconds: 5 } })
  const seen: Record<string, string[]> = { a: [], b: [] }
  let count = 0
  const all = new Promise<void>((resolve) => {
    subscription.on('message', (message: Message) => {
      seen[message.orderingKey ?? '']!.push(String(message.data))
      // The first delivery of every tenth message fails.
      if (Number(String(message.data)) % 10 === 0 && count % 3 === 0) message.nack()
      else message.ack()
      if (++count >= 100 && seen.a!.at(-1) === '49' && seen.b!.at(-1) === '49') resolve()
    })
  })
  const published = Array.from({ length: 50 }, (_, i) => `${i}`).flatMap((text) =>
    ['a', 'b'].map((orderingKey) => topic.publishMessage({ data: Buffer.from(text), orderingKey })),
  )
  await Promise.all(published)
  await all
  await subscription.close()
  for (const key of ['a', 'b']) {
    const firsts = [...new Set(seen[key])]
    expect(firsts).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`))
  }
})

test('a stream says that delivery is ordered, and confirms no ack out of order', async () => {
  await using started = await startWithWorker({ enableMessageOrdering: true, enableExactlyOnceDelivery: true })
  const { publisher, subscriber } = started
  const stream = new Stream(started, name)
  const messages = ['a1', 'a2'].map((text) => ({ data: Buffer.from(text), orderingKey: 'a' }))
  await publisher.publish({ topic: topicName('events'), messages })
  await stream.until(2)
  expect(stream.responses[0]?.subscriptionProperties).toEqual({
    exactlyOnceDeliveryEnabled: true,
    messageOrderingEnabled: true,
  })
  const [a1, a2] = stream.received.map(({ ackId }) => ackId)
  stream.write({ ackIds: [a2] })
  expect(await stream.response(1)).toMatchObject({ acknowledgeConfirmation: { ackIds: [], unorderedAckIds: [a2] } })
  await expect(subscriber.acknowledge({ subscription: name, ackIds: [a2!] })).rejects.toMatchObject({
    code: 3,
    errorInfoMetadata: { [a2!]: 'TRANSIENT_FAILURE_UNORDERED_ACK_ID' },
  })
  stream.write({ ackIds: [a2, a1] })
  expect(await stream.response(2)).toMatchObject({ acknowledgeConfirmation: { ackIds: [a2, a1], unorderedAckIds: [] } })
})

test('whether delivery is ordered cannot be changed', async () => {
  await using started = await startOrdered()
  const update = started.subscriber.updateSubscription({
    subscription: { name, enableMessageOrdering: false },
    updateMask: { paths: ['enable_message_ordering'] },
  })
  await expect(update).rejects.toMatchObject({ code: 3 })
})
