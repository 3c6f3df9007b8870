import { page } from '../../shared/index.ts'
import type { Broker } from '../model/broker.ts'
import type { Draft } from '../model/message.ts'
import { applyMask, type FieldMask } from './field-mask.ts'
import { checkTopic, MUTABLE_TOPIC_FIELDS, renderTopic, type TopicResource } from './topic-resource.ts'

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
    checkTopic(resource)
    return renderTopic(broker.createTopic(resource.name, resource.labels))
  },

  updateTopic: ({ topic, updateMask }: { topic: TopicResource; updateMask: FieldMask | null }) => {
    const current = broker.topic(topic?.name ?? '')
    const updated = applyMask(renderTopic(current), topic, updateMask, {
      resource: 'Topic',
      mutable: MUTABLE_TOPIC_FIELDS,
    })
    checkTopic(updated)
    current.labels = updated.labels
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
})
