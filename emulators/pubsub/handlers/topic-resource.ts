import type { Topic } from '../model/topic.ts'
import { checkLabels } from './labels.ts'
import { refuseFields } from './unsupported.ts'

/** google.pubsub.v1.Topic, as far as it is honoured. */
export interface TopicResource {
  name: string
  labels: Record<string, string>
}

const UNSUPPORTED = [
  'messageStoragePolicy',
  'kmsKeyName',
  'schemaSettings',
  'messageRetentionDuration', // it shows only in Seek
  'ingestionDataSourceSettings',
  'messageTransforms',
  'tags',
]

export const MUTABLE_TOPIC_FIELDS = ['labels', ...UNSUPPORTED]

export function checkTopic(resource: TopicResource): void {
  refuseFields('Topic', resource, UNSUPPORTED)
  checkLabels(resource.labels)
}

export const renderTopic = ({ name, labels }: Topic) => ({ name, labels, state: 'ACTIVE' })
