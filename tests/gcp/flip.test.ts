import { type KeyObject, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { runSluice, spawnSluice } from '../harness.ts'
import { startGoogle, TOKEN } from './google.ts'
import { PRINCIPAL } from './service-account.ts'

/** What a JSON Web Token claims (RFC 7519); throws when it was not signed with this key. */
function claims(authorization: string, key: KeyObject): Record<string, unknown> {
  const [header, payload, signature] = authorization.replace('Bearer ', '').split('.') as [string, string, string]
  const isSigned = verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))
  if (!isSigned) throw new Error(`Signed by somebody else: ${authorization}`)
  return JSON.parse(Buffer.from(payload, 'base64url').toString())
}

test('with SLUICE_BACKEND=gcp the same pipeline runs at the addresses of Google Cloud, over TLS, as the key says', async () => {
  await using google = await startGoogle()
  const run = (...args: string[]) => runSluice(args, google.environment)

  // Each process ends with code 86 should it turn to anything but Google's hosts: a metadata server, for example.
  expect(await run('provision')).toMatchObject({ exitCode: 0, complaints: '' })
  expect(await run('tables', 'check')).toMatchObject({ exitCode: 0, complaints: '' })
  await using pipeline = spawnSluice(['pipeline'], google.environment)
  const { output, ...outcome } = await run('e2e', '--events', '60', '--json')
  expect(outcome).toEqual({ exitCode: 0, complaints: '' })
  expect(JSON.parse(output).reconciliation).toMatchObject({ messages: 77, missing: [], duplicated: [] })
  pipeline.kill('SIGTERM')
  expect(await pipeline.ended).toBe(0)

  const asked = Map.groupBy(google.received, ({ host }) => host)
  expect([...asked.keys()].sort()).toEqual([
    'bigquery.googleapis.com',
    'bigquerystorage.googleapis.com',
    'oauth2.googleapis.com',
    'pubsub.googleapis.com',
    'storage.googleapis.com',
  ])
  const bearers = (host: string) => new Set(asked.get(host)?.map(({ authorization }) => authorization))
  expect(bearers('bigquery.googleapis.com')).toEqual(new Set([`Bearer ${TOKEN}`]))
  expect(bearers('storage.googleapis.com')).toEqual(new Set([`Bearer ${TOKEN}`]))
  // A gRPC client signs its token itself: the service takes the key's signature for itself alone.
  for (const host of ['pubsub.googleapis.com', 'bigquerystorage.googleapis.com']) {
    for (const bearer of bearers(host)) {
      expect(claims(bearer!, google.publicKey)).toMatchObject({ iss: PRINCIPAL, sub: PRINCIPAL })
    }
  }
}, 60_000)
