import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { credentialsAreThere, identify } from '../../src/credentials.ts'
import { parseSettings } from '../../src/settings.ts'
import { credentialsFile, PRINCIPAL, PROJECT, serviceAccountKey, temporaryFolder } from './service-account.ts'

const google = setupServer()
beforeAll(() => google.listen({ onUnhandledFrame: 'error' }))
afterAll(() => google.close())
beforeEach(() => {
  google.resetHandlers()
  vi.unstubAllEnvs()
})

const key = serviceAccountKey()

/** The libraries read the environment by themselves, so it says what the settings say. */
function onCloud(variables: Readonly<Record<string, string>>) {
  const environment = {
    SLUICE_BACKEND: 'gcp',
    SLUICE_PROJECT: PROJECT,
    CLOUDSDK_CONFIG: temporaryFolder(),
    ...variables,
  }
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  return parseSettings(environment)
}

const withFile = (content: object | string) => onCloud({ GOOGLE_APPLICATION_CREDENTIALS: credentialsFile(content) })

const token = (answer: object, status = 200) =>
  google.use(http.post('https://oauth2.googleapis.com/token', () => HttpResponse.json(answer, { status })))

const granted = { access_token: 'granted', expires_in: 3599, token_type: 'Bearer' }

test.each([
  ['a folder', temporaryFolder, 'which is a folder'],
  ['a file that is not JSON', () => credentialsFile('-----BEGIN PRIVATE KEY-----'), 'which is not JSON'],
  ['the secret of an OAuth client', () => credentialsFile({ installed: {} }), 'holds no credentials of Google Cloud'],
  ['a list', () => credentialsFile([]), 'holds no credentials of Google Cloud'],
  [
    'a key without its private half',
    () => credentialsFile({ ...key, private_key: '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n' }),
    'private_key is not a private key in PEM',
  ],
  ['a key of nobody', () => credentialsFile({ ...key, client_email: '' }), 'client_email is empty'],
])('GOOGLE_APPLICATION_CREDENTIALS that names %s is told by what is wrong', async (_what, path, fault) => {
  const file = path()
  const told = credentialsAreThere(onCloud({ GOOGLE_APPLICATION_CREDENTIALS: file }))
  await expect(told).rejects.toThrow(`GOOGLE_APPLICATION_CREDENTIALS names ${file}, which`)
  await expect(told).rejects.toThrow(fault)
  await expect(told).rejects.toThrow('unset it and run `gcloud auth application-default login`')
})

test('a key that Google takes is a service account', async () => {
  token(granted)
  const settings = withFile({ ...key, quota_project_id: 'acme-bills' })
  expect(await identify(settings)).toEqual({
    source: settings.credentials?.namedFile,
    type: 'service_account',
    principal: PRINCIPAL,
    quotaProject: 'acme-bills',
  })
})

test('a key that was deleted is told with what Google says of it', async () => {
  token({ error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }, 400)
  await expect(credentialsAreThere(withFile(key))).rejects.toThrow(
    /Google refuses the credentials in .*credentials\.json \(invalid_grant: Invalid JWT Signature\.\)/,
  )
})

test('a login that ran out is told with the command that renews it', async () => {
  token({ error: 'invalid_grant', error_subtype: 'invalid_rapt' }, 400)
  const login = { type: 'authorized_user', client_id: 'x', client_secret: 'y', refresh_token: 'z' }
  await expect(credentialsAreThere(withFile(login))).rejects.toThrow(
    /\(invalid_grant\)\.\nMake new ones: `gcloud auth application-default login`/,
  )
})

test('a login of gcloud is found in its folder, and is the user whom Google knows by the token', async () => {
  token(granted)
  const info = { email: 'ada@acme.example', expires_in: 3000, scope: 'openid' }
  google.use(http.post('https://oauth2.googleapis.com/tokeninfo', () => HttpResponse.json(info)))
  const settings = onCloud({ GOOGLE_CLOUD_QUOTA_PROJECT: 'acme-bills' })
  const file = settings.credentials!.loginFile!
  writeFileSync(
    file,
    JSON.stringify({ type: 'authorized_user', client_id: 'x', client_secret: 'y', refresh_token: 'z' }),
  )
  expect(await identify(settings)).toEqual({
    source: join(file),
    type: 'authorized_user',
    principal: 'ada@acme.example',
    quotaProject: 'acme-bills',
  })
})

test('without a file, the metadata server says who the machine is', async () => {
  const settings = onCloud({ METADATA_SERVER_DETECTION: 'assume-present' })
  const answer = (body: object | string) =>
    new HttpResponse(typeof body === 'string' ? body : JSON.stringify(body), {
      headers: { 'metadata-flavor': 'Google', 'content-type': 'application/json' },
    })
  const account = 'http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default'
  google.use(
    http.get(`${account}/token`, () => answer(granted)),
    http.get(`${account}/email`, () => answer(PRINCIPAL)),
    http.get('http://169.254.169.254/computeMetadata/v1/universe/universe-domain', () => answer('googleapis.com')),
  )
  expect(await identify(settings)).toEqual({
    source: 'the metadata server',
    type: 'service_account',
    principal: PRINCIPAL,
  })
})

test('on emulators there is nobody to be, and nothing is asked', async () => {
  expect(await identify(parseSettings({ GOOGLE_APPLICATION_CREDENTIALS: '/nowhere' }))).toBeUndefined()
})
