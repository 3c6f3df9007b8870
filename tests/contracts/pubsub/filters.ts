import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { PubSubBackend } from './backend.ts'
import { INVALID_ARGUMENT } from './codes.ts'
import { texts } from './feed.ts'

/** By the text of the message. */
const MESSAGES: Readonly<Record<string, Record<string, string>>> = {
  order: { type: 'order', region: 'eu-west' },
  refund: { type: 'refund', region: 'eu-north' },
  login: { type: 'login' },
  bare: { other: '1' },
}

/** Of the four messages above, those named pass. */
async function passes(backend: PubSubBackend, filter: string, ...expected: readonly string[]): Promise<void> {
  const feed = await backend.subscribe({ filter })
  for (const [text, attributes] of Object.entries(MESSAGES)) await feed.publish({ data: Buffer.from(text), attributes })
  expect(texts(await feed.take(expected.length)).toSorted()).toEqual(expected.toSorted())
  expect(await feed.rest()).toEqual([])
}

/** https://cloud.google.com/pubsub/docs/subscription-message-filter */
export const filters = {
  'a filter asks whether there is an attribute': (backend) => passes(backend, 'attributes:region', 'order', 'refund'),
  'a filter asks for the value of an attribute': (backend) => passes(backend, 'attributes.type = "order"', 'order'),
  'a filter asks for another value, which an attribute that is not there has': (backend) =>
    passes(backend, 'attributes.type != "order"', 'refund', 'login', 'bare'),
  'a filter asks for the beginning of a value': (backend) =>
    passes(backend, 'hasPrefix(attributes.region, "eu-n")', 'refund'),
  'a filter joins conditions by AND': (backend) =>
    passes(backend, 'attributes:region AND attributes.type = "refund"', 'refund'),
  'a filter joins conditions by OR': (backend) =>
    passes(backend, 'attributes.type = "order" OR attributes.type = "login"', 'order', 'login'),
  'a filter turns conditions round by NOT, and groups them in parentheses': (backend) =>
    passes(backend, 'attributes:type AND NOT (attributes.type = "order" OR attributes:region)', 'login'),

  async 'a filter that is no filter is refused'(backend) {
    for (const filter of [
      'type = "order"',
      'attributes.type = order',
      'attributes:a AND attributes:b OR attributes:c',
    ]) {
      await expect(backend.subscribe({ filter }), filter).rejects.toMatchObject({ code: INVALID_ARGUMENT })
    }
  },

  async 'a filter of more than 256 bytes is refused'(backend) {
    const filter = `attributes.type = "${'x'.repeat(240)}"`
    await expect(backend.subscribe({ filter })).rejects.toMatchObject({ code: INVALID_ARGUMENT })
  },
} satisfies Contract<PubSubBackend>
