import { setTimeout as wait } from 'node:timers/promises'
import type { Message } from '@google-cloud/pubsub'
import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { PubSubBackend } from './backend.ts'
import { INVALID_ARGUMENT, NOT_FOUND } from './codes.ts'
import { texts } from './feed.ts'
import { Stream } from './stream.ts'

export const streaming = {
  async "the client's subscriber gets every message, and its acks count"(backend) {
    const feed = await backend.subscribe()
    const sent = Array.from({ length: 300 }, (_, i) => `m${i}`)
    const seen = new Set<string>()
    const subscription = backend.pubsub.subscription(feed.subscription)
    const all = new Promise<void>((resolve, reject) => {
      subscription.on('error', reject)
      subscription.on('message', (message: Message) => {
        seen.add(String(message.data))
        message.ack()
        if (seen.size === sent.length) resolve()
      })
    })
    await feed.publish(...sent)
    await all
    await subscription.close()
    await backend.pass(11_000)
    expect(await feed.rest()).toEqual([])
  },

  async "what the client's subscriber gives back, it gets again"(backend) {
    const feed = await backend.subscribe()
    const subscription = backend.pubsub.subscription(feed.subscription)
    const ids: string[] = []
    const twice = new Promise<void>((resolve, reject) => {
      subscription.on('error', reject)
      subscription.on('message', (message: Message) => {
        if (ids.push(message.id) === 1) return message.nack()
        message.ack()
        resolve()
      })
    })
    const [id] = await feed.publish('a')
    await twice
    await subscription.close()
    expect(ids).toEqual([id, id])
  },

  async 'a stream holds no more messages than it asked for, and gets more when it settles some'(backend) {
    const feed = await backend.subscribe()
    using stream = new Stream(backend.subscriber, feed.subscription, { maxOutstandingMessages: 2 })
    await feed.publish('a', 'b', 'c', 'd', 'e')
    await stream.until(2)
    await backend.settle()
    expect(stream.received).toHaveLength(2)
    stream.write({ ackIds: stream.received.map(({ ackId }) => ackId) })
    await stream.until(4)
    await backend.settle()
    expect(stream.received).toHaveLength(4)
  },

  async 'a stream gives back, and moves deadlines'(backend) {
    const feed = await backend.subscribe()
    using stream = new Stream(backend.subscriber, feed.subscription)
    await feed.publish('kept', 'returned')
    await stream.until(2)
    const idOf = (text: string) => stream.received[stream.texts.indexOf(text)]!.ackId
    stream.write({ modifyDeadlineAckIds: [idOf('kept'), idOf('returned')], modifyDeadlineSeconds: [2, 0] })
    await stream.until(3)
    expect(stream.texts[2]).toBe('returned')
    await backend.pass(2_500)
    await stream.until(4)
    expect(stream.texts[3]).toBe('kept')
  },

  async "a stream's own ack deadline counts for what it gets"(backend) {
    const feed = await backend.subscribe()
    using stream = new Stream(backend.subscriber, feed.subscription, { streamAckDeadlineSeconds: 60 })
    await feed.publish('a')
    await stream.until(1)
    await backend.pass(12_000)
    await backend.settle()
    expect(stream.received).toHaveLength(1)
  },

  async 'what was acknowledged on a stream does not come back when the stream ends'(backend) {
    const feed = await backend.subscribe()
    {
      using stream = new Stream(backend.subscriber, feed.subscription)
      await feed.publish('kept', 'settled')
      await stream.until(2)
      const ackIds = stream.received.map(({ ackId }) => ackId)
      stream.write({ modifyDeadlineAckIds: ackIds, modifyDeadlineSeconds: [3, 3] })
      stream.write({ ackIds: [ackIds[stream.texts.indexOf('settled')]] })
      await backend.settle()
    }
    await backend.pass(3_500)
    expect(texts(await feed.take(1))).toEqual(['kept'])
    expect(await feed.rest()).toEqual([])
  },

  async 'streams share a subscription: each message goes to one of them'(backend) {
    const feed = await backend.subscribe()
    using first = new Stream(backend.subscriber, feed.subscription)
    using second = new Stream(backend.subscriber, feed.subscription)
    const sent = Array.from({ length: 100 }, (_, i) => `m${i}`)
    await feed.publish(...sent)
    while (first.received.length + second.received.length < 100) await wait(10)
    await backend.settle()
    expect([...first.texts, ...second.texts].toSorted()).toEqual(sent.toSorted())
  },

  async 'a stream says what its subscription promises'(backend) {
    const feed = await backend.subscribe({ enableMessageOrdering: true })
    using stream = new Stream(backend.subscriber, feed.subscription)
    await feed.publish('a')
    const properties = await stream.find((responses) => responses[0]?.subscriptionProperties ?? undefined)
    expect(properties).toEqual({ exactlyOnceDeliveryEnabled: false, messageOrderingEnabled: true })
  },

  async 'a stream of a subscription that is not there is refused'(backend) {
    using stream = new Stream(backend.subscriber, backend.nameOf('subscriptions'))
    expect(await stream.failed).toMatchObject({ code: NOT_FOUND })
  },

  async 'a stream with an ack deadline below 10 s is refused'(backend) {
    const { subscription } = await backend.subscribe()
    using stream = new Stream(backend.subscriber, subscription, { streamAckDeadlineSeconds: 9 })
    expect(await stream.failed).toMatchObject({ code: INVALID_ARGUMENT })
  },

  async 'a stream fails when its subscription is deleted'(backend) {
    const feed = await backend.subscribe()
    using stream = new Stream(backend.subscriber, feed.subscription)
    await feed.publish('a')
    await stream.until(1)
    await backend.subscriber.deleteSubscription({ subscription: feed.subscription })
    expect(await stream.failed).toMatchObject({ code: NOT_FOUND })
  },
} satisfies Contract<PubSubBackend>
