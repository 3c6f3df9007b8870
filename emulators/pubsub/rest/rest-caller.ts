import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../handlers/method.ts'

export class RestCaller implements Caller {
  #request: FastifyRequest
  #reply: FastifyReply

  constructor(request: FastifyRequest, reply: FastifyReply) {
    this.#request = request
    this.#reply = reply
  }

  /** Google's clients may say how many seconds they wait. */
  get patienceMs(): number {
    const seconds = Number(this.#request.headers['x-server-timeout'])
    return seconds > 0 ? seconds * 1_000 : Number.POSITIVE_INFINITY
  }

  get gone(): AbortSignal {
    const gone = new AbortController()
    this.#reply.raw.on('close', () => gone.abort())
    return gone.signal
  }
}
