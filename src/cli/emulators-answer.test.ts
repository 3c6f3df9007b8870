import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startEmulators } from '../../emulators/index.ts'
import { emulatorsAnswer } from './emulators-answer.ts'

/** Like Docker's proxy: the port is open at once, but the first connections lead nowhere. */
async function proxy(to: { readonly port: number }, refusals: number): Promise<string> {
  let connections = 0
  const server = createServer((socket) => {
    socket.on('error', () => {})
    connections += 1
    if (connections <= refusals) return void socket.destroy()
    const onwards = connect(to.port, '127.0.0.1').on('error', () => {})
    socket.pipe(onwards).pipe(socket)
    socket.on('close', () => onwards.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function proxies(refusals: number) {
  const { pubsub, storage, bigquery } = await startEmulatorsForTest()
  return {
    pubsub: await proxy(pubsub, refusals),
    storage: await proxy(storage, refusals),
    bigquery: await proxy(bigquery, refusals),
    bigqueryStorage: await proxy(bigquery, refusals),
  }
}

async function startEmulatorsForTest() {
  const emulators = await startEmulators()
  onTestFinished(() => emulators[Symbol.asyncDispose]())
  return emulators
}

test('emulators that are still starting are waited for, and each is told when it answers', async () => {
  const lines: string[] = []
  await emulatorsAnswer(await proxies(2), 15, (line) => lines.push(line.replace(/ at .*/, '')))
  expect(lines.sort()).toEqual([
    'BigQuery answers',
    'Cloud Storage answers',
    'Pub/Sub answers',
    'the Storage Write API answers',
  ])
})

test('those that do not answer in time are named, whatever their protocol', async () => {
  const endpoints = await proxies(0)
  const nowhere = await proxy({ port: 0 }, Number.POSITIVE_INFINITY)
  const told = emulatorsAnswer({ ...endpoints, storage: nowhere, bigqueryStorage: nowhere }, 1, () => {})
  await expect(told).rejects.toThrow(`Cloud Storage does not answer at ${nowhere}`)
  await expect(told).rejects.toThrow(`the Storage Write API does not answer at ${nowhere}`)
  await expect(told).rejects.toThrow(/after 1 second\.$/)
})
