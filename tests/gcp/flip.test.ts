import { type KeyObject, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { variablesOf } from '../../src/cli/stack.ts'
import { connect } from '../../src/clients.ts'
import { batchingTopic, generateMessages, publishTo } from '../../src/generator/index.ts'
import { isReconciled } from '../../src/outputs/index.ts'
import { parseSettings } from '../../src/settings.ts'
import { reconciled, runSluice, spawnSluice } from '../harness.ts'
import { startGoogle, TOKEN } from './google.ts'
import { PRINCIPAL, PROJECT } from './service-account.ts'

const MINUTE = { from: Date.parse('2024-01-15T10:30:00Z'), to: Date.parse('2024-01-15T10:31:00Z') }

/** What a JSON Web Token claims (RFC 7519); throws when it was not signed with this key. */
function claims(authorization: string, key: KeyObject): Record<string, unknown> {
  const [header, payload, signature] = authorization.replace('Bearer ', '').split('.') as [string, string, string]
  const isSigned = verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))
  if (!isSigned) throw new Error(`Signed by somebody else: ${authorization}`)
  return JSON.parse(Buffer.from(payload, 'base64url').toString())
}

test('with SLUICE_BACKEND=gcp the same pipeline runs at the addresses of Google Cloud, over TLS, as the key says', async () => {
  await using google = await startGoogle()
  const settings = parseSettings({ SLUICE_PROJECT: PROJECT, ...variablesOf(google.emulators) })
  await using emulators = connect(settings)

  // Each process ends with code 86 should it turn to anything but Google's hosts: a metadata server, for example.
  expect(await runSluice(['provision'], google.environment)).toMatchObject({ exitCode: 0, complaints: '' })
  expect(await runSluice(['tables', 'check'], google.environment)).toMatchObject({ exitCode: 0, complaints: '' })

  const messages = [
    ...generateMessages({ seed: 1, count: 60, eventTimes: MINUTE, malformedRatio: 0.1, duplicateRatio: 0.1 }),
  ]
  const publish = publishTo(batchingTopic(emulators.pubsub, settings.resources.topic))
  const outstanding = new Set(await Promise.all(messages.map(publish)))
  await using pipeline = spawnSluice(['pipeline'], google.environment)
  for await (const line of pipeline.lines) {
    for (const id of JSON.parse(line).messageIds) outstanding.delete(id)
    if (outstanding.size === 0) pipeline.kill('SIGTERM')
  }
  expect({ exitCode: await pipeline.ended, complaints: await pipeline.complaints }).toMatchObject({ exitCode: 0 })
  const published = messages.map(({ eventId }) => ({ event_id: eventId }))
  expect(isReconciled(await reconciled({ clients: emulators, settings }, published))).toBe(true)

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
})
