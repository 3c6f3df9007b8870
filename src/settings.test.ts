import { describe, expect, test } from 'vitest'
import { environmentWithOnly, parseSettings, SettingsError, settingsInForce } from './settings.ts'

const faults = (environment: Record<string, string>): string[] => {
  try {
    parseSettings(environment)
  } catch (thrown) {
    if (thrown instanceof SettingsError) return thrown.message.split('\n')
    throw thrown
  }
  throw new Error('The settings were accepted.')
}

test('with nothing set, the backend is embedded, with the ports that the emulators are known for', () => {
  expect(parseSettings({})).toEqual({
    backend: 'embedded',
    projectId: 'sluice-local',
    timeBounds: {},
    environment: 'dev',
    resources: {
      topic: 'dev-backend-events-topic',
      deadLetterTopic: 'dev-backend-events-dead-letter',
      pipelineSubscription: 'dev-backend-events-pipeline',
      tablesSubscription: 'dev-backend-events-tables',
      dataset: 'dev_events_dataset',
      bucket: 'sluice-local-dev-raw-events',
    },
    endpoints: {
      pubsub: '127.0.0.1:8085',
      storage: '127.0.0.1:4443',
      bigquery: '127.0.0.1:9050',
      bigqueryStorage: '127.0.0.1:9050',
    },
  })
})

test('the names of the resources follow the environment and the project', () => {
  const { resources } = parseSettings({ SLUICE_ENV: 'prod', SLUICE_PROJECT: 'acme-shop' })
  expect(resources).toMatchObject({
    topic: 'prod-backend-events-topic',
    dataset: 'prod_events_dataset',
    bucket: 'acme-shop-prod-raw-events',
  })
})

test('a process that is to have other settings is told none of those in force here', () => {
  const here = { PATH: '/bin', SLUICE_ENV: 'staging', GOOGLE_CLOUD_PROJECT: 'acme-shop', STORAGE_EMULATOR_HOST: 'x:1' }
  expect(environmentWithOnly({ PUBSUB_EMULATOR_HOST: 'y:2' }, here)).toEqual({
    PATH: '/bin',
    PUBSUB_EMULATOR_HOST: 'y:2',
  })
})

test('partitions are kept as the dataset says, unless a number of days is set', () => {
  expect(parseSettings({})).not.toHaveProperty('partitionDays')
  expect(parseSettings({ SLUICE_PARTITION_DAYS: '30' }).partitionDays).toBe(30)
  for (const SLUICE_PARTITION_DAYS of ['0', '-1', '1.5', 'month', '100000']) {
    expect(faults({ SLUICE_PARTITION_DAYS })).toEqual([
      'SLUICE_PARTITION_DAYS is not a whole number of days from 1 to 99999.',
    ])
  }
})

test('events may be late and early without bounds, unless a duration is set', () => {
  expect(parseSettings({}).timeBounds).toEqual({})
  const set = { SLUICE_ALLOWED_LATENESS: '7d', SLUICE_ALLOWED_EARLINESS: '90m' }
  expect(parseSettings(set).timeBounds).toEqual({ allowedLatenessSeconds: 604_800, allowedEarlinessSeconds: 5_400 })
  expect(parseSettings({ SLUICE_ALLOWED_LATENESS: '0s' }).timeBounds).toEqual({ allowedLatenessSeconds: 0 })
  for (const name of ['SLUICE_ALLOWED_LATENESS', 'SLUICE_ALLOWED_EARLINESS']) {
    for (const value of ['7', 'd', '-1d', '1.5h', '1w', '1d12h', '12345678s']) {
      expect(faults({ [name]: value })).toEqual([`${name} is not a duration such as 30s, 90m, 12h or 7d.`])
    }
  }
})

test('a region is one of Google’s, or one of its large ones', () => {
  expect(parseSettings({})).not.toHaveProperty('region')
  for (const SLUICE_REGION of ['europe-west1', 'us-central1', 'northamerica-northeast2', 'US', 'eu']) {
    expect(parseSettings({ SLUICE_REGION }).region).toBe(SLUICE_REGION)
  }
  for (const SLUICE_REGION of ['europe', 'europe-west1-b', 'west1']) {
    expect(faults({ SLUICE_REGION })).toEqual(['SLUICE_REGION is not a region such as europe-west1, nor US or EU.'])
  }
})

