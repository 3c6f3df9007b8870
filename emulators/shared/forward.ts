import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Listening } from './listen.ts'

/** Who listens everywhere is reached here. */
const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** Serves on another port what `to` serves, until it is disposed of. */
export async function forward(to: Listening, port: number): Promise<Listening> {
  const sockets = new Set<Socket>()
  const server = createServer((from) => {
    const onwards = connect(to.port, LOOPBACK[to.host] ?? to.host)
    for (const [socket, other] of [
      [from, onwards],
      [onwards, from],
    ] as const) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.pipe(other)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  server.listen(port, to.host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error(`no port: ${address}`)
  return {
    host: to.host,
    port: address.port,
    dropConnections() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
