import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Pushed {
  readonly headers: IncomingMessage['headers']
  readonly body: { message: Record<string, unknown>; subscription: string; deliveryAttempt?: number }
  readonly text: string
  answer(status: number): void
}

const PATIENCE_MS = 5_000

/** An HTTP server that Pub/Sub pushes to, and whose test answers each request. */
export class Endpoint implements AsyncDisposable {
  readonly url: string
  #server: Server
  #arrived: Pushed[] = []

  /** `host` is this machine's name for whoever pushes. */
  static async listen(host: string): Promise<Endpoint> {
    const server = createServer()
    // Whoever knows this machine by another name comes from outside, such as from a container.
    server.listen({ port: 0, ...(host === '127.0.0.1' && { host }) })
    await once(server, 'listening')
    return new Endpoint(server, host)
  }

  private constructor(server: Server, host: string) {
    this.#server = server
    this.url = `http://${host}:${(server.address() as AddressInfo).port}/push`
    server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
      const body = JSON.parse(Buffer.concat(await request.toArray()).toString())
      const text = Buffer.from(body.message.data ?? '', 'base64').toString()
      const answer = (status: number) => response.writeHead(status).end()
      this.#arrived.push({ headers: request.headers, body, text, answer })
      server.emit('pushed')
    })
  }

  async next(): Promise<Pushed> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    while (this.#arrived.length === 0) await once(this.#server, 'pushed', { signal })
    return this.#arrived.shift()!
  }

  get waiting(): number {
    return this.#arrived.length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
