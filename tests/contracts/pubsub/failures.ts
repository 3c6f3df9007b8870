import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { PubSubBackend } from './backend.ts'
import { INVALID_ARGUMENT, OUT_OF_RANGE, shortOf } from './codes.ts'
import { type Feed, texts } from './feed.ts'

/** A subscription, and one of the topic that its dead letters go to. */
async function withDeadLetters(backend: PubSubBackend): Promise<{ feed: Feed; dead: Feed }> {
  const dead = await backend.subscribe()
  const deadLetterPolicy = { deadLetterTopic: dead.topic, maxDeliveryAttempts: 5 }
  return { dead, feed: await backend.subscribe({ deadLetterPolicy }) }
}

/** Gives the one message back so many times; returns which attempt each delivery was. */
async function fail(feed: Feed, times: number): Promise<number[]> {
  const attempts: number[] = []
  while (attempts.length < times) {
    const received = await feed.take(1)
    attempts.push(received[0]!.deliveryAttempt)
    await feed.modify(0, ...received)
  }
  return attempts
}

/**
 * On Google Cloud the project's Pub/Sub service agent must be allowed to publish to the dead-letter topic, and to
 * acknowledge: https://cloud.google.com/pubsub/docs/handling-failures#grant_forwarding_permissions.
 */
export const failures = {
  async 'without a dead-letter policy a delivery does not tell which attempt it is'(backend) {
    const feed = await backend.subscribe()
    await feed.publish('a')
    expect(await fail(feed, 2)).toEqual([0, 0])
  },

  async 'with a dead-letter policy a delivery tells which attempt it is, from 1'(backend) {
    const { feed } = await withDeadLetters(backend)
    await feed.publish('a')
    expect(await fail(feed, 2)).toEqual([1, 2])
    const received = await feed.take(1)
    expect(received).toMatchObject([{ deliveryAttempt: 3 }])
    await feed.modify(1, ...received)
    await backend.pass(2_000)
    expect(await feed.take(1), 'a deadline that passed is a failure too').toMatchObject([{ deliveryAttempt: 4 }])
  },

  async 'a message goes to the dead-letter topic after its last attempt, and does not come back'(backend) {
    const { feed, dead } = await withDeadLetters(backend)
    await feed.publish('poison')
    await fail(feed, 4)
    expect(await dead.rest()).toEqual([])
    await fail(feed, 1)
    expect(await feed.rest()).toEqual([])
    expect(texts(await dead.take(1))).toEqual(['poison'])
  },

  async 'a dead letter is the message as it was, and tells where it comes from'(backend) {
    const { feed, dead } = await withDeadLetters(backend)
    await feed.publish({ data: Buffer.from('poison'), attributes: { event_id: 'e1' } })
    await fail(feed, 5)
    expect(await feed.rest()).toEqual([])
    const [letter] = await dead.take(1)
    expect(letter).toMatchObject({
      text: 'poison',
      attributes: {
        event_id: 'e1',
        CloudPubSubDeadLetterSourceDeliveryCount: '5',
        CloudPubSubDeadLetterSourceSubscription: shortOf(feed.subscription),
        CloudPubSubDeadLetterSourceSubscriptionProject: shortOf(backend.project),
        CloudPubSubDeadLetterSourceTopicPublishTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/),
      },
    })
  },

  async 'a message that succeeds in time is no dead letter'(backend) {
    const { feed, dead } = await withDeadLetters(backend)
    await feed.publish('a')
    await fail(feed, 4)
    await feed.ack(...(await feed.take(1)))
    expect(await dead.rest()).toEqual([])
    expect(await feed.rest()).toEqual([])
  },

  async 'a dead-letter policy allows between 5 and 100 attempts'(backend) {
    const deadLetterTopic = await backend.topic()
    for (const maxDeliveryAttempts of [4, 101]) {
      const subscribing = backend.subscribe({ deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts } })
      // Google says that it is refused, not how.
      const code = expect.toBeOneOf([INVALID_ARGUMENT, OUT_OF_RANGE])
      await expect(subscribing, `${maxDeliveryAttempts}`).rejects.toMatchObject({ code })
    }
  },

  async 'a dead-letter policy allows 5 attempts unless told otherwise'(backend) {
    const { subscription } = await backend.subscribe({ deadLetterPolicy: { deadLetterTopic: await backend.topic() } })
    const [shown] = await backend.subscriber.getSubscription({ subscription })
    expect(shown.deadLetterPolicy).toMatchObject({ maxDeliveryAttempts: 5 })
  },

  async 'a dead-letter policy can be set later, and taken away'(backend) {
    const { subscriber } = backend
    const { subscription } = await backend.subscribe()
    const deadLetterTopic = await backend.topic()
    const update = (deadLetterPolicy: object | null) =>
      subscriber.updateSubscription({
        subscription: { name: subscription, deadLetterPolicy },
        updateMask: { paths: ['dead_letter_policy'] },
      })
    await update({ deadLetterTopic, maxDeliveryAttempts: 7 })
    const [withPolicy] = await subscriber.getSubscription({ subscription })
    expect(withPolicy.deadLetterPolicy).toMatchObject({ deadLetterTopic, maxDeliveryAttempts: 7 })
    await update(null)
    expect((await subscriber.getSubscription({ subscription }))[0].deadLetterPolicy).toBeNull()
  },

  async 'with a retry policy, a message that is given back waits'(backend) {
    const feed = await backend.subscribe({
      retryPolicy: { minimumBackoff: { seconds: 3 }, maximumBackoff: { seconds: 3 } },
    })
    await feed.publish('a')
    await fail(feed, 1)
    await backend.pass(1_500)
    expect(await feed.rest()).toEqual([])
    await backend.pass(2_500)
    expect(texts(await feed.take(1))).toEqual(['a'])
  },

  'with a retry policy, a message waits longer each time, up to the maximum': {
    needs: 'time that can be moved',
    async holds(backend) {
      const feed = await backend.subscribe({
        retryPolicy: { minimumBackoff: { seconds: 10 }, maximumBackoff: { seconds: 60 } },
      })
      await feed.publish('a')
      for (let failures = 0; failures < 8; failures++) {
        await fail(feed, 1)
        await backend.pass(9_000)
        expect(await feed.rest(), 'below the minimum').toEqual([])
        await backend.pass(51_000)
      }
      await fail(feed, 1)
      await backend.pass(30_000)
      expect(await feed.rest(), 'after many failures').toEqual([])
      await backend.pass(30_000)
      expect(texts(await feed.take(1))).toEqual(['a'])
    },
  },

  async 'a retry policy waits between 0 and 600 s, and its minimum is not above its maximum'(backend) {
    for (const [minimum, maximum] of [
      [1, 601],
      [20, 10],
    ]) {
      const retryPolicy = { minimumBackoff: { seconds: minimum }, maximumBackoff: { seconds: maximum } }
      await expect(backend.subscribe({ retryPolicy }), `${minimum}–${maximum} s`).rejects.toMatchObject({
        code: INVALID_ARGUMENT,
      })
    }
  },
} satisfies Contract<PubSubBackend>
