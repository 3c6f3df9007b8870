import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { PubSubBackend } from './backend.ts'
import { ALREADY_EXISTS, INVALID_ARGUMENT, NOT_FOUND } from './codes.ts'
import { texts } from './feed.ts'

export const topics = {
  async 'a topic is created once, and shown with its labels'(backend) {
    const { publisher } = backend
    const name = await backend.topic({ labels: { team: 'shop' } })
    const [topic] = await publisher.getTopic({ topic: name })
    expect(topic).toMatchObject({ name, labels: { team: 'shop' } })
    await expect(publisher.createTopic({ name })).rejects.toMatchObject({ code: ALREADY_EXISTS })
  },

  async 'a topic that is not there can be neither shown, updated, deleted, published to nor subscribed to'(backend) {
    const { publisher, subscriber } = backend
    const topic = backend.nameOf('topics')
    const absent = { code: NOT_FOUND }
    await expect(publisher.getTopic({ topic })).rejects.toMatchObject(absent)
    await expect(publisher.deleteTopic({ topic })).rejects.toMatchObject(absent)
    await expect(publisher.publish({ topic, messages: [{ data: Buffer.from('x') }] })).rejects.toMatchObject(absent)
    const update = { topic: { name: topic, labels: {} }, updateMask: { paths: ['labels'] } }
    await expect(publisher.updateTopic(update)).rejects.toMatchObject({ code: NOT_FOUND })
    const name = backend.nameOf('subscriptions')
    await expect(subscriber.createSubscription({ name, topic })).rejects.toMatchObject({ code: NOT_FOUND })
  },

  async 'the client tells whether a topic exists'({ pubsub, ...backend }) {
    expect(await pubsub.topic(await backend.topic()).exists()).toEqual([true])
    expect(await pubsub.topic(backend.nameOf('topics')).exists()).toEqual([false])
  },

  async 'a topic cannot have a name that is no name'({ publisher, project }) {
    for (const id of ['googly', '1st', 'ab', 'with space', `x${'y'.repeat(255)}`]) {
      await expect(publisher.createTopic({ name: `${project}/topics/${id}` }), id).rejects.toMatchObject({
        code: INVALID_ARGUMENT,
      })
    }
  },

  async 'a topic cannot have labels with capitals'(backend) {
    await expect(backend.topic({ labels: { Team: 'shop' } })).rejects.toMatchObject({ code: INVALID_ARGUMENT })
    await expect(backend.topic({ labels: { team: 'Shop' } })).rejects.toMatchObject({ code: INVALID_ARGUMENT })
  },

  async 'the topics of a project are listed page by page'(backend) {
    const { publisher, project } = backend
    const made = [await backend.topic(), await backend.topic(), await backend.topic()]
    const listed: string[] = []
    let pageToken = ''
    do {
      const request = { project, pageSize: 2, pageToken }
      const [page, , response] = await publisher.listTopics(request, { autoPaginate: false })
      expect(page.length).toBeLessThanOrEqual(2)
      listed.push(...page.map(({ name }) => name ?? ''))
      pageToken = response.nextPageToken ?? ''
    } while (pageToken !== '' && !made.every((name) => listed.includes(name)))
    expect(listed).toEqual(expect.arrayContaining(made))
    expect(new Set(listed).size).toBe(listed.length)
  },

  async 'an update of a topic changes what its mask names'(backend) {
    const { publisher } = backend
    const name = await backend.topic({ labels: { team: 'shop' } })
    const [topic] = await publisher.updateTopic({
      topic: { name, labels: { team: 'stock', tier: '1' } },
      updateMask: { paths: ['labels'] },
    })
    expect(topic.labels).toEqual({ team: 'stock', tier: '1' })
    expect((await publisher.getTopic({ topic: name }))[0].labels).toEqual({ team: 'stock', tier: '1' })
  },

  async 'an update of a topic must name what it changes, and may not name the name'(backend) {
    const { publisher } = backend
    const name = await backend.topic()
    for (const paths of [[], ['name'], ['nonsense']]) {
      const update = publisher.updateTopic({ topic: { name }, updateMask: { paths } })
      await expect(update, `paths ${paths}`).rejects.toMatchObject({ code: INVALID_ARGUMENT })
    }
  },

  async 'a topic lists its subscriptions'(backend) {
    const { topic, subscription } = await backend.subscribe()
    const second = await backend.subscribe({ topic })
    const [listed] = await backend.publisher.listTopicSubscriptions({ topic })
    expect(listed.toSorted()).toEqual([subscription, second.subscription].toSorted())
  },

  async 'a subscription outlives its topic, with its messages, and shows _deleted-topic_'(backend) {
    const { publisher, subscriber } = backend
    const feed = await backend.subscribe()
    await feed.publish('before')
    await publisher.deleteTopic({ topic: feed.topic })
    const [subscription] = await subscriber.getSubscription({ subscription: feed.subscription })
    expect(subscription.topic).toBe('_deleted-topic_')
    expect(texts(await feed.take(1))).toEqual(['before'])
  },

  async 'a topic that is made again is another one, without the subscriptions of the first'(backend) {
    const { publisher } = backend
    const feed = await backend.subscribe()
    await publisher.deleteTopic({ topic: feed.topic })
    await publisher.createTopic({ name: feed.topic })
    expect((await publisher.listTopicSubscriptions({ topic: feed.topic }))[0]).toEqual([])
    await feed.publish('after')
    expect(await feed.rest()).toEqual([])
  },
} satisfies Contract<PubSubBackend>
