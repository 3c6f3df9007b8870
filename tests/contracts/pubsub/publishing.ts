import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { PubSubBackend } from './backend.ts'
import { INVALID_ARGUMENT } from './codes.ts'
import { texts } from './feed.ts'

const good = { data: Buffer.from('good') }
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']))

/** A publish of these is refused, all of it. */
async function refused(backend: PubSubBackend, ...messages: readonly object[]): Promise<void> {
  const feed = await backend.subscribe()
  await expect(feed.publish(...messages)).rejects.toMatchObject({ code: INVALID_ARGUMENT })
  expect(await feed.rest()).toEqual([])
}

/** https://cloud.google.com/pubsub/quotas#resource_limits */
export const publishing = {
  async 'a message arrives with its data, byte for byte, its attributes and its ordering key'(backend) {
    const feed = await backend.subscribe()
    const data = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const attributes = { event_id: 'e1', empty: '', 'é ☃': 'ü 🎉' }
    const [id] = await feed.publish({ data, attributes, orderingKey: 'k' })
    const [received] = await feed.take(1)
    expect(received).toMatchObject({ id, attributes, orderingKey: 'k' })
    expect(received!.data.equals(data)).toBe(true)
  },

  async 'each message has an id of its own, in the order of the request'(backend) {
    const feed = await backend.subscribe()
    const ids = [...(await feed.publish('a', 'b', 'c')), ...(await feed.publish('a'))]
    expect(new Set(ids).size).toBe(4)
    const received = await feed.take(4)
    const textOf = new Map(received.map(({ id, text }) => [id, text]))
    expect(ids.map((id) => textOf.get(id))).toEqual(['a', 'b', 'c', 'a'])
  },

  async 'a message tells when it was published'(backend) {
    const feed = await backend.subscribe()
    await feed.publish('a')
    await backend.pass(1_500)
    await feed.publish('b')
    const times = new Map((await feed.take(2)).map(({ text, publishTime }) => [text, publishTime]))
    expect(times.get('b')! - times.get('a')!).toBeGreaterThanOrEqual(1_000)
    expect(times.get('b')! - times.get('a')!).toBeLessThan(10_000)
  },

  async 'a message may have attributes alone'(backend) {
    const feed = await backend.subscribe()
    await feed.publish({ attributes: { only: 'this' } })
    const [received] = await feed.take(1)
    expect(received).toMatchObject({ attributes: { only: 'this' } })
    expect(received!.data).toHaveLength(0)
  },

  async "the client's publisher sends one message for each call, in batches of its own"(backend) {
    const feed = await backend.subscribe()
    const topic = backend.pubsub.topic(feed.topic)
    const sent = Array.from({ length: 150 }, (_, i) => `m${i}`)
    const ids = await Promise.all(sent.map((text) => topic.publishMessage({ data: Buffer.from(text) })))
    const received = await feed.take(150)
    expect(new Map(received.map(({ id, text }) => [id, text]))).toEqual(new Map(ids.map((id, i) => [id, sent[i]])))
  },

  async 'a request without messages is refused'({ publisher, ...backend }) {
    const topic = await backend.topic()
    await expect(publisher.publish({ topic, messages: [] })).rejects.toMatchObject({ code: INVALID_ARGUMENT })
  },

  'a message without data and attributes is refused, with all that is published beside it': (backend) =>
    refused(backend, good, {}),
  'a message with an ordering key alone is refused': (backend) => refused(backend, { orderingKey: 'k' }),
  'a request of more than 1,000 messages is refused': (backend) =>
    refused(backend, ...Array.from({ length: 1_001 }, () => good)),
  'a request of more than 10 MB is refused': (backend) => refused(backend, { data: Buffer.alloc(10_000_001) }),
  'a message of more than 100 attributes is refused': (backend) => refused(backend, { attributes: many(101) }),
  'an attribute with a key of more than 256 bytes is refused': (backend) =>
    refused(backend, { attributes: { ['é'.repeat(129)]: 'v' } }),
  'an attribute with a key that begins with goog is refused': (backend) =>
    refused(backend, { attributes: { googly: 'v' } }),
  'an attribute with a value of more than 1,024 bytes is refused': (backend) =>
    refused(backend, { attributes: { k: 'v'.repeat(1_025) } }),
  'an ordering key of more than 1,024 bytes is refused': (backend) =>
    refused(backend, { ...good, orderingKey: 'k'.repeat(1_025) }),

  async 'a request at the limits is taken'(backend) {
    const feed = await backend.subscribe()
    const attributes = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`.padEnd(256, 'x'), 'v']))
    await feed.publish(...Array.from({ length: 999 }, () => good), { data: Buffer.alloc(1_000_000), attributes })
    expect(new Set(texts(await feed.take(1_000)))).toHaveLength(2)
  },
} satisfies Contract<PubSubBackend>
