import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import * as grpc from '@grpc/grpc-js'
import type { FastifyInstance } from 'fastify'
import { jsonApi } from './http.ts'

/** Where an emulator answers, until it is disposed of. */
export interface Listening extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** Breaks every connection at once, as a network would; new ones are taken. */
  dropConnections(): void
}

export interface ListenOptions {
  /** 127.0.0.1 unless told otherwise. */
  host?: string
  /** 0, the default, takes a free one. */
  port?: number
  grpc?: grpc.Server
  http?: FastifyInstance
}

/**
 * Serves gRPC (h2c) and HTTP/1.1 on one plaintext port: a connection's first bytes tell which it is. Nobody waits for a
 * protocol that is not served: HTTP/1.1 then answers 501 with the path's name, and an h2c connection is closed.
 */
export async function listen({
  host = '127.0.0.1',
  port = 0,
  grpc: rpc,
  http = jsonApi(),
}: ListenOptions): Promise<Listening> {
  const sockets = new Set<Socket>()
  const injector = rpc?.createConnectionInjector(grpc.ServerCredentials.createInsecure())
  await http.ready()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy()) // the peer's reset is no event here
    socket.setNoDelay(true)
    void route(socket, {
      grpc: (s) => (injector ? injector.injectConnection(s) : s.destroy()),
      http: (s) => http.server.emit('connection', s),
    })
  })
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error(`no port: ${address}`)
  return {
    host,
    port: address.port,
    dropConnections() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      rpc?.forceShutdown()
      for (const socket of sockets) socket.destroy()
      await http.close()
      await closed
    },
  }
}

/** `PRI * HTTP/2.0` opens every h2c connection (RFC 9113, 3.4); no HTTP/1.1 method starts with `PRI`. */
async function route(socket: Socket, faces: { grpc(s: Socket): void; http(s: Socket): void }): Promise<void> {
  const first = await firstBytes(socket, 3)
  if (first.length === 0) return void socket.destroy()
  if (first.toString('latin1') === 'PRI') faces.grpc(socket)
  else faces.http(socket)
}

/** Looks at the first `count` bytes without taking them; fewer when the peer ends or resets before. */
async function firstBytes(socket: Socket, count: number): Promise<Buffer> {
  const seen: Buffer[] = []
  for (let length = 0; length < count; ) {
    const chunk: Buffer | null = socket.read()
    if (chunk === null) {
      if (socket.readableEnded || socket.destroyed) break
      await Promise.race([once(socket, 'readable'), once(socket, 'end'), once(socket, 'close')]).catch(() => {})
      continue
    }
    seen.push(chunk)
    length += chunk.length
  }
  const bytes = Buffer.concat(seen)
  if (bytes.length > 0 && !socket.destroyed) socket.unshift(bytes)
  return bytes.subarray(0, count)
}
