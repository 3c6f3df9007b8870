import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { PubSubBackend } from './backend.ts'
import { INVALID_ARGUMENT } from './codes.ts'
import { texts } from './feed.ts'

/** Leases are shortened to seconds, so that they can also be waited for. */
export const delivery = {
  async 'a pull gives no more than it was asked for'(backend) {
    const feed = await backend.subscribe()
    await feed.publish('a', 'b', 'c')
    expect((await feed.pull(2)).length).toBeLessThanOrEqual(2)
  },

  async 'a pull must ask for something'(backend) {
    const { subscription } = await backend.subscribe()
    await expect(backend.subscriber.pull({ subscription, maxMessages: 0 })).rejects.toMatchObject({
      code: INVALID_ARGUMENT,
    })
  },

  async 'a pull waits for the first message'(backend) {
    const feed = await backend.subscribe()
    const pulling = backend.subscriber.pull({ subscription: feed.subscription, maxMessages: 10 })
    await feed.publish('a')
    const [{ receivedMessages }] = await pulling
    expect(receivedMessages?.map(({ message }) => String(message?.data))).toEqual(['a'])
  },

  async 'a pull that may not wait answers at once, if with nothing'(backend) {
    const { subscription } = await backend.subscribe()
    const [answer] = await backend.subscriber.pull({ subscription, maxMessages: 10, returnImmediately: true })
    expect(answer.receivedMessages).toEqual([])
  },

  async 'a message that is held is given to nobody else'(backend) {
    const feed = await backend.subscribe()
    await feed.publish('a')
    await feed.take(1)
    await backend.pass(1_000)
    expect(await feed.rest()).toEqual([])
  },

  async 'an acknowledged message never comes back'(backend) {
    const feed = await backend.subscribe()
    await feed.publish('a', 'b')
    const received = await feed.take(2)
    await feed.modify(2, ...received)
    await feed.ack(...received)
    await backend.pass(3_000)
    expect(await feed.rest()).toEqual([])
  },

  async 'a message comes back when its ack deadline passes'(backend) {
    const feed = await backend.subscribe()
    const [id] = await feed.publish('a')
    const [first] = await feed.take(1)
    await backend.pass(8_000)
    expect(await feed.rest()).toEqual([])
    await backend.pass(2_500)
    const [second] = await feed.take(1)
    expect(second).toMatchObject({ id, text: 'a' })
    expect(second!.ackId).not.toBe(first!.ackId)
  },

  async 'a subscription has an ack deadline of its own'(backend) {
    const feed = await backend.subscribe({ ackDeadlineSeconds: 60 })
    await feed.publish('a')
    await feed.take(1)
    await backend.pass(12_000)
    expect(await feed.rest()).toEqual([])
  },

  async 'a message that is given back comes back at once'(backend) {
    const feed = await backend.subscribe()
    const [id] = await feed.publish('a')
    await feed.modify(0, ...(await feed.take(1)))
    expect(await feed.take(1)).toMatchObject([{ id, text: 'a' }])
  },

  async 'a deadline can be moved nearer, and counts from when it is moved'(backend) {
    const feed = await backend.subscribe({ ackDeadlineSeconds: 600 })
    await feed.publish('a')
    const received = await feed.take(1)
    await backend.pass(1_000)
    await feed.modify(3, ...received)
    await backend.pass(2_000)
    expect(await feed.rest()).toEqual([])
    await backend.pass(2_000)
    expect(texts(await feed.take(1))).toEqual(['a'])
  },

  async 'a deadline can be moved away'(backend) {
    const feed = await backend.subscribe()
    await feed.publish('a')
    const received = await feed.take(1)
    await feed.modify(2, ...received)
    await feed.modify(60, ...received)
    await backend.pass(3_000)
    expect(await feed.rest()).toEqual([])
  },

  async 'a deadline is moved to between 0 s and 600 s'(backend) {
    const feed = await backend.subscribe()
    await feed.publish('a')
    const received = await feed.take(1)
    for (const seconds of [-1, 601]) {
      await expect(feed.modify(seconds, ...received), `${seconds} s`).rejects.toMatchObject({ code: INVALID_ARGUMENT })
    }
  },

  async 'an ack that comes too late is answered like any other'(backend) {
    const feed = await backend.subscribe()
    await feed.publish('a')
    const received = await feed.take(1)
    await feed.modify(1, ...received)
    await backend.pass(1_500)
    await feed.ack(...received)
    await feed.modify(10, ...received)
  },

  async 'an ack and a changed deadline are for at least one ack id'(backend) {
    const feed = await backend.subscribe()
    await expect(feed.ack()).rejects.toMatchObject({ code: INVALID_ARGUMENT })
    await expect(feed.modify(10)).rejects.toMatchObject({ code: INVALID_ARGUMENT })
  },

  async 'an ack id that nobody gave is refused'(backend) {
    const { subscription } = await backend.subscribe()
    await expect(backend.subscriber.acknowledge({ subscription, ackIds: ['made up'] })).rejects.toMatchObject({
      code: INVALID_ARGUMENT,
    })
  },

  async 'an acknowledged message stays with the other subscriptions'(backend) {
    const feed = await backend.subscribe()
    const other = await backend.subscribe({ topic: feed.topic })
    await feed.publish('a')
    await feed.ack(...(await feed.take(1)))
    expect(texts(await other.take(1))).toEqual(['a'])
  },

  async 'a message that keeps failing does not hold up the others'(backend) {
    const feed = await backend.subscribe()
    await feed.publish('poison', 'a', 'b')
    const settled = new Set<string>()
    for (let pulls = 0; settled.size < 2 && pulls < 20; pulls++) {
      const [received] = await feed.take(1)
      if (received!.text === 'poison') await feed.modify(0, received!)
      else {
        settled.add(received!.text)
        await feed.ack(received!)
      }
    }
    expect([...settled].toSorted()).toEqual(['a', 'b'])
  },
} satisfies Contract<PubSubBackend>
