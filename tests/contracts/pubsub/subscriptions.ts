import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { PubSubBackend } from './backend.ts'
import { ALREADY_EXISTS, INVALID_ARGUMENT, NOT_FOUND } from './codes.ts'
import { texts } from './feed.ts'

const DAY = 86_400

export const subscriptions = {
  async 'a subscription is shown with the defaults of the service'(backend) {
    const { topic, subscription } = await backend.subscribe()
    const [shown] = await backend.subscriber.getSubscription({ subscription })
    expect(shown).toMatchObject({ name: subscription, topic, ackDeadlineSeconds: 10, retainAckedMessages: false })
    expect(Number(shown.messageRetentionDuration?.seconds)).toBe(7 * DAY)
  },

  async 'a subscription that is not used expires after 31 days, unless told otherwise'(backend) {
    const { subscription } = await backend.subscribe()
    const [shown] = await backend.subscriber.getSubscription({ subscription })
    expect(Number(shown.expirationPolicy?.ttl?.seconds)).toBe(31 * DAY)
  },

  async 'a subscription is shown as it was made'(backend) {
    const settings = {
      ackDeadlineSeconds: 42,
      labels: { team: 'shop' },
      filter: 'attributes:type',
      enableMessageOrdering: true,
      retryPolicy: { minimumBackoff: { seconds: 5 }, maximumBackoff: { seconds: 50 } },
      messageRetentionDuration: { seconds: 3_600 },
    }
    const { subscription } = await backend.subscribe(settings)
    const [shown] = await backend.subscriber.getSubscription({ subscription })
    expect(shown).toMatchObject({
      ackDeadlineSeconds: 42,
      labels: { team: 'shop' },
      filter: 'attributes:type',
      enableMessageOrdering: true,
    })
    const seconds = [
      shown.retryPolicy?.minimumBackoff,
      shown.retryPolicy?.maximumBackoff,
      shown.messageRetentionDuration,
    ]
    expect(seconds.map((duration) => Number(duration?.seconds))).toEqual([5, 50, 3_600])
  },

  async 'a subscription is created once'(backend) {
    const { topic, subscription } = await backend.subscribe()
    await expect(backend.subscriber.createSubscription({ name: subscription, topic })).rejects.toMatchObject({
      code: ALREADY_EXISTS,
    })
  },

  async 'a subscription that is not there can be neither shown, deleted, pulled nor acknowledged to'(backend) {
    const { subscriber } = backend
    const subscription = backend.nameOf('subscriptions')
    const absent = { code: NOT_FOUND }
    await expect(subscriber.getSubscription({ subscription })).rejects.toMatchObject(absent)
    await expect(subscriber.deleteSubscription({ subscription })).rejects.toMatchObject(absent)
    await expect(subscriber.pull({ subscription, maxMessages: 1 })).rejects.toMatchObject(absent)
    await expect(subscriber.acknowledge({ subscription, ackIds: ['x'] })).rejects.toMatchObject(absent)
  },

  async 'an ack deadline lies between 10 s and 600 s'(backend) {
    for (const ackDeadlineSeconds of [9, 601]) {
      await expect(backend.subscribe({ ackDeadlineSeconds }), `${ackDeadlineSeconds} s`).rejects.toMatchObject({
        code: INVALID_ARGUMENT,
      })
    }
    await backend.subscribe({ ackDeadlineSeconds: 600 })
  },

  async 'messages are kept between 10 minutes and 31 days'(backend) {
    for (const seconds of [599, 31 * DAY + 1]) {
      const subscribing = backend.subscribe({ messageRetentionDuration: { seconds } })
      await expect(subscribing, `${seconds} s`).rejects.toMatchObject({ code: INVALID_ARGUMENT })
    }
  },

  async 'an expiration is at least a day away'(backend) {
    await expect(backend.subscribe({ expirationPolicy: { ttl: { seconds: DAY - 1 } } })).rejects.toMatchObject({
      code: INVALID_ARGUMENT,
    })
  },

  async 'a subscription gets what is published after it was made, and each one gets all of it'(backend) {
    const early = await backend.subscribe()
    await early.publish('first')
    const late = await backend.subscribe({ topic: early.topic })
    await early.publish('second')
    expect(texts(await early.take(2)).toSorted()).toEqual(['first', 'second'])
    expect(texts(await late.take(1))).toEqual(['second'])
    expect(await late.rest()).toEqual([])
  },

  async 'an update changes what its mask names, and nothing else'(backend) {
    const { subscriber } = backend
    const { subscription } = await backend.subscribe({ ackDeadlineSeconds: 20, labels: { team: 'shop' } })
    await subscriber.updateSubscription({
      subscription: { name: subscription, ackDeadlineSeconds: 60, labels: { team: 'stock' } },
      updateMask: { paths: ['ack_deadline_seconds'] },
    })
    const [shown] = await subscriber.getSubscription({ subscription })
    expect(shown).toMatchObject({ ackDeadlineSeconds: 60, labels: { team: 'shop' } })
  },

  async 'an update must name what it changes, and name what there is'(backend) {
    const { subscription } = await backend.subscribe()
    for (const paths of [[], ['nonsense']]) {
      const update = { subscription: { name: subscription }, updateMask: { paths } }
      await expect(backend.subscriber.updateSubscription(update), `paths ${paths}`).rejects.toMatchObject({
        code: INVALID_ARGUMENT,
      })
    }
  },

  async "a subscription's topic, ordering and filter cannot be changed"(backend) {
    const { subscription: name } = await backend.subscribe({ filter: 'attributes:a' })
    const changes = {
      topic: { topic: await backend.topic() },
      enable_message_ordering: { enableMessageOrdering: true },
      filter: { filter: 'attributes:b' },
    }
    for (const [path, change] of Object.entries(changes)) {
      const update = { subscription: { name, ...change }, updateMask: { paths: [path] } }
      await expect(backend.subscriber.updateSubscription(update), path).rejects.toMatchObject({
        code: INVALID_ARGUMENT,
      })
    }
  },

  async 'the subscriptions of a project are listed page by page'(backend) {
    const { subscriber, project } = backend
    const { topic, subscription } = await backend.subscribe()
    const made = [subscription, (await backend.subscribe({ topic })).subscription]
    const listed: string[] = []
    let pageToken = ''
    do {
      const request = { project, pageSize: 1, pageToken }
      const [page, , response] = await subscriber.listSubscriptions(request, { autoPaginate: false })
      expect(page.length).toBeLessThanOrEqual(1)
      listed.push(...page.map(({ name }) => name ?? ''))
      pageToken = response.nextPageToken ?? ''
    } while (pageToken !== '' && !made.every((name) => listed.includes(name)))
    expect(listed).toEqual(expect.arrayContaining(made))
  },

  async 'a subscription that is made again has none of the messages of the first'(backend) {
    const { subscriber } = backend
    const feed = await backend.subscribe()
    await feed.publish('lost')
    await subscriber.deleteSubscription({ subscription: feed.subscription })
    await subscriber.createSubscription({ name: feed.subscription, topic: feed.topic })
    expect(await feed.rest()).toEqual([])
  },

  'a message is gone when its retention is over': {
    needs: 'time that can be moved',
    async holds(backend) {
      const feed = await backend.subscribe({ messageRetentionDuration: { seconds: 600 } })
      await feed.publish('old')
      await backend.pass(300_000)
      await feed.publish('new')
      await backend.pass(301_000)
      expect(texts(await feed.rest())).toEqual(['new'])
    },
  },

  'a subscription that nobody uses is deleted when its expiration comes': {
    needs: 'time that can be moved',
    async holds(backend) {
      const { subscription } = await backend.subscribe({
        messageRetentionDuration: { seconds: 600 },
        expirationPolicy: { ttl: { seconds: DAY } },
      })
      await backend.pass(DAY * 1_000 + 1_000)
      await expect(backend.subscriber.getSubscription({ subscription })).rejects.toMatchObject({ code: NOT_FOUND })
    },
  },
} satisfies Contract<PubSubBackend>
