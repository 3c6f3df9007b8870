import { expect, test } from 'vitest'
import { parseSettings } from './settings.ts'

test('with nothing set, everything runs on the embedded emulators of this machine', () => {
  expect(parseSettings({})).toEqual({
    backend: 'embedded',
    projectId: 'sluice-local',
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

test('the environment names every resource', () => {
  const { resources } = parseSettings({ SLUICE_ENV: 'staging', SLUICE_PROJECT: 'shop-data' })
  expect(resources).toMatchObject({ topic: 'staging-backend-events-topic', bucket: 'shop-data-staging-raw-events' })
})

test('an emulator’s address may be given with or without its scheme', () => {
  const { endpoints } = parseSettings({
    STORAGE_EMULATOR_HOST: 'http://localhost:5000/',
    PUBSUB_EMULATOR_HOST: '[::1]:5001',
    BIGQUERY_EMULATOR_HOST: '127.0.0.1:5002',
  })
  expect(endpoints).toEqual({
    storage: 'localhost:5000',
    pubsub: '[::1]:5001',
    bigquery: '127.0.0.1:5002',
    bigqueryStorage: '127.0.0.1:5002',
  })
})

test('on Google Cloud there are no endpoints, and the project must be named', () => {
  expect(parseSettings({ SLUICE_BACKEND: 'gcp', GOOGLE_CLOUD_PROJECT: 'shop-data' })).not.toHaveProperty('endpoints')
  expect(() => parseSettings({ SLUICE_BACKEND: 'gcp' })).toThrow('SLUICE_PROJECT is missing')
})

test('an emulator variable left set on Google Cloud is refused: half a flip is the worst outcome', () => {
  const half = { SLUICE_BACKEND: 'gcp', SLUICE_PROJECT: 'shop-data', PUBSUB_EMULATOR_HOST: 'localhost:8085' }
  expect(() => parseSettings(half)).toThrow('PUBSUB_EMULATOR_HOST is set, but SLUICE_BACKEND is gcp')
})

test('all mistakes are named at once', () => {
  const wrong = { SLUICE_BACKEND: 'cloud', SLUICE_ENV: 'My Env', PUBSUB_EMULATOR_HOST: 'localhost' }
  expect(() => parseSettings(wrong)).toThrow(
    /SLUICE_BACKEND is not one of embedded, docker, gcp[\s\S]*SLUICE_ENV is not[\s\S]*PUBSUB_EMULATOR_HOST is not host:port/,
  )
})

test('a project that no Google Cloud project can be called is refused, under either name', () => {
  expect(() => parseSettings({ SLUICE_PROJECT: 'X' })).toThrow('SLUICE_PROJECT is not a project id')
  expect(() => parseSettings({ GOOGLE_CLOUD_PROJECT: 'X' })).toThrow('GOOGLE_CLOUD_PROJECT is not a project id')
})

test('an empty variable counts as not set', () => {
  expect(parseSettings({ SLUICE_BACKEND: '', SLUICE_ENV: '' }).environment).toBe('dev')
})

test('settings cannot be changed', () => {
  const settings = parseSettings({})
  expect(Object.isFrozen(settings) && Object.isFrozen(settings.resources) && Object.isFrozen(settings.endpoints)).toBe(
    true,
  )
})