test('in Docker the Storage Write API has a port of its own; embedded, it is on the port of BigQuery', () => {
  expect(parseSettings({ SLUICE_BACKEND: 'docker' }).endpoints?.bigqueryStorage).toBe('127.0.0.1:9060')
  expect(parseSettings({ BIGQUERY_EMULATOR_HOST: 'bq:1234' }).endpoints?.bigqueryStorage).toBe('bq:1234')
  const both = { BIGQUERY_EMULATOR_HOST: 'bq:1234', BIGQUERY_STORAGE_EMULATOR_HOST: 'bq:1235' }
  expect(parseSettings(both).endpoints?.bigqueryStorage).toBe('bq:1235')
})

test('an emulator may be named by host and port or by its URL', () => {
  const given = {
    STORAGE_EMULATOR_HOST: 'http://localhost:4443/',
    PUBSUB_EMULATOR_HOST: 'pubsub:8085',
    BIGQUERY_EMULATOR_HOST: '[::1]:9050',
  }
  expect(parseSettings(given).endpoints).toEqual({
    storage: 'localhost:4443',
    pubsub: 'pubsub:8085',
    bigquery: '[::1]:9050',
    bigqueryStorage: '[::1]:9050',
  })
})

test('an empty variable counts as not set', () => {
  expect(parseSettings({ SLUICE_BACKEND: '', SLUICE_PROJECT: '', PUBSUB_EMULATOR_HOST: '' })).toEqual(parseSettings({}))
})

test('SLUICE_PROJECT comes before GOOGLE_CLOUD_PROJECT, which is then not even looked at', () => {
  expect(parseSettings({ GOOGLE_CLOUD_PROJECT: 'acme-shop' }).projectId).toBe('acme-shop')
  const both = { SLUICE_PROJECT: 'acme-local', GOOGLE_CLOUD_PROJECT: 'example.com:old' }
  expect(parseSettings(both).projectId).toBe('acme-local')
})

test('each setting in force says whether the environment gave it', () => {
  const from = (environment: Record<string, string>) =>
    Object.fromEntries(
      settingsInForce(parseSettings(environment), environment).map(({ variable, value, from: origin }) => [
        variable,
        `${value} (${origin})`,
      ]),
    )
  expect(from({ SLUICE_ENV: 'prod', SLUICE_PROJECT: '' })).toMatchObject({
    SLUICE_BACKEND: 'embedded (default)',
    SLUICE_PROJECT: 'sluice-local (default)',
    SLUICE_ENV: 'prod (environment)',
    SLUICE_PARTITION_DAYS: ' (not set)',
    PUBSUB_EMULATOR_HOST: '127.0.0.1:8085 (default)',
  })
  const cloud = from({ SLUICE_BACKEND: 'gcp', GOOGLE_CLOUD_PROJECT: 'acme-shop', METADATA_SERVER_DETECTION: 'none' })
  expect(cloud).toMatchObject({
    GOOGLE_CLOUD_PROJECT: 'acme-shop (environment)',
    METADATA_SERVER_DETECTION: 'none (environment)',
  })
  expect(cloud).not.toHaveProperty('PUBSUB_EMULATOR_HOST')
})

test('the settings cannot be changed afterwards', () => {
  const settings = parseSettings({})
  for (const part of [settings, settings.resources, settings.endpoints]) expect(Object.isFrozen(part)).toBe(true)
})

describe('a mistake is told by the name of its variable and how to mend it', () => {
  test.each([
    ['SLUICE_BACKEND', 'local', 'SLUICE_BACKEND is not one of embedded, docker, gcp.'],
    ['SLUICE_PROJECT', 'Acme', 'SLUICE_PROJECT is not a project id (6 to 30 of a-z, 0-9 and -, a letter first).'],
    [
      'GOOGLE_CLOUD_PROJECT',
      'example.com:shop',
      'GOOGLE_CLOUD_PROJECT is not a project id (6 to 30 of a-z, 0-9 and -, a letter first).',
    ],
    ['SLUICE_ENV', 'pre-prod', 'SLUICE_ENV is not 1 to 20 of a-z and 0-9, a letter first.'],
    ['PUBSUB_EMULATOR_HOST', '8085', 'PUBSUB_EMULATOR_HOST is not host:port, such as 127.0.0.1:8085.'],
    ['STORAGE_EMULATOR_HOST', 'https://x:1', 'STORAGE_EMULATOR_HOST is not host:port, such as 127.0.0.1:8085.'],
    ['BIGQUERY_EMULATOR_HOST', 'x:99999', 'BIGQUERY_EMULATOR_HOST is not host:port, such as 127.0.0.1:8085.'],
    [
      'BIGQUERY_STORAGE_EMULATOR_HOST',
      'x:0',
      'BIGQUERY_STORAGE_EMULATOR_HOST is not host:port, such as 127.0.0.1:8085.',
    ],
  ])('%s=%s', (name, value, message) => {
    expect(faults({ [name]: value })).toEqual([message])
  })

  test('all of them at once', () => {
    expect(faults({ SLUICE_ENV: 'Prod', SLUICE_BACKEND: 'cloud', PUBSUB_EMULATOR_HOST: 'x' })).toHaveLength(3)
  })
})

