import { expect } from 'vitest'
import { PROJECT, type Started } from './testing.ts'

export interface Answer {
  status: number
  body: Record<string, unknown>
}

/** Speaks to the REST face as plain fetch does. */
export class Rest {
  #origin: string

  constructor({ server }: Pick<Started, 'server'>) {
    this.#origin = `http://${server.host}:${server.port}`
  }

  /** `path` begins after the project: `topics/events:publish`. */
  async call(method: string, path: string, json?: unknown): Promise<Answer> {
    const body =
      json === undefined ? {} : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }
    return this.send(`/v1/projects/${PROJECT}/${path}`, { method, ...body })
  }

  /** The body of a call that succeeds. */
  async ok(method: string, path: string, json?: unknown): Promise<Record<string, unknown>> {
    const { status, body } = await this.call(method, path, json)
    expect(body, `${method} ${path}`).not.toHaveProperty('error')
    expect(status).toBe(200)
    return body
  }

  async send(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(this.#origin + path, init)
    expect(response.headers.get('content-type')).toBe('application/json; charset=UTF-8')
    return { status: response.status, body: (await response.json()) as Answer['body'] }
  }
}
