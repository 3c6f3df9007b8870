import type { Topic } from '../model/topic.ts'
import { type Duration, durationIn, RETENTION, toDuration } from './duration.ts'
import { checkLabels } from './labels.ts'
import { refuseFields } from './unsupported.ts'

/** google.pubsub.v1.Topic, as far as it is honoured. */
export interface TopicResource {
  name: string
  labels: Record<string, string>
  messageRetentionDuration: Duration | null
}

const UNSUPPORTED = [
  'messageStoragePolicy',
  'kmsKeyName',
  'schemaSettings',
  'ingestionDataSourceSettings',
  'messageTransforms',
  'tags',
]

export const MUTABLE_TOPIC_FIELDS = ['labels', 'messageRetentionDuration', ...UNSUPPORTED]

/** INVALID_ARGUMENT for what the service refuses, UNIMPLEMENTED for what is not honoured. */
export function parseTopic(resource: TopicResource): { labels: Record<string, string>; retentionMs: number } {
  refuseFields('Topic', resource, UNSUPPORTED)
  checkLabels(resource.labels)
  return { labels: resource.labels, retentionMs: retention(resource.messageRetentionDuration) }
}

const retention = (duration: Duration | null) =>
  duration ? durationIn(duration, { field: 'message_retention_duration', ...RETENTION, defaultMs: 0 }) : 0

export const renderTopic = ({ name, labels, retentionMs }: Topic) => ({
  name,
  labels,
  messageRetentionDuration: retentionMs > 0 ? toDuration(retentionMs) : null,
  state: 'ACTIVE',
})
