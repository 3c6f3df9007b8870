import { expect, test } from 'vitest'
import { runSluice } from '../harness.ts'
import { PROJECT, temporaryFolder } from './service-account.ts'

/** On Google Cloud, on a machine where nobody ever logged in. */
const onCloud = (variables: Readonly<Record<string, string>> = {}) => ({
  SLUICE_BACKEND: 'gcp',
  SLUICE_PROJECT: PROJECT,
  HOME: temporaryFolder(),
  METADATA_SERVER_DETECTION: 'none',
  ...variables,
})

const COMMANDS = [
  ['e2e', '--json'],
  ['generator', '--port', '0'],
  ['pipeline'],
  ['provision'],
  ['table-manager', '--port', '0'],
  ['tables', 'plan'],
  ['tables', 'check'],
  ['tables', 'apply'],
]

test.each(COMMANDS.map((command) => [command.join(' '), command] as const))(
  '%s says how to log in, without having sent anything',
  async (_what, command) => {
    const { exitCode, output, complaints } = await runSluice(command, onCloud())
    expect(complaints).toContain('`gcloud auth application-default login`')
    expect(complaints).toContain('GOOGLE_APPLICATION_CREDENTIALS is not set')
    expect(complaints).toContain('application_default_credentials.json is not there')
    expect(complaints).not.toMatch(/^\s+at /m)
    expect({ exitCode, output }).toEqual({ exitCode: 2, output: '' })
  },
)

test('on emulators nobody asks for credentials, whatever the variables say', async () => {
  const elsewhere = { PUBSUB_EMULATOR_HOST: '127.0.0.1:9', GOOGLE_APPLICATION_CREDENTIALS: '/nowhere/key.json' }
  const { complaints } = await runSluice(['pipeline'], elsewhere)
  expect(complaints).toBe(
    'sluice: Pub/Sub does not answer at 127.0.0.1:9 (`sluice emulators` starts one, `sluice up --docker` another).\n',
  )
})

test('a key file that is not there is told as that, not as missing credentials', async () => {
  const { exitCode, complaints } = await runSluice(
    ['provision'],
    onCloud({ GOOGLE_APPLICATION_CREDENTIALS: '/nowhere/key.json' }),
  )
  expect(complaints).toContain('GOOGLE_APPLICATION_CREDENTIALS names /nowhere/key.json, which is not there.')
  expect(complaints).not.toMatch(/^\s+at /m)
  expect(exitCode).toBe(2)
})

test('half a flip is refused by every variable that would make it', async () => {
  const left = { PUBSUB_EMULATOR_HOST: 'localhost:8085', CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB: 'http://localhost/' }
  const { exitCode, complaints } = await runSluice(['provision'], onCloud({ ...left, SLUICE_PROJECT: '' }))
  expect(complaints.trim().split('\n')).toEqual([
    'sluice: PUBSUB_EMULATOR_HOST is set, but SLUICE_BACKEND is gcp: unset one of the two.',
    'CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB is set, but SLUICE_BACKEND is gcp: unset one of the two.',
    'SLUICE_PROJECT is missing: name the Google Cloud project.',
  ])
  expect(exitCode).toBe(2)
})
