import dns from 'node:dns'
import { once } from 'node:events'
import { connect, type LookupFunction } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { takeAttempts } from './offline.ts'

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

test('a connection with a look-up of its own is judged by the address that this finds', async () => {
  const finds =
    (address: string): LookupFunction =>
    (_host, { all }, callback) =>
      all ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4)
  const failure = async (lookup: LookupFunction) => {
    const [error] = await once(connect({ host: 'pubsub.googleapis.com', port: 9, lookup }), 'error')
    return error
  }
  expect(await failure(finds('127.0.0.1'))).toMatchObject({ code: 'ECONNREFUSED' })
  expect(takeAttempts()).toEqual([])
  expect(await failure(finds('192.0.2.1'))).toMatchObject({ message: expect.stringContaining('192.0.2.1') })
  expect(takeAttempts()).toHaveLength(1)
})
