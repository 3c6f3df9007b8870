import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { PubSubBackend } from './backend.ts'
import { type Feed, texts } from './feed.ts'

const orderedOn = { enableMessageOrdering: true }

const publish = (feed: Feed, orderingKey: string, ...all: readonly string[]) =>
  feed.publish(...all.map((text) => ({ data: Buffer.from(text), orderingKey })))

/** Pulls and acknowledges until it has that many. */
async function takeAndAck(feed: Feed, count: number): Promise<string[]> {
  const seen: string[] = []
  while (seen.length < count) {
    const [received] = await feed.take(1)
    seen.push(received!.text)
    await feed.ack(received!)
  }
  return seen
}

/** https://cloud.google.com/pubsub/docs/ordering */
export const ordering = {
  async 'messages of one ordering key come in the order of their publication'(backend) {
    const feed = await backend.subscribe(orderedOn)
    const sent = Array.from({ length: 30 }, (_, i) => `m${i}`)
    await publish(feed, 'k', ...sent.slice(0, 10))
    await publish(feed, 'k', ...sent.slice(10))
    expect(await takeAndAck(feed, 30)).toEqual(sent)
  },

  async "the client's publisher keeps the order of a key"(backend) {
    const feed = await backend.subscribe(orderedOn)
    const topic = backend.pubsub.topic(feed.topic, { messageOrdering: true })
    const sent = Array.from({ length: 20 }, (_, i) => `m${i}`)
    await Promise.all(sent.map((text) => topic.publishMessage({ data: Buffer.from(text), orderingKey: 'k' })))
    expect(await takeAndAck(feed, 20)).toEqual(sent)
  },

  async 'when a message of a key is given back, those after it come again after it'(backend) {
    const feed = await backend.subscribe(orderedOn)
    await publish(feed, 'k', 'a', 'b', 'c')
    const received = [...(await feed.take(1))]
    for (let pulls = 0; received.length < 3 && pulls < 3; pulls++) received.push(...(await feed.pull()))
    await feed.modify(0, received[0]!)
    expect(await takeAndAck(feed, 3)).toEqual(['a', 'b', 'c'])
  },

  async 'when the deadline of a message of a key passes, those after it come again although acknowledged'(backend) {
    const feed = await backend.subscribe(orderedOn)
    await publish(feed, 'k', 'a', 'b', 'c')
    const received = await feed.take(3)
    await feed.modify(60, received[2]!)
    await feed.ack(received[1]!)
    await feed.modify(1, received[0]!)
    await backend.pass(2_000)
    expect(await takeAndAck(feed, 3)).toEqual(['a', 'b', 'c'])
  },

  async 'what comes after a message of a key that is held waits for it'(backend) {
    const feed = await backend.subscribe(orderedOn)
    await publish(feed, 'k', 'a')
    const held = await feed.take(1)
    await publish(feed, 'k', 'b')
    expect(await feed.rest()).toEqual([])
    await feed.ack(...held)
    expect(texts(await feed.take(1))).toEqual(['b'])
  },

  async 'a key that is held does not hold up another, nor messages without one'(backend) {
    const feed = await backend.subscribe(orderedOn)
    await publish(feed, 'k', 'held')
    await feed.take(1)
    await publish(feed, 'other', 'a')
    await feed.publish('b')
    expect(texts(await feed.take(2)).toSorted()).toEqual(['a', 'b'])
  },

  async 'a subscription without ordering gives the messages of a key all the same'(backend) {
    const feed = await backend.subscribe()
    await publish(feed, 'k', 'a', 'b')
    const received = await feed.take(2)
    expect(texts(received).toSorted()).toEqual(['a', 'b'])
    expect(received.map(({ orderingKey }) => orderingKey)).toEqual(['k', 'k'])
  },
} satisfies Contract<PubSubBackend>
