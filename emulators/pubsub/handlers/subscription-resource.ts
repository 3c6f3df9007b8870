import { invalidArgument } from '../../shared/index.ts'
import { DELETED_TOPIC } from '../model/names.ts'
import type { DeadLetterPolicy, RetryPolicy, SubscriptionSettings } from '../model/settings.ts'
import type { Subscription } from '../model/subscription.ts'
import { type Duration, durationIn, RETENTION, toDuration } from './duration.ts'
import { checkLabels } from './labels.ts'
import { type PushConfig, parsePush, renderPush } from './push-config.ts'
import { refuseFields } from './unsupported.ts'

const SECOND = 1_000
const DAY = 86_400 * SECOND

/** google.pubsub.v1.Subscription, as far as it is honoured. */
export interface SubscriptionResource {
  name: string
  topic: string
  pushConfig: PushConfig | null
  ackDeadlineSeconds: number
  messageRetentionDuration: Duration | null
  retainAckedMessages: boolean
  labels: Record<string, string>
  expirationPolicy: { ttl: Duration | null } | null
  deadLetterPolicy: { deadLetterTopic?: string; maxDeliveryAttempts?: number } | null
  retryPolicy: { minimumBackoff: Duration | null; maximumBackoff: Duration | null } | null
  enableExactlyOnceDelivery: boolean
  enableMessageOrdering: boolean
  filter: string
}

const UNSUPPORTED = ['bigqueryConfig', 'cloudStorageConfig', 'bigtableConfig', 'messageTransforms', 'tags']

export const MUTABLE_SUBSCRIPTION_FIELDS = [
  'pushConfig',
  'ackDeadlineSeconds',
  'messageRetentionDuration',
  'retainAckedMessages',
  'labels',
  'expirationPolicy',
  'deadLetterPolicy',
  'retryPolicy',
  'enableExactlyOnceDelivery',
  ...UNSUPPORTED,
]

/** Fills in the service's defaults; INVALID_ARGUMENT for what it refuses, UNIMPLEMENTED for what is not honoured. */
export function parseSubscription(resource: SubscriptionResource): SubscriptionSettings {
  refuseFields('Subscription', resource, UNSUPPORTED)
  const { pushConfig, messageRetentionDuration, labels, expirationPolicy, deadLetterPolicy, retryPolicy } = resource
  checkLabels(labels)
  const push = pushConfig ? parsePush(pushConfig) : undefined
  if (push && resource.enableExactlyOnceDelivery) {
    throw invalidArgument('Exactly-once delivery is only supported for pull subscriptions.')
  }
  return {
    labels,
    ackDeadlineMs: ackDeadline(resource.ackDeadlineSeconds || 10),
    messageRetentionMs: durationIn(messageRetentionDuration, {
      field: 'message_retention_duration',
      ...RETENTION,
      defaultMs: 7 * DAY,
    }),
    retainAcked: resource.retainAckedMessages,
    expirationTtlMs: expirationPolicy && !expirationPolicy.ttl ? undefined : expiration(expirationPolicy?.ttl ?? null),
    deadLetter: deadLetterPolicy ? parseDeadLetter(deadLetterPolicy) : undefined,
    retry: retryPolicy ? parseRetry(retryPolicy) : undefined,
    push,
    exactlyOnce: resource.enableExactlyOnceDelivery,
    ordering: resource.enableMessageOrdering,
    filter: resource.filter,
  }
}

/** Seconds on the wire, 10 to 600, to milliseconds. */
export function ackDeadline(seconds: number): number {
  if (seconds >= 10 && seconds <= 600) return seconds * SECOND
  throw invalidArgument(`Invalid ack deadline given (ack_deadline_secs=${seconds}): it must be 10 to 600 seconds.`)
}

const expiration = (ttl: Duration | null) =>
  durationIn(ttl, { field: 'expiration_policy.ttl', leastMs: DAY, defaultMs: 31 * DAY })

function parseDeadLetter(policy: NonNullable<SubscriptionResource['deadLetterPolicy']>): DeadLetterPolicy {
  const maxDeliveryAttempts = policy.maxDeliveryAttempts || 5
  if (maxDeliveryAttempts < 5 || maxDeliveryAttempts > 100) {
    throw invalidArgument(
      `Invalid max_delivery_attempts given (max_delivery_attempts=${maxDeliveryAttempts}): it must be 5 to 100.`,
    )
  }
  return { topic: policy.deadLetterTopic ?? '', maxDeliveryAttempts }
}

function parseRetry(policy: NonNullable<SubscriptionResource['retryPolicy']>): RetryPolicy {
  const range = { leastMs: 0, mostMs: 600 * SECOND }
  const minimumBackoffMs = durationIn(policy.minimumBackoff, {
    ...range,
    field: 'retry_policy.minimum_backoff',
    defaultMs: 10 * SECOND,
  })
  const maximumBackoffMs = durationIn(policy.maximumBackoff, {
    ...range,
    field: 'retry_policy.maximum_backoff',
    defaultMs: 600 * SECOND,
  })
  if (minimumBackoffMs <= maximumBackoffMs) return { minimumBackoffMs, maximumBackoffMs }
  throw invalidArgument('Invalid retry_policy given: minimum_backoff must not be greater than maximum_backoff.')
}

export function renderSubscription({ name, topic, settings, detached }: Subscription) {
  const { deadLetter, retry, push, expirationTtlMs } = settings
  return {
    name,
    topic: topic.deleted ? DELETED_TOPIC : topic.name,
    pushConfig: push ? renderPush(push) : {},
    ackDeadlineSeconds: settings.ackDeadlineMs / SECOND,
    messageRetentionDuration: toDuration(settings.messageRetentionMs),
    topicMessageRetentionDuration: topic.retentionMs > 0 ? toDuration(topic.retentionMs) : null,
    retainAckedMessages: settings.retainAcked,
    labels: { ...settings.labels },
    expirationPolicy: { ttl: expirationTtlMs === undefined ? null : toDuration(expirationTtlMs) },
    deadLetterPolicy: deadLetter
      ? { deadLetterTopic: deadLetter.topic, maxDeliveryAttempts: deadLetter.maxDeliveryAttempts }
      : null,
    retryPolicy: retry
      ? { minimumBackoff: toDuration(retry.minimumBackoffMs), maximumBackoff: toDuration(retry.maximumBackoffMs) }
      : null,
    enableExactlyOnceDelivery: settings.exactlyOnce,
    enableMessageOrdering: settings.ordering,
    filter: settings.filter,
    detached,
    state: 'ACTIVE',
  }
}
