import { expect, test } from 'vitest'
import { startBigQuery } from '../emulators/bigquery/index.ts'
import { startPubSub } from '../emulators/pubsub/index.ts'
import { startStorage } from '../emulators/storage/index.ts'
import { connect } from './clients.ts'
import { provision } from './resources.ts'
import { parseSettings } from './settings.ts'

async function start() {
  await using starting = new AsyncDisposableStack()
  const [pubsub, storage, bigquery] = [
    starting.use(await startPubSub()),
    starting.use(await startStorage()),
    starting.use(await startBigQuery()),
  ]
  const settings = parseSettings({
    PUBSUB_EMULATOR_HOST: `127.0.0.1:${pubsub.port}`,
    STORAGE_EMULATOR_HOST: `127.0.0.1:${storage.port}`,
    BIGQUERY_EMULATOR_HOST: `127.0.0.1:${bigquery.port}`,
  })
  const clients = starting.use(connect(settings))
  const running = starting.move()
  return { clients, settings, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

const EVERYTHING = [
  'topic dev-backend-events-topic',
  'topic dev-backend-events-dead-letter',
  'subscription dev-backend-events-pipeline',
  'subscription dev-backend-events-tables',
  'dataset dev_events_dataset',
  'bucket sluice-local-dev-raw-events',
]
const push = { tablesPushEndpoint: 'http://127.0.0.1:8080/' }

test('everything is made, and found the second time', async () => {
  await using started = await start()
  const first = await provision(started.clients, started.settings, push)
  expect(first).toEqual({ created: EVERYTHING, updated: [], existing: [] })
  const second = await provision(started.clients, started.settings, push)
  expect(second).toEqual({ created: [], updated: [], existing: EVERYTHING })
})

test('dataset and bucket are made in the region that is set', async () => {
  await using started = await start()
  const { clients, settings } = started
  await provision(clients, { ...settings, region: 'europe-west1' })
  const [dataset] = await clients.bigquery.dataset(settings.resources.dataset).getMetadata()
  const [bucket] = await clients.storage.bucket(settings.resources.bucket).getMetadata()
  expect([dataset.location, bucket.location].map((location) => location.toLowerCase())).toEqual([
    'europe-west1',
    'europe-west1',
  ])
})

test('a dataset that is there is found, whatever making it again would answer', async () => {
  await using started = await start()
  const { bigquery } = started.clients
  await provision(started.clients, started.settings)
  bigquery.createDataset = () => Promise.reject(Object.assign(new Error('already created'), { code: 500 }))
  const { existing } = await provision(started.clients, started.settings)
  expect(existing).toContain('dataset dev_events_dataset')
})

test('two who provision at once make each thing once', async () => {
  await using started = await start()
  const both = await Promise.all([
    provision(started.clients, started.settings, push),
    provision(started.clients, started.settings, push),
  ])
  expect(both.flatMap(({ created }) => created).sort()).toEqual([...EVERYTHING].sort())
  expect(both.flatMap(({ existing }) => existing).sort()).toEqual([...EVERYTHING].sort())
})

test('without an endpoint there is no push subscription', async () => {
  await using started = await start()
  const { created } = await provision(started.clients, started.settings)
  expect(created).toEqual(EVERYTHING.filter((name) => name !== 'subscription dev-backend-events-tables'))
})

test('the pipeline pulls with 60 s to acknowledge and backs off, and no attempt is the last', async () => {
  await using started = await start()
  await provision(started.clients, started.settings)
  const { pipelineSubscription } = started.settings.resources
  const [metadata] = await started.clients.pubsub.subscription(pipelineSubscription).getMetadata()
  expect(metadata).toMatchObject({
    ackDeadlineSeconds: 60,
    retryPolicy: { minimumBackoff: { seconds: '1' }, maximumBackoff: { seconds: '60' } },
    labels: { 'managed-by': 'sluice', environment: 'dev' },
  })
  expect(metadata.deadLetterPolicy ?? undefined).toBeUndefined()
  expect(metadata.expirationPolicy?.ttl ?? undefined).toBeUndefined()
})

test('pushes go to the table manager, and after ten attempts to the dead-letter topic', async () => {
  await using started = await start()
  await provision(started.clients, started.settings, push)
  const { tablesSubscription, deadLetterTopic } = started.settings.resources
  const [metadata] = await started.clients.pubsub.subscription(tablesSubscription).getMetadata()
  expect(metadata).toMatchObject({
    pushConfig: { pushEndpoint: push.tablesPushEndpoint },
    deadLetterPolicy: { deadLetterTopic: expect.stringMatching(`/${deadLetterTopic}$`), maxDeliveryAttempts: 10 },
    retryPolicy: { minimumBackoff: { seconds: '1' }, maximumBackoff: { seconds: '600' } },
  })
})

test('a table manager that moved gets the pushes at its new place', async () => {
  await using started = await start()
  await provision(started.clients, started.settings, push)
  const moved = { tablesPushEndpoint: 'http://127.0.0.1:8081/' }
  const { updated } = await provision(started.clients, started.settings, moved)
  expect(updated).toEqual(['subscription dev-backend-events-tables'])
  const subscription = started.clients.pubsub.subscription(started.settings.resources.tablesSubscription)
  expect((await subscription.getMetadata())[0].pushConfig?.pushEndpoint).toBe(moved.tablesPushEndpoint)
})

test('a subscription that listens to another topic is an error, which names both', async () => {
  await using started = await start()
  const { pubsub } = started.clients
  await pubsub.createTopic('elsewhere')
  await pubsub.topic('elsewhere').createSubscription(started.settings.resources.pipelineSubscription)
  await expect(provision(started.clients, started.settings)).rejects.toThrow(
    /dev-backend-events-pipeline listens to .*elsewhere, not to dev-backend-events-topic/,
  )
})

test('the bucket has uniform access and the labels', async () => {
  await using started = await start()
  await provision(started.clients, started.settings)
  const [metadata] = await started.clients.storage.bucket(started.settings.resources.bucket).getMetadata()
  expect(metadata).toMatchObject({
    iamConfiguration: { uniformBucketLevelAccess: { enabled: true } },
    labels: { 'managed-by': 'sluice', environment: 'dev' },
  })
})
