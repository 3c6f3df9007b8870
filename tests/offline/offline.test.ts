import dns from 'node:dns'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { takeAttempts } from './setup.ts'

afterEach(() => {
  takeAttempts()
})

test('a connection to another machine is refused and remembered', async () => {
  expect(() => connect(443, '192.0.2.1')).toThrow('192.0.2.1')
  expect(takeAttempts()).toHaveLength(1)
})

test('fetch, which resolves names by itself, is refused too', async () => {
  await expect(fetch('http://pubsub.googleapis.com/')).rejects.toThrow()
  expect(takeAttempts()).not.toHaveLength(0)
})

test('a look-up of another machine is refused', () => {
  expect(() => dns.promises.lookup('metadata.google.internal')).toThrow('metadata.google.internal')
  expect(takeAttempts()).toHaveLength(1)
})
