import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { PubSubBackend } from './backend.ts'
import { FAILED_PRECONDITION, INVALID_ARGUMENT } from './codes.ts'
import { texts } from './feed.ts'

/** Google Cloud pushes to public HTTPS endpoints alone. */
const needs = 'an endpoint that the service can reach'

async function pushing(backend: PubSubBackend, settings: object = {}) {
  const endpoint = await backend.endpoint()
  const feed = await backend.subscribe({ pushConfig: { pushEndpoint: endpoint.url }, ...settings })
  return { endpoint, feed }
}

/** https://cloud.google.com/pubsub/docs/push */
export const push = {
  'a push is a POST of the message, wrapped in JSON': {
    needs,
    async holds(backend) {
      const { endpoint, feed } = await pushing(backend)
      const [id] = await feed.publish({ data: Buffer.from('hello ☃'), attributes: { event_id: 'e1' } })
      const pushed = await endpoint.next()
      pushed.answer(204)
      expect(pushed.text).toBe('hello ☃')
      expect(pushed.headers['content-type']).toMatch(/^application\/json/)
      expect(pushed.body.subscription).toBe(feed.subscription)
      expect(pushed.body.message).toMatchObject({ attributes: { event_id: 'e1' }, messageId: id })
      expect(pushed.body.message.publishTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
    },
  },

  'a push names message id and time of publication in both spellings': {
    needs,
    async holds(backend) {
      const { endpoint, feed } = await pushing(backend)
      await feed.publish('a')
      const pushed = await endpoint.next()
      pushed.answer(204)
      const { messageId, message_id, publishTime, publish_time } = pushed.body.message
      expect([message_id, publish_time]).toEqual([messageId, publishTime])
    },
  },

  'a push of a message with an ordering key tells it': {
    needs,
    async holds(backend) {
      const { endpoint, feed } = await pushing(backend, { enableMessageOrdering: true })
      await feed.publish({ data: Buffer.from('a'), orderingKey: 'k' })
      const pushed = await endpoint.next()
      pushed.answer(204)
      expect(pushed.body.message.orderingKey).toBe('k')
    },
  },

  'messages of one ordering key are pushed one after the other': {
    needs,
    async holds(backend) {
      const { endpoint, feed } = await pushing(backend, { enableMessageOrdering: true })
      await feed.publish(...['1', '2', '3'].map((text) => ({ data: Buffer.from(text), orderingKey: 'k' })))
      for (const text of ['1', '2', '3']) {
        const pushed = await endpoint.next()
        expect(pushed.text).toBe(text)
        await backend.settle()
        expect(endpoint.waiting).toBe(0)
        pushed.answer(204)
      }
    },
  },

  'a push that is answered with 200, 201, 202 or 204 is an ack': {
    needs,
    async holds(backend) {
      const { endpoint, feed } = await pushing(backend)
      for (const status of [200, 201, 202, 204]) {
        await feed.publish(`${status}`)
        const pushed = await endpoint.next()
        expect(pushed.text).toBe(`${status}`)
        pushed.answer(status)
      }
      await backend.pass(11_000)
      await backend.settle()
      expect(endpoint.waiting).toBe(0)
    },
  },

  'a push that is answered with another status is made again': {
    needs,
    async holds(backend) {
      const { endpoint, feed } = await pushing(backend)
      for (const status of [500, 404, 301]) {
        const [id] = await feed.publish('a')
        ;(await endpoint.next()).answer(status)
        await backend.settle() // the answer must have arrived before time goes by
        await backend.pass(1_000)
        const again = await endpoint.next()
        expect(again.body.message.messageId, `${status}`).toBe(id)
        again.answer(204)
      }
    },
  },

  'a push tells which attempt it is where there is a dead-letter policy': {
    needs,
    async holds(backend) {
      const { endpoint, feed } = await pushing(backend, {
        deadLetterPolicy: { deadLetterTopic: await backend.topic(), maxDeliveryAttempts: 5 },
      })
      await feed.publish('a')
      const pushed = await endpoint.next()
      pushed.answer(204)
      expect(pushed.body.deliveryAttempt).toBe(1)
    },
  },

  'a push without a dead-letter policy does not tell an attempt': {
    needs,
    async holds(backend) {
      const { endpoint, feed } = await pushing(backend)
      await feed.publish('a')
      const pushed = await endpoint.next()
      pushed.answer(204)
      expect(pushed.body).not.toHaveProperty('deliveryAttempt')
    },
  },

  'a subscription that is pulled can be changed to push, and back': {
    needs,
    async holds(backend) {
      const { subscriber } = backend
      const endpoint = await backend.endpoint()
      const feed = await backend.subscribe()
      const { subscription } = feed
      await subscriber.modifyPushConfig({ subscription, pushConfig: { pushEndpoint: endpoint.url } })
      await feed.publish('pushed')
      const pushed = await endpoint.next()
      expect(pushed.text).toBe('pushed')
      pushed.answer(204)
      await backend.settle()
      await subscriber.modifyPushConfig({ subscription, pushConfig: {} })
      await feed.publish('pulled')
      expect(texts(await feed.take(1))).toEqual(['pulled'])
      expect(endpoint.waiting).toBe(0)
    },
  },

  async 'a push subscription cannot be pulled'(backend) {
    const { pull } = await backend.subscribe({ pushConfig: { pushEndpoint: 'https://example.com/push' } })
    await expect(pull()).rejects.toMatchObject({ code: FAILED_PRECONDITION })
  },

  async 'a push endpoint must be a URL'(backend) {
    await expect(backend.subscribe({ pushConfig: { pushEndpoint: 'nowhere' } })).rejects.toMatchObject({
      code: INVALID_ARGUMENT,
    })
  },

  async 'the identity that a push is to carry is shown'(backend) {
    const oidcToken = { serviceAccountEmail: 'push@example.iam.gserviceaccount.com', audience: 'https://example.com' }
    const { subscription } = await backend.subscribe({
      pushConfig: { pushEndpoint: 'https://example.com/push', oidcToken },
    })
    const [{ pushConfig }] = await backend.subscriber.getSubscription({ subscription })
    expect(pushConfig).toMatchObject({ pushEndpoint: 'https://example.com/push', oidcToken })
  },
} satisfies Contract<PubSubBackend>
