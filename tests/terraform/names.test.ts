import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { REASONS } from '../../pipeline/transforms/decode.ts'
import { provision } from '../../src/resources.ts'
import { resourceNames } from '../../src/settings.ts'
import { FUNCTION_NAME } from '../../src/tables/function.ts'
import { startBackend } from '../harness.ts'
import { argument, block, seconds, source } from './hcl.ts'

describe('the names of', () => {
  const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const written = (name: string) =>
    argument(source('names.tf'), name)
      .replaceAll('$' + '{var.environment}', 'staging')
      .replaceAll('$' + '{var.project_id}', 'some-project')

  test.each(Object.entries(resourceNames('some-project', 'staging')))('%s are the same', (name, expected) => {
    expect(written(snakeCase(name))).toBe(expected)
  })

  test('the function and its entry point are the same', () => {
    expect(argument(source('modules/table-manager/main.tf'), 'entry_point')).toBe(FUNCTION_NAME)
  })
})

test('the pipeline’s alert knows every reason for a dead letter', () => {
  const variable = block(source('modules/monitoring/variables.tf'), 'variable "dead_letter_reasons"')
  const known = [...(/default = \[([^\]]*)\]/.exec(variable)?.[1] ?? '').matchAll(/"(\w+)"/g)].map(
    ([, reason]) => reason,
  )
  expect(known.toSorted()).toEqual([...REASONS].toSorted())
})

test('what builds has the roles that docs/security.md names, image or no image', async () => {
  const text = source('modules/table-manager/main.tf')
  const granted = text.split(/^resource /m).filter((resource) => /member += var\.build_member/.test(resource))
  const roles = granted.map((resource) => argument(resource, 'role').replace('roles/', ''))
  const guide = await readFile(new URL('../../docs/security.md', import.meta.url), 'utf8')
  const [, named = ''] = /^\| `ENV-build` \| ([^|]*) \|/m.exec(guide) ?? []
  expect(new Set(roles)).toEqual(new Set([...named.matchAll(/`([\w.]+)`/g)].map(([, role]) => role)))
  // The image is built before there is a function.
  for (const resource of granted) expect(resource).not.toMatch(/^ +count /m)
})

describe('the settings of the subscription', () => {
  const messaging = source('modules/messaging/main.tf')

  test.each(['pipeline', 'tables'] as const)('%s are those that the kit gives it', async (which) => {
    await using backend = await startBackend({ tables: 'none' })
    const { clients, settings } = backend
    await provision(clients, settings, { tablesPushEndpoint: 'http://127.0.0.1:1/' })
    const name = settings.resources[`${which}Subscription`]
    const [made] = await clients.pubsub.subscription(name).getMetadata()

    const written = block(messaging, `resource "google_pubsub_subscription" "${which}"`)
    const retry = block(written, 'retry_policy')
    expect({
      ackDeadlineSeconds: Number(argument(written, 'ack_deadline_seconds')),
      expires: argument(block(written, 'expiration_policy'), 'ttl') !== '',
      backoff: ['minimum_backoff', 'maximum_backoff'].map((bound) => seconds(argument(retry, bound))),
      attempts: written.includes('dead_letter_policy')
        ? Number(argument(block(written, 'dead_letter_policy'), 'max_delivery_attempts'))
        : undefined,
      keepsAcknowledged: written.includes('retain_acked_messages'),
      ordering: written.includes('enable_message_ordering'),
    }).toEqual({
      ackDeadlineSeconds: made.ackDeadlineSeconds,
      expires: Boolean(made.expirationPolicy?.ttl),
      backoff: [made.retryPolicy?.minimumBackoff, made.retryPolicy?.maximumBackoff].map((bound) =>
        Number(bound?.seconds),
      ),
      attempts: made.deadLetterPolicy?.maxDeliveryAttempts ?? undefined,
      keepsAcknowledged: made.retainAckedMessages,
      ordering: made.enableMessageOrdering,
    })
  })
})
