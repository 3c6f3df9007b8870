import type { BigQuery } from '@google-cloud/bigquery'
import type { CreateSubscriptionOptions, PubSub } from '@google-cloud/pubsub'
import type { Storage } from '@google-cloud/storage'
import type { Clients } from './clients.ts'
import type { Settings } from './settings.ts'

export interface Provisioned {
  /** `topic dev-backend-events-topic`, in the order in which they were made. */
  readonly created: readonly string[]
  /** Were there, but pushed somewhere else. */
  readonly updated: readonly string[]
  readonly existing: readonly string[]
}

export interface ProvisionOptions {
  /** The URL of the table manager. Absent: its push subscription is neither made nor touched. */
  readonly tablesPushEndpoint?: string
}

type Outcome = 'created' | 'updated' | 'existing'

/** What everything that Sluice makes is labelled with. */
export const labelsOf = ({ environment }: Pick<Settings, 'environment'>) => ({ 'managed-by': 'sluice', environment })

/**
 * Makes whatever of the pipeline's resources is missing: topics first, so that no subscription misses a message. It may
 * be called again, and by several at once. What is there keeps its settings, but for the endpoint of the push.
 *
 * Throws when a name is taken by something unusable: a subscription to another topic, somebody else's bucket.
 */
export async function provision(
  { pubsub, bigquery, storage }: Pick<Clients, 'pubsub' | 'bigquery' | 'storage'>,
  settings: Settings,
  { tablesPushEndpoint }: ProvisionOptions = {},
): Promise<Provisioned> {
  const { resources } = settings
  const labels = labelsOf(settings)
  const done: Record<Outcome, string[]> = { created: [], updated: [], existing: [] }
  const note = (what: string, outcome: Outcome) => void done[outcome].push(what)
  for (const name of [resources.topic, resources.deadLetterTopic]) {
    note(`topic ${name}`, await ensureTopic(pubsub, name, labels))
  }
  const pipeline = resources.pipelineSubscription
  note(
    `subscription ${pipeline}`,
    await ensureSubscription(pubsub, settings, pipeline, { ...PIPELINE_SUBSCRIPTION, labels }),
  )
  if (tablesPushEndpoint !== undefined) {
    const tables = resources.tablesSubscription
    const options = { ...tablesPush(pubsub, settings, tablesPushEndpoint), labels }
    note(`subscription ${tables}`, await ensureSubscription(pubsub, settings, tables, options))
  }
  note(`dataset ${resources.dataset}`, await ensureDataset(bigquery, settings))
  note(`bucket ${resources.bucket}`, await ensureBucket(storage, settings))
  return done
}

/** A subscription that nobody reads for a month would expire, and what it holds with it: never. */
const NEVER_EXPIRES = { expirationPolicy: {} } as const satisfies CreateSubscriptionOptions

/**
 * No dead-letter policy: the pipeline itself makes a dead letter of what can never succeed, with its reason. Whatever
 * else fails is transient, and a limit of attempts would take messages away in the middle of an outage. The back-off
 * keeps such an outage from becoming a hot loop of redelivery. No exactly-once delivery: the pipeline stands every
 * redelivery, and pays for it only then (docs/decisions/0009-exactly-once-from-end-to-end.md).
 */
export const PIPELINE_SUBSCRIPTION = {
  ...NEVER_EXPIRES,
  ackDeadlineSeconds: 60,
  retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 60 } },
} as const satisfies CreateSubscriptionOptions

/**
 * A push is a hint that a table may be missing, so after 10 attempts, about 8 minutes, it is enough: the message itself
 * is safe in the pipeline's subscription, and the next one of its type is a new hint.
 */
export const TABLES_SUBSCRIPTION = {
  ...NEVER_EXPIRES,
  ackDeadlineSeconds: 60,
  retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 600 } },
} as const satisfies CreateSubscriptionOptions
export const TABLES_MOST_ATTEMPTS = 10

const tablesPush = (pubsub: PubSub, { resources }: Settings, pushEndpoint: string): CreateSubscriptionOptions => ({
  ...TABLES_SUBSCRIPTION,
  deadLetterPolicy: {
    deadLetterTopic: pubsub.topic(resources.deadLetterTopic).name,
    maxDeliveryAttempts: TABLES_MOST_ATTEMPTS,
  },
  pushEndpoint,
})

/** `PROJECT/topics/…` is completed by the client only when it sends, so names are compared by their last part. */
export const lastPart = (name: string | null | undefined) => name?.split('/').at(-1)

async function ensureTopic(pubsub: PubSub, name: string, labels: Record<string, string>): Promise<Outcome> {
  return createdUnless(GRPC_ALREADY_EXISTS, () => pubsub.createTopic({ name, labels }))
}

async function ensureSubscription(
  pubsub: PubSub,
  { resources }: Settings,
  name: string,
  options: CreateSubscriptionOptions,
): Promise<Outcome> {
  const outcome = await createdUnless(GRPC_ALREADY_EXISTS, () =>
    pubsub.topic(resources.topic).createSubscription(name, options),
  )
  if (outcome === 'created') return outcome
  const subscription = pubsub.subscription(name)
  const [{ topic, pushConfig }] = await subscription.getMetadata()
  if (lastPart(topic) !== resources.topic) {
    throw new Error(
      `The subscription ${name} listens to ${topic}, not to ${resources.topic}: delete it, and it is made anew.`,
    )
  }
  if (options.pushEndpoint === undefined || pushConfig?.pushEndpoint === options.pushEndpoint) return 'existing'
  await subscription.modifyPushConfig({ ...pushConfig, pushEndpoint: options.pushEndpoint })
  return 'updated'
}

/** It looks before it makes: not every BigQuery that says no to a second making says that it is a conflict. */
export async function ensureDataset(bigquery: BigQuery, settings: Settings): Promise<'created' | 'existing'> {
  const { dataset } = settings.resources
  const [exists] = await bigquery.dataset(dataset).exists()
  if (exists) return 'existing'
  return createdUnless(HTTP_CONFLICT, () =>
    bigquery.createDataset(dataset, { labels: labelsOf(settings), ...locationOf(settings) }),
  )
}

const locationOf = ({ region }: Settings) => (region === undefined ? {} : { location: region })

async function ensureBucket(storage: Storage, settings: Settings): Promise<Outcome> {
  const name = settings.resources.bucket
  const options = {
    labels: labelsOf(settings),
    ...locationOf(settings),
    iamConfiguration: { uniformBucketLevelAccess: { enabled: true } },
  }
  const outcome = await createdUnless(HTTP_CONFLICT, () => storage.createBucket(name, options))
  // Names of buckets are one space for all the world: a conflict may be with a stranger's, which this refuses to read.
  if (outcome === 'existing') await storage.bucket(name).getMetadata()
  return outcome
}

const GRPC_ALREADY_EXISTS = 6
const HTTP_CONFLICT = 409

async function createdUnless(taken: number, create: () => Promise<unknown>): Promise<'created' | 'existing'> {
  try {
    await create()
    return 'created'
  } catch (thrown) {
    if (codeOf(thrown) === taken) return 'existing'
    throw thrown
  }
}

/** gRPC's or HTTP's code of what a client threw. */
export const codeOf = (thrown: unknown): unknown =>
  thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
