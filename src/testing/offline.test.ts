import { execFile } from 'node:child_process'
import dns from 'node:dns'
import { once } from 'node:events'
import { connect, type LookupFunction } from 'node:net'
import { promisify } from 'node:util'
import { Storage } from '@google-cloud/storage'
import { afterEach, expect, test } from 'vitest'
import './grpc-beside-msw.ts' // stands between whoever connects and Node, as it does where msw is used
import { takeAttempts } from './offline.ts'

afterEach(() => {
  takeAttempts()
})

/** The line that this is called on, in this file. */
const here = () =>
  `src/testing/offline.test.ts:${/offline\.test\.ts:(\d+)/.exec(new Error().stack!.split('\n')[2]!)?.[1]}`

test('a connection to another machine is refused, and the complaint names host, line and test', () => {
  const line = here()
  expect(() => connect(443, '192.0.2.1')).toThrow('192.0.2.1')
  const [attempt] = takeAttempts()
  expect(attempt).toMatchObject({
    name: 'OfflineError',
    host: '192.0.2.1',
    test: 'a connection to another machine is refused, and the complaint names host, line and test',
  })
  expect(nextLine(line, attempt!.from)).toBe(true)
  expect(attempt!.message).toBe(
    `Something tried to leave this machine: 192.0.2.1, from ${attempt!.from}, in the test "${attempt!.test}".`,
  )
  expect(takeAttempts()).toEqual([])
})

const nextLine = (line: string, from = '') => from.startsWith(line.replace(/\d+$/, (n) => `${Number(n) + 1}:`))

test('fetch, which is deep in Node when it connects, is refused in the name of whoever called it', async () => {
  const producer = async () => await fetch('http://pubsub.googleapis.com/')
  await expect(producer()).rejects.toThrow()
  const [attempt] = takeAttempts()
  expect(attempt).toMatchObject({
    host: 'pubsub.googleapis.com',
    from: expect.stringMatching(/offline\.test\.ts:\d+:\d+$/),
  })
  expect(attempt!.stack).toContain('at producer')
})

test('one of Google’s clients is refused in the name of whoever made it ask', async () => {
  const client = new Storage({ projectId: 'p', retryOptions: { autoRetry: false } })
  await expect(client.bucket('b').exists()).rejects.toThrow()
  expect(takeAttempts()).toContainEqual(expect.objectContaining({ host: expect.stringMatching(/google|169\.254/) }))
})

test('machines that are allowed may be reached, and all of them when the guard is disposed of', async () => {
  const script = `
    import net from 'node:net'
    import { stayOffline } from '${new URL('./offline.ts', import.meta.url)}'
    const attempt = (host) => {
      try {
        return net.connect(9, host).on('error', () => {}).destroy() && 'goes'
      } catch ({ name }) {
        return name
      }
    }
    const guard = stayOffline({ allow: ['0.0.0.0'] }) // is this machine, but the guard need not know
    console.log(attempt('0.0.0.0'), attempt('192.0.2.1'))
    guard[Symbol.dispose]()
    const other = stayOffline()
    console.log(attempt('0.0.0.0'))
    other[Symbol.dispose]()
    console.log(attempt('0.0.0.0'))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  expect(stdout).toBe('goes OfflineError\nOfflineError\ngoes\n')
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
