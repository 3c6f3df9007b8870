import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { atRate } from './latency.ts'
import type { Stack } from './stack.ts'
import { allSettled, warmUp } from './throughput.ts'

const PER_SECOND = 1_000

/** Passes a port's bytes on, until it is told to hold them up: a service that takes calls and does not answer. */
export interface Detour extends Disposable {
  /** `127.0.0.1:8085` */
  readonly host: string
  hold(held: boolean): void
}

export async function startDetour(to: string): Promise<Detour> {
  const { hostname, port: target } = new URL(`http://${to.replace(/^http:\/\//, '')}`)
  const sockets = new Set<Socket>()
  let isHeld = false
  const server = createServer((near) => {
    const far = connect(Number(target), hostname)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => sockets.delete(socket))
      socket.pipe(other)
      if (isHeld) socket.pause()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    host: `127.0.0.1:${port}`,
    hold(held) {
      isHeld = held
      for (const socket of sockets) held ? socket.pause() : socket.resume()
    },
    [Symbol.dispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Publishes evenly while BigQuery stands still, and for as long after; returns the events, when all are durable. */
export async function stall(stack: Stack, detour: Detour, seconds: number): Promise<number> {
  await warmUp(stack)
  const load = stack.load(10)
  detour.hold(true)
  const published = atRate(load, PER_SECOND, 1.2 * seconds)
  await pause(seconds * 1_000)
  detour.hold(false)
  await published
  await allSettled(stack)
  return load.sent
}
