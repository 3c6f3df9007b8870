import { invalidArgument, page } from '../../shared/index.ts'
import type { Broker } from '../model/broker.ts'
import { DELETED_TOPIC } from '../model/names.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { applyMask, type FieldMask } from './field-mask.ts'
import { checkLabels } from './labels.ts'
import { type Timestamp, toMs, toTimestamp } from './timestamp.ts'
import { refuseFields } from './unsupported.ts'

export interface CreateRequest {
  name: string
  subscription: string
  labels: Record<string, string>
}

export interface SnapshotResource {
  name: string
  topic: string
  expireTime: Timestamp | null
  labels: Record<string, string>
}

export interface SeekRequest {
  subscription: string
  /** One of these is set. */
  time?: Timestamp
  snapshot?: string
}

/** Seek, and the methods on snapshots, of google.pubsub.v1.Subscriber */
export const snapshots = (broker: Broker) => ({
  createSnapshot: (request: CreateRequest) => {
    refuseFields('CreateSnapshotRequest', request, ['tags'])
    checkLabels(request.labels)
    return renderSnapshot(broker.snapshots.create(request.name, request.subscription, request.labels))
  },

  getSnapshot: ({ snapshot }: { snapshot: string }) => renderSnapshot(broker.snapshots.get(snapshot)),

  listSnapshots: ({ project, ...paging }: { project: string; pageSize: number; pageToken: string }) => {
    const { items, nextPageToken } = page(broker.snapshots.in(project), ({ name }) => name, paging)
    return { snapshots: items.map(renderSnapshot), nextPageToken }
  },

  updateSnapshot: ({ snapshot, updateMask }: { snapshot: SnapshotResource | null; updateMask: FieldMask | null }) => {
    const current = broker.snapshots.get(snapshot?.name ?? '')
    const { labels } = applyMask(renderSnapshot(current), snapshot!, updateMask, {
      resource: 'Snapshot',
      mutable: ['labels'],
    })
    checkLabels(labels)
    current.labels = labels
    return renderSnapshot(current)
  },

  deleteSnapshot: ({ snapshot }: { snapshot: string }) => {
    broker.snapshots.delete(snapshot)
    return {}
  },

  seek: ({ subscription: name, time, snapshot }: SeekRequest) => {
    if (time) broker.seekToTime(name, toMs(time))
    else if (snapshot) broker.seekToSnapshot(name, snapshot)
    else throw invalidArgument('The SeekRequest must have a time or a snapshot to seek to.')
    return {}
  },
})

const renderSnapshot = ({ name, topic, expireTime, labels }: Snapshot): SnapshotResource => ({
  name,
  topic: topic.deleted ? DELETED_TOPIC : topic.name,
  expireTime: toTimestamp(expireTime),
  labels: { ...labels },
})
