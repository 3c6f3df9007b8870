import type { Clock } from '../../../clock/index.ts'
import { notFound } from '../../shared/index.ts'
import type { Blobs } from '../blobs/index.ts'
import type { Generations } from './generations.ts'
import { UploadSession } from './upload-session.ts'

/** A session lives for a week, as on Google Cloud. */
const LIFE_MS = 7 * 24 * 60 * 60 * 1_000
/** Ended sessions still answer; beyond so many the oldest is forgotten, so that memory stays flat. */
const MOST_ENDED = 1_000

/**
 * The resumable uploads under way, and the latest that ended. `Intent` is what the caller wants to become of one. They
 * end with the process: a client that comes back after a restart gets a 404, and starts again.
 */
export class UploadSessions<Intent> {
  #open = new Map<string, { session: UploadSession; intent: Intent }>()
  #ended = new Map<string, { session: UploadSession; intent: Intent }>()
  #parts: { clock: Clock; blobs: Blobs; generations: Generations }

  constructor(parts: { clock: Clock; blobs: Blobs; generations: Generations }) {
    this.#parts = parts
  }

  /** `total` is the size of the content, where the client announces it. */
  start(intent: Intent, total: number | undefined): string {
    const { clock, blobs, generations } = this.#parts
    this.#forgetExpired()
    const id = `upload-${generations.next().toString(36)}`
    this.#open.set(id, { session: new UploadSession({ id, started: clock.now(), total }, blobs), intent })
    return id
  }

  get(id: string): { session: UploadSession; intent: Intent } {
    this.#forgetExpired()
    const found = this.#open.get(id) ?? this.#ended.get(id)
    if (found === undefined) throw notFound('Not Found')
    return found
  }

  /** To be called after each request: a session that has ended still answers for a while, one that failed does not. */
  settle(id: string): void {
    const found = this.#open.get(id)
    if (found === undefined || found.session.state === 'open') return
    this.#open.delete(id)
    if (found.session.state !== 'failed') this.#ended.set(id, found)
    if (this.#ended.size > MOST_ENDED) this.#ended.delete(this.#ended.keys().next().value!)
  }

  /** Sessions stand in the order of their start. */
  #forgetExpired(): void {
    const earliest = this.#parts.clock.now() - LIFE_MS
    for (const [id, { session }] of this.#open) {
      if (session.started > earliest) return
      this.#open.delete(id)
      void session.cancel()
    }
  }
}
