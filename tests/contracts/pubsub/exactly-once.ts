import type { Message } from '@google-cloud/pubsub'
import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { PubSubBackend } from './backend.ts'
import { INVALID_ARGUMENT } from './codes.ts'
import { texts } from './feed.ts'
import { Stream } from './stream.ts'

const exactlyOnceOn = { enableExactlyOnceDelivery: true }

/** https://cloud.google.com/pubsub/docs/exactly-once-delivery */
export const exactlyOnce = {
  async 'with exactly-once delivery, the client hears that its ack succeeded'(backend) {
    const feed = await backend.subscribe(exactlyOnceOn)
    const subscription = backend.pubsub.subscription(feed.subscription)
    const outcome = new Promise<string>((resolve, reject) => {
      subscription.on('error', reject)
      subscription.on('message', (message: Message) => message.ackWithResponse().then(resolve, reject))
    })
    await feed.publish('a')
    expect(await outcome).toBe('SUCCESS')
    await subscription.close()
  },

  async 'with exactly-once delivery, an ack or a deadline that comes too late fails, and names its ack id'(backend) {
    const feed = await backend.subscribe(exactlyOnceOn)
    await feed.publish('a')
    const received = await feed.take(1)
    await feed.modify(1, ...received)
    await backend.pass(2_000)
    const failure = {
      reason: 'EXACTLY_ONCE_ACKID_FAILURE',
      errorInfoMetadata: { [received[0]!.ackId]: 'PERMANENT_FAILURE_INVALID_ACK_ID' },
    }
    await expect(feed.ack(...received)).rejects.toMatchObject(failure)
    await expect(feed.modify(60, ...received)).rejects.toMatchObject(failure)
    expect(texts(await feed.take(1))).toEqual(['a'])
  },

  async 'with exactly-once delivery, only the newest ack id of a message counts'(backend) {
    const feed = await backend.subscribe(exactlyOnceOn)
    await feed.publish('a')
    const older = await feed.take(1)
    await feed.modify(0, ...older)
    const newest = await feed.take(1)
    await feed.modify(3, ...newest)
    await expect(feed.ack(...older)).rejects.toMatchObject({ reason: 'EXACTLY_ONCE_ACKID_FAILURE' })
    await feed.ack(...newest)
    await backend.pass(4_000)
    expect(await feed.rest()).toEqual([])
  },

  async 'with exactly-once delivery, the good acks of a request count although another fails'(backend) {
    const feed = await backend.subscribe(exactlyOnceOn)
    await feed.publish('late')
    const late = await feed.take(1)
    await feed.modify(0, ...late)
    const again = await feed.take(1)
    await feed.publish('in time')
    const inTime = await feed.take(1)
    await feed.modify(3, ...inTime, ...again)
    await expect(feed.ack(...inTime, ...late)).rejects.toMatchObject({ reason: 'EXACTLY_ONCE_ACKID_FAILURE' })
    await backend.pass(4_000)
    expect(texts(await feed.take(1))).toEqual(['late'])
    expect(await feed.rest()).toEqual([])
  },

  async 'with exactly-once delivery, a stream says so and confirms acks and deadlines'(backend) {
    const feed = await backend.subscribe(exactlyOnceOn)
    using stream = new Stream(backend.subscriber, feed.subscription)
    await feed.publish('a', 'b')
    await stream.until(2)
    expect(stream.responses[0]?.subscriptionProperties).toMatchObject({ exactlyOnceDeliveryEnabled: true })
    const [a, b] = stream.received.map(({ ackId }) => ackId)
    stream.write({ modifyDeadlineAckIds: [a], modifyDeadlineSeconds: [60] })
    const modified = await stream.find((all) => all.find((r) => r.modifyAckDeadlineConfirmation))
    expect(modified.modifyAckDeadlineConfirmation?.ackIds).toEqual([a])
    stream.write({ ackIds: [b] })
    const acknowledged = await stream.find((all) => all.find((r) => r.acknowledgeConfirmation))
    expect(acknowledged.acknowledgeConfirmation?.ackIds).toEqual([b])
  },

  async 'exactly-once delivery can be switched on later'(backend) {
    const { subscriber } = backend
    const { subscription } = await backend.subscribe()
    await subscriber.updateSubscription({
      subscription: { name: subscription, ...exactlyOnceOn },
      updateMask: { paths: ['enable_exactly_once_delivery'] },
    })
    const [shown] = await subscriber.getSubscription({ subscription })
    expect(shown).toMatchObject(exactlyOnceOn)
  },

  async 'exactly-once delivery is not for push'(backend) {
    const pushConfig = { pushEndpoint: 'https://example.com/push' }
    await expect(backend.subscribe({ ...exactlyOnceOn, pushConfig })).rejects.toMatchObject({ code: INVALID_ARGUMENT })
  },
} satisfies Contract<PubSubBackend>
