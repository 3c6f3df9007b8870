import { expect, test } from 'vitest'
import { CredentialsError } from '../../credentials.ts'
import { type Check, explained, runChecks } from './check.ts'

const LIMIT = { limitMs: 60_000 }
const well = (name: string, needs: string[] = []): Check => ({
  name,
  needs,
  run: () => ({ status: 'well', detail: 'fine' }),
})
const failing = (name: string): Check => ({
  name,
  run: () => {
    throw new Error('broken\n    at somewhere')
  },
})
const group = (...checks: Check[]) => [{ title: 'Group', checks }]
const outcomes = async (checks: Check[], options = LIMIT) =>
  (await runChecks(group(...checks), options)).map(({ name, status, detail }) => `${name}: ${status}, ${detail}`)

test('a check that throws is a fault of its own, and stops no other', async () => {
  expect(await outcomes([failing('a'), well('b')])).toEqual(['a: fault, broken', 'b: well, fine'])
})

test('what a check needs is waited for, wherever it stands, and not asked without it', async () => {
  const checks = [well('last', ['middle']), well('middle', ['first']), failing('first'), well('other')]
  expect(await outcomes(checks)).toEqual([
    'last: skipped, not asked: needs middle',
    'middle: skipped, not asked: needs first',
    'first: fault, broken',
    'other: well, fine',
  ])
})

test('a check that never answers ends with the limit', async () => {
  const silent: Check = { name: 'silent', run: () => new Promise(() => {}) }
  expect(await outcomes([silent, well('b')], { limitMs: 5 })).toEqual([
    'silent: fault, no answer within 0.005 s',
    'b: well, fine',
  ])
})

test('all checks run side by side', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const waiting: Check = { name: 'waiting', run: () => promise.then(() => ({ status: 'well', detail: 'let go' })) }
  const releasing: Check = {
    name: 'releasing',
    run: () => {
      resolve()
      return { status: 'well', detail: 'let it go' }
    },
  }
  expect(await outcomes([waiting, releasing])).toEqual(['waiting: well, let go', 'releasing: well, let it go'])
})

test('a service that is not switched on is told with the command that does it', () => {
  const message =
    'Cloud Pub/Sub API has not been used in project 1 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/pubsub.googleapis.com/overview?project=1'
  expect(explained(Object.assign(new Error(message), { code: 7 })).mend).toBe(
    'gcloud services enable pubsub.googleapis.com',
  )
})

test('a connection that fails is told in a few words, and credentials with what mends them', () => {
  const grpc = '14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:9.'
  expect(explained(new Error(grpc))).toEqual({ detail: 'nothing listens there (ECONNREFUSED)' })
  expect(explained(new CredentialsError('none', 'log in'))).toEqual({ detail: 'none', mend: 'log in' })
})
