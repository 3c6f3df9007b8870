import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import * as grpc from '@grpc/grpc-js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addService,
  forward,
  invalidArgument,
  jsonApi,
  type Listening,
  listen,
  loadPackages,
  notFound,
  page,
  type ServiceError,
  toServiceError,
  unary,
} from './index.ts'

const protos = createRequire(import.meta.url)('@google-cloud/pubsub/build/protos/protos.json')
const PUBLISHER = 'google.pubsub.v1.Publisher'

async function start(): Promise<Listening> {
  const rpc = new grpc.Server()
  addService(rpc, loadPackages(protos), PUBLISHER, {
    getTopic: unary(({ topic }: { topic: string }) => {
      if (topic === 'bug') throw new TypeError('a bug')
      throw notFound(`Resource not found (resource=${topic}).`, {
        details: [{ type: 'x.Detail', value: Buffer.from('d') }],
      })
    }),
  })
  const http = jsonApi()
  http.get('/hello', () => ({ hello: 'world' }))
  http.get('/bad', () => {
    throw invalidArgument('No such thing.', { reason: 'required', location: { type: 'parameter', name: 'thing' } })
  })
  return listen({ grpc: rpc, http })
}

function call(at: Listening, method: string, request: object): Promise<grpc.ServiceError> {
  const definition = loadPackages(protos)[PUBLISHER] as grpc.ServiceDefinition
  const Client = grpc.makeClientConstructor(definition, PUBLISHER)
  const client = new Client(`${at.host}:${at.port}`, grpc.credentials.createInsecure())
  return new Promise((resolve) => {
    client[method]!(request, (error: grpc.ServiceError) => {
      client.close()
      resolve(error)
    })
  })
}

test('gRPC and HTTP answer on one port', async () => {
  await using server = await start()
  const [error, response] = await Promise.all([
    call(server, 'getTopic', { topic: 't' }),
    fetch(`http://${server.host}:${server.port}/hello`),
  ])
  expect(error).toMatchObject({ code: 5, details: 'Resource not found (resource=t).' })
  expect(error.metadata.get('grpc-status-details-bin')[0]!.toString()).toContain('type.googleapis.com/x.Detail')
  expect(await response.json()).toEqual({ hello: 'world' })
})

test('both answer on another port too, until that one is closed', async () => {
  await using server = await start()
  const other = await forward(server, 0)
  const [error, response] = await Promise.all([
    call(other, 'getTopic', { topic: 't' }),
    fetch(`http://${other.host}:${other.port}/hello`),
  ])
  expect(error).toMatchObject({ code: 5 })
  expect(await response.json()).toEqual({ hello: 'world' })
  await other[Symbol.asyncDispose]()
  await expect(fetch(`http://${other.host}:${other.port}/hello`)).rejects.toThrow()
  expect((await fetch(`http://${server.host}:${server.port}/hello`)).status).toBe(200)
})

test('a method that no handler serves answers UNIMPLEMENTED with its full name', async () => {
  await using server = await start()
  const error = await call(server, 'deleteTopic', { topic: 't' })
  expect(error).toMatchObject({ code: 12, details: expect.stringContaining(`${PUBLISHER}.DeleteTopic`) })
})

test('an HTTP error has the form of Google’s JSON APIs', async () => {
  await using server = await start()
  const response = await fetch(`http://${server.host}:${server.port}/bad`)
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({
    error: {
      code: 400,
      message: 'No such thing.',
      errors: [
        {
          message: 'No such thing.',
          domain: 'global',
          reason: 'required',
          locationType: 'parameter',
          location: 'thing',
        },
      ],
      status: 'INVALID_ARGUMENT',
    },
  })
})

test('a path that nobody serves answers 501 with its name', async () => {
  await using server = await start()
  const response = await fetch(`http://${server.host}:${server.port}/other?x=1`, { method: 'POST' })
  expect(response.status).toBe(501)
  expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining('POST /other') } })
})

test('a URL that is malformed is refused in the same form', async () => {
  await using server = await start()
  const response = await fetch(`http://${server.host}:${server.port}/hello%zz`)
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { code: 400, status: 'INVALID_ARGUMENT' } })
})

test('a peer that says nothing, or resets, does not stop the others', async () => {
  await using server = await start()
  const silent = connect(server.port, server.host)
  const rude = connect(server.port, server.host)
  await Promise.all([once(silent, 'connect'), once(rude, 'connect')])
  rude.write('P')
  rude.resetAndDestroy()
  const response = await fetch(`http://${server.host}:${server.port}/hello`)
  expect(response.status).toBe(200)
  silent.destroy()
})

test('a port that serves only gRPC answers HTTP/1.1 with 501', async () => {
  await using server = await listen({ grpc: new grpc.Server() })
  const response = await fetch(`http://${server.host}:${server.port}/v1/topics`, { signal: AbortSignal.timeout(2_000) })
  expect(response.status).toBe(501)
  expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining('GET /v1/topics') } })
})

test('a port that serves only HTTP closes the connection of a gRPC client', async () => {
  await using server = await listen({ http: jsonApi() })
  const socket = connect(server.port, server.host)
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  await once(socket, 'close', { signal: AbortSignal.timeout(2_000) })
})

test('a client that goes away in the middle of a body is no bug to report', async () => {
  const caught = Promise.withResolvers<unknown>()
  const http = jsonApi()
  http.addContentTypeParser('x/y', (_request, body, done) => {
    body.once('error', caught.resolve)
    body.resume().once('end', () => done(null))
  })
  http.post('/upload', () => ({}))
  await using server = await listen({ http })
  const socket = connect(server.port, server.host)
  const sent = 'POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: x/y\r\nContent-Length: 100\r\n\r\nabc'
  await new Promise((resolve) => socket.write(sent, resolve))
  socket.end()
  const reported: ServiceError[] = []
  expect(toServiceError(await caught.promise, (error) => reported.push(error)).code).toBe('CANCELLED')
  expect(reported).toEqual([])
})

test('a request whose first bytes come one by one is served', async () => {
  await using server = await start()
  const socket = connect(server.port, server.host)
  socket.setNoDelay(true)
  for (const piece of ['G', 'E', 'T /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n']) {
    await new Promise<void>((resolve) => socket.write(piece, () => setImmediate(resolve)))
  }
  const chunks = await socket.toArray()
  expect(Buffer.concat(chunks).toString()).toContain('"hello":"world"')
})

test('pages hold every item once, in order, whatever their size and whatever comes or goes between them', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 30 }).map((all) => all.sort(byCodeUnit))
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 10 }), fc.nat(), (all, pageSize, goes) => {
      const seen: string[] = []
      let [items, pageToken] = [all, '']
      do {
        const next = page(items, (name) => name, { pageSize, pageToken })
        seen.push(...next.items)
        pageToken = next.nextPageToken
        // One that was already seen goes: the rest must not shift.
        items = items.filter((name) => name !== seen[goes % Math.max(1, seen.length)])
      } while (pageToken)
      expect(seen).toEqual(all)
    }),
  )
})

test('a page token that is not ours is refused', () => {
  expect(() => page(['a'], (name) => name, { pageToken: 'AAAA' })).toThrow('page token')
})

const byCodeUnit = (a: string, b: string) => (a < b ? -1 : 1)
