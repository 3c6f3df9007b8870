import { describe, expect, test } from 'vitest'
import { startEmulators } from '../../emulators/index.ts'
import { connect } from '../../src/clients.ts'
import { provision } from '../../src/resources.ts'
import { type Endpoints, parseSettings, resourceNames, type Settings } from '../../src/settings.ts'
import { variablesOf } from '../../src/stack/index.ts'
import { isOlder, mirror, UNKNOWN_TO_OLDER, type Workspace, withoutTerraform, workspace } from './terraform.ts'

const PUSH_URL = 'http://127.0.0.1:1/projects/p/topics/t'

const configuration = ({ projectId, resources }: Settings, { pubsub, bigquery, storage }: Endpoints) => `
provider "google" {
  project                   = "${projectId}"
  region                    = "europe-west1"
  access_token              = "local"
  user_project_override     = false
  pubsub_custom_endpoint    = "http://${pubsub}/v1/"
  big_query_custom_endpoint = "http://${bigquery}/bigquery/v2/"
  storage_custom_endpoint   = "http://${storage}/storage/v1/"
}

variable "retention_days" {
  default = 90
}

locals {
  labels = { managed-by = "terraform", environment = "dev" }
}

module "messaging" {
  source                   = "./modules/messaging"
  topic                    = "${resources.topic}"
  dead_letter_topic        = "${resources.deadLetterTopic}"
  pipeline_subscription    = "${resources.pipelineSubscription}"
  tables_subscription      = "${resources.tablesSubscription}"
  dead_letter_subscription = "dead-letter-inspect"
  labels                   = local.labels

  push = {
    endpoint        = "${PUSH_URL}"
    audience        = "http://127.0.0.1:1"
    service_account = "push@example.com"
  }
}

module "warehouse" {
  source              = "./modules/warehouse"
  dataset             = "${resources.dataset}"
  region              = "europe-west1"
  deletion_protection = false
  labels              = local.labels
}

module "raw_bucket" {
  source              = "./modules/raw-bucket"
  bucket              = "${resources.bucket}"
  region              = "europe-west1"
  retention_days      = var.retention_days
  soft_delete_days    = 0
  deletion_protection = false
  labels              = local.labels
}
`

const needed = withoutTerraform || (mirror ? '' : ' (skipped: SLUICE_TERRAFORM_PROVIDERS names no folder of providers)')

const without = mirror && (await isOlder(mirror)) ? `, without ${UNKNOWN_TO_OLDER.join(', ')}` : ''

/** Emulators on which the real provider has made what the modules say. */
async function applied(folder: string) {
  await using starting = new AsyncDisposableStack()
  const settings = parseSettings(variablesOf(starting.use(await startEmulators())))
  const clients = starting.use(connect(settings))
  if (!settings.endpoints) throw new Error('emulators have endpoints')
  const terraform: Workspace = starting.use(await workspace(folder, configuration(settings, settings.endpoints)))
  await terraform.run('apply', '-auto-approve')
  const running = starting.move()
  return { terraform, clients, settings, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

describe.skipIf(needed)(`what Terraform applies to the emulators${needed || without}`, { timeout: 60_000 }, () => {
  const folder = mirror ?? ''

  test('is all that the kit looks for: it finds nothing to make, and nothing to change', async () => {
    await using made = await applied(folder)
    const done = await provision(made.clients, made.settings, { tablesPushEndpoint: PUSH_URL })
    expect(done).toMatchObject({ created: [], updated: [] })
    expect(done.existing).toHaveLength(6)
  })

  test('has the subscriptions that the kit itself makes', async () => {
    await using made = await applied(folder)
    const { clients, settings } = made
    const local = { ...settings, resources: resourceNames(settings.projectId, 'local') }
    await provision(clients, local, { tablesPushEndpoint: PUSH_URL })
    const settingsOf = async (name: string) => {
      const [{ ackDeadlineSeconds, retryPolicy, expirationPolicy, messageRetentionDuration, deadLetterPolicy }] =
        await clients.pubsub.subscription(name).getMetadata()
      const attempts = deadLetterPolicy?.maxDeliveryAttempts
      return { ackDeadlineSeconds, retryPolicy, expirationPolicy, messageRetentionDuration, attempts }
    }
    for (const which of ['pipelineSubscription', 'tablesSubscription'] as const) {
      expect(await settingsOf(settings.resources[which])).toEqual(await settingsOf(local.resources[which]))
    }
  })

  test('stays as it is: the next plan has no changes', async () => {
    await using made = await applied(folder)
    expect(await made.terraform.run('plan', '-detailed-exitcode')).toContain('No changes.')
  })

  test('keeps its labels and its identity when the kit moves the push elsewhere', async () => {
    await using made = await applied(folder)
    await provision(made.clients, made.settings, { tablesPushEndpoint: 'http://127.0.0.1:2/' })
    const subscription = made.clients.pubsub.subscription(made.settings.resources.tablesSubscription)
    const [{ labels, pushConfig, deadLetterPolicy }] = await subscription.getMetadata()
    expect(labels).toMatchObject({ 'managed-by': 'terraform' })
    expect(pushConfig).toMatchObject({
      pushEndpoint: 'http://127.0.0.1:2/',
      oidcToken: { serviceAccountEmail: 'push@example.com', audience: 'http://127.0.0.1:1' },
    })
    expect(deadLetterPolicy).toMatchObject({ maxDeliveryAttempts: 10 })
  })

  test('can be changed in place, and is gone after a destroy', async () => {
    await using made = await applied(folder)
    const { clients, settings, terraform } = made
    const bucket = clients.storage.bucket(settings.resources.bucket)
    expect(await terraform.run('apply', '-auto-approve', '-var=retention_days=60')).toContain(
      '0 added, 1 changed, 0 destroyed',
    )
    expect((await bucket.getMetadata())[0].lifecycle).toMatchObject({ rule: [{ condition: { age: 60 } }] })
    expect(await terraform.run('destroy', '-auto-approve')).toContain('7 destroyed')
    expect(await bucket.exists()).toEqual([false])
    expect(await clients.pubsub.topic(settings.resources.topic).exists()).toEqual([false])
    expect(await clients.bigquery.dataset(settings.resources.dataset).exists()).toEqual([false])
  })
})