describe('on Google Cloud', () => {
  test('there are no endpoints: the clients know where to go', () => {
    const settings = parseSettings({ SLUICE_BACKEND: 'gcp', SLUICE_PROJECT: 'acme-shop' })
    expect(settings).toMatchObject({ backend: 'gcp', projectId: 'acme-shop' })
    expect(settings.endpoints).toBeUndefined()
  })

  test('the project must be named', () => {
    expect(faults({ SLUICE_BACKEND: 'gcp' })).toEqual(['SLUICE_PROJECT is missing: name the Google Cloud project.'])
  })

  test.each([
    'PUBSUB_EMULATOR_HOST',
    'STORAGE_EMULATOR_HOST',
    'BIGQUERY_EMULATOR_HOST',
    'BIGQUERY_STORAGE_EMULATOR_HOST',
    'CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB',
  ])('%s left set is refused, whatever its value', (name) => {
    const message = `${name} is set, but SLUICE_BACKEND is gcp: unset one of the two.`
    for (const value of ['127.0.0.1:8085', 'nonsense']) {
      expect(faults({ SLUICE_BACKEND: 'gcp', SLUICE_PROJECT: 'acme-shop', [name]: value })).toEqual([message])
    }
  })

  test('another universe is refused, since only some of the clients would go there', () => {
    const universe = (name: string) => ({
      SLUICE_BACKEND: 'gcp',
      SLUICE_PROJECT: 'acme-shop',
      GOOGLE_CLOUD_UNIVERSE_DOMAIN: name,
    })
    expect(faults(universe('example.org'))).toEqual([
      'GOOGLE_CLOUD_UNIVERSE_DOMAIN is unsupported but for googleapis.com: only some of the clients follow it.',
    ])
    expect(parseSettings(universe('googleapis.com')).backend).toBe('gcp')
  })

  test('credentials are looked for where the libraries of Google look', () => {
    const places = (environment: Record<string, string>) =>
      parseSettings({ SLUICE_BACKEND: 'gcp', SLUICE_PROJECT: 'acme-shop', ...environment }).credentials
    expect(places({ HOME: '/home/ada' })).toEqual({
      loginFile: '/home/ada/.config/gcloud/application_default_credentials.json',
    })
    const all = { HOME: '/home/ada', CLOUDSDK_CONFIG: '/etc/gcloud', GOOGLE_APPLICATION_CREDENTIALS: '/etc/key.json' }
    expect(places({ ...all, GOOGLE_CLOUD_QUOTA_PROJECT: 'acme-bills' })).toEqual({
      namedFile: '/etc/key.json',
      loginFile: '/etc/gcloud/application_default_credentials.json',
      quotaProject: 'acme-bills',
    })
    expect(places({})).toEqual({})
    expect(parseSettings({ GOOGLE_APPLICATION_CREDENTIALS: '/etc/key.json' })).not.toHaveProperty('credentials')
  })

  test('every mistake is named in one message, of either kind', () => {
    expect(faults({ SLUICE_BACKEND: 'gcp', SLUICE_ENV: 'Prod', PUBSUB_EMULATOR_HOST: 'x:1' })).toEqual([
      'PUBSUB_EMULATOR_HOST is set, but SLUICE_BACKEND is gcp: unset one of the two.',
      'SLUICE_PROJECT is missing: name the Google Cloud project.',
      'SLUICE_ENV is not 1 to 20 of a-z and 0-9, a letter first.',
    ])
  })
})
