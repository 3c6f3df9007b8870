import { expect, test } from 'vitest'
import { connect } from '../../src/clients.ts'
import { parseSettings } from '../../src/settings.ts'
import { variablesOf } from '../../src/stack/index.ts'
import { runSluice } from '../harness.ts'
import { type Google, startGoogle } from './google.ts'
import { PRINCIPAL } from './service-account.ts'

async function doctor(google: Google, variables: Readonly<Record<string, string>> = {}) {
  const { exitCode, output } = await runSluice(['doctor', '--json'], { ...google.environment, ...variables })
  const { findings } = JSON.parse(output)
  const of = (name: string) => findings.find((finding: { name: string }) => finding.name === name)
  return { exitCode, of }
}

test('on Google Cloud doctor says who you are, and which permission is missing with the narrowest role that has it', async () => {
  await using google = await startGoogle()
  await runSluice(['provision'], google.environment)
  const well = await doctor(google)
  expect(well.exitCode).toBe(0)
  const file = google.environment.GOOGLE_APPLICATION_CREDENTIALS
  expect(well.of('identity')).toMatchObject({ status: 'well', detail: `${PRINCIPAL}, service_account of ${file}` })
  expect(well.of('Storage Write API').detail).toMatch(/^bigquerystorage\.googleapis\.com answers after \d+ ms$/)
  for (const name of ['topic', 'subscription', 'bucket', 'table orders']) {
    expect(well.of(name)).toMatchObject({ status: 'well', detail: 'all that is needed' })
  }
  expect(well.of('queries')).toMatchObject({ status: 'well' })

  google.denied.add('pubsub.topics.publish').add('storage.objects.create').add('storage.objects.update')
  google.denied.add('bigquery.tables.getData').add('bigquery.jobs.create')
  const { exitCode, of } = await doctor(google)
  expect(exitCode).toBe(1)
  expect(of('subscription')).toMatchObject({ status: 'well' })
  expect(of('topic')).toMatchObject({
    status: 'fault',
    detail: 'lacks pubsub.topics.publish (generator)',
    mend: 'Grant roles/pubsub.publisher on the topic dev-backend-events-topic.',
  })
  expect(of('bucket')).toMatchObject({
    detail: 'lacks storage.objects.create (pipeline), storage.objects.update (pipeline)',
    mend: 'Grant roles/storage.objectUser on the bucket acme-shop-dev-raw-events.',
  })
  expect(of('table orders').mend).toBe('Grant roles/bigquery.dataViewer on the table orders.')
  expect(of('queries')).toMatchObject({
    status: 'fault',
    detail: 'lacks bigquery.jobs.create (pipeline)',
    mend: 'Grant roles/bigquery.jobUser on the project acme-shop.',
  })
})

test('on Google Cloud a push without a token is a fault, mended with the identity that may call the table manager', async () => {
  await using google = await startGoogle()
  const origin = 'https://tables-1.europe-west1.run.app'
  const endpoint = `${origin}/projects/acme-shop/topics/dev-backend-events-topic`
  await runSluice(['provision', '--tables-push-endpoint', endpoint], google.environment)
  const name = 'dev-backend-events-tables'
  const account = 'dev-push@acme-shop.iam.gserviceaccount.com'
  const refused = await doctor(google)
  expect(refused.exitCode).toBe(1)
  expect(refused.of(name)).toMatchObject({
    status: 'fault',
    detail: 'it pushes without a token, so each push is refused (403)',
    mend:
      `gcloud pubsub subscriptions update ${name} --push-endpoint=${endpoint} ` +
      `--push-auth-service-account=${account} --push-auth-token-audience=${origin}`,
  })

  await using clients = connect(parseSettings({ ...variablesOf(google.emulators), SLUICE_PROJECT: 'acme-shop' }))
  const oidcToken = { serviceAccountEmail: account, audience: origin }
  await clients.pubsub.subscription(name).modifyPushConfig({ pushEndpoint: endpoint, oidcToken })
  const mended = await doctor(google)
  expect([mended.exitCode, mended.of(name)]).toMatchObject([0, { status: 'well' }])
})

test('without credentials it says so once, with how to log in, and asks nothing', async () => {
  await using google = await startGoogle()
  const nobody = { GOOGLE_APPLICATION_CREDENTIALS: '', METADATA_SERVER_DETECTION: 'none' }
  const { exitCode, of } = await doctor(google, nobody)
  expect(exitCode).toBe(1)
  expect(of('identity')).toMatchObject({
    status: 'fault',
    detail: expect.stringContaining('GOOGLE_APPLICATION_CREDENTIALS is not set'),
    mend: expect.stringContaining('`gcloud auth application-default login`'),
  })
  for (const name of ['Pub/Sub', 'orders', 'bucket']) expect(of(name)).toMatchObject({ status: 'skipped' })
  expect(google.received).toEqual([])
})
