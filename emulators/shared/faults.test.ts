import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createConnection } from 'node:net'
import * as grpc from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { addService, type FaultPlan, faultInterceptor, jsonApi, listen, loadPackages, unary } from './index.ts'

const PUBLISHER = 'google.pubsub.v1.Publisher'
const packages = loadPackages(createRequire(import.meta.url)('@google-cloud/pubsub/build/protos/protos.json'))

/** Counts what is done, over both protocols. */
async function start(faults: FaultPlan) {
  const done: string[] = []
  const rpc = new grpc.Server({ interceptors: [faultInterceptor(faults)] })
  addService(rpc, packages, PUBLISHER, {
    createTopic: unary(({ name }: { name: string }) => {
      done.push(name)
      return { name }
    }),
  })
  const http = jsonApi(faults)
  http.post('/b', () => {
    done.push('b')
    return { name: 'b' }
  })
  const server = await listen({ grpc: rpc, http })
  const Client = grpc.makeClientConstructor(packages[PUBLISHER] as grpc.ServiceDefinition, PUBLISHER)
  const client = new Client(`${server.host}:${server.port}`, grpc.credentials.createInsecure())
  return {
    ...server,
    done,
    createTopic: (name: string) =>
      new Promise((resolve) => {
        const metadata = new grpc.Metadata()
        metadata.set('x-goog-request-params', `name=${name}`)
        client.createTopic!({ name }, metadata, (error: grpc.ServiceError | null, answer: unknown) =>
          resolve(error ?? answer),
        )
      }),
    post: async () => {
      const response = await fetch(`http://${server.host}:${server.port}/b`, { method: 'POST' })
      return { status: response.status, body: await response.json() }
    },
    async [Symbol.asyncDispose]() {
      client.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

test('a fault before a call answers with its code, and nothing is done', async () => {
  await using server = await start(() => ({ code: 'UNAVAILABLE', when: 'before' }))
  expect(await server.createTopic('t')).toMatchObject({ code: 14 })
  expect(await server.post()).toMatchObject({ status: 503, body: { error: { code: 503, status: 'UNAVAILABLE' } } })
  expect(server.done).toEqual([])
})

test('a fault after a call loses the answer, but not what was done', async () => {
  await using server = await start(() => ({ code: 'DEADLINE_EXCEEDED', when: 'after' }))
  expect(await server.createTopic('t')).toMatchObject({ code: 4 })
  expect(await server.post()).toMatchObject({ status: 504, body: { error: { status: 'DEADLINE_EXCEEDED' } } })
  expect(server.done).toEqual(['t', 'b'])
})

test('a call that hangs does nothing until it may go on', async () => {
  const released = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  let calls = 0
  await using server = await start(() => {
    if (++calls === 2) asked.resolve()
    return { until: released.promise }
  })
  const answers = Promise.all([server.createTopic('t'), server.post()])
  await asked.promise
  expect(server.done).toEqual([])
  released.resolve()
  expect(await answers).toMatchObject([{ name: 't' }, { status: 200 }])
  expect(server.done.sort()).toEqual(['b', 't'])
})

test('the plan hears of every call by name, and lets those through for which it has no fault', async () => {
  const calls: string[][] = []
  await using server = await start((...call) => {
    calls.push(call)
    return undefined
  })
  expect(await server.createTopic('t')).toMatchObject({ name: 't' })
  expect(await server.post()).toEqual({ status: 200, body: { name: 'b' } })
  expect(calls).toEqual([
    ['google.pubsub.v1.Publisher.CreateTopic', 'name=t'],
    ['POST /b', ''],
  ])
})

test('dropped connections break for the client, which may connect again', async () => {
  await using server = await start(() => undefined)
  const socket = createConnection(server.port, server.host)
  await once(socket, 'connect')
  await server.post() // by now the server has taken the socket as well
  const broken = once(socket, 'error')
  server.dropConnections()
  expect(await broken).toMatchObject([{ code: 'ECONNRESET' }])
  expect(await server.post()).toMatchObject({ status: 200 })
})
