import { page } from '../../shared/index.ts'
import type { Broker } from '../model/broker.ts'
import type { Draft } from '../model/message.ts'
import { applyMask, type FieldMask } from './field-mask.ts'
import { MUTABLE_TOPIC_FIELDS, parseTopic, renderTopic, type TopicResource } from './topic-resource.ts'

interface Paging {
  pageSize: number
  pageToken: string
}

interface PublishRequest {
  topic: string
  messages: Draft[]
}

/** google.pubsub.v1.Publisher */
export const publisher = (broker: Broker) => ({
  createTopic: (resource: TopicResource) => {
    const { labels, retentionMs } = parseTopic(resource)
    return renderTopic(broker.createTopic(resource.name, labels, retentionMs))
  },

  updateTopic: ({ topic, updateMask }: { topic: TopicResource; updateMask: FieldMask | null }) => {
    const current = broker.topic(topic?.name ?? '')
    const updated = applyMask(renderTopic(current), topic, updateMask, {
      resource: 'Topic',
      mutable: MUTABLE_TOPIC_FIELDS,
    })
    const { labels, retentionMs } = parseTopic(updated)
    current.labels = labels
    current.retain(retentionMs)
    return renderTopic(current)
  },

  getTopic: ({ topic }: { topic: string }) => renderTopic(broker.topic(topic)),

  listTopics: ({ project, ...paging }: { project: string } & Paging) => {
    const { items, nextPageToken } = page(broker.topics(project), ({ name }) => name, paging)
    return { topics: items.map(renderTopic), nextPageToken }
  },

  deleteTopic: ({ topic }: { topic: string }) => {
    broker.deleteTopic(topic)
    return {}
  },

  publish: ({ topic, messages }: PublishRequest) => ({ messageIds: broker.publish(topic, messages) }),

  detachSubscription: ({ subscription }: { subscription: string }) => {
    broker.detachSubscription(subscription)
    return {}
  },

  listTopicSubscriptions: ({ topic, ...paging }: { topic: string } & Paging) => {
    const names = [...broker.topic(topic).subscriptions].map(({ name }) => name).sort()
    const { items, nextPageToken } = page(names, (name) => name, paging)
    return { subscriptions: items, nextPageToken }
  },

  listTopicSnapshots: ({ topic, ...paging }: { topic: string } & Paging) => {
    const all = broker.snapshots.of(broker.topic(topic))
    const { items, nextPageToken } = page(all, ({ name }) => name, paging)
    return { snapshots: items.map(({ name }) => name), nextPageToken }
  },
})
