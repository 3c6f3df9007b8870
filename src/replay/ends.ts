import { once } from 'node:events'
import type { Clients } from '../clients.ts'
import type { LinesByFile } from '../recording/index.ts'
import type { Settings } from '../settings.ts'
import { startThread } from '../thread.ts'
import type { Answer, Task } from './ends-thread.ts'
import { gather, gatheredRows, type Run } from './gather.ts'
import { type OnPublished, type Publication, publish } from './publication.ts'

/** Both ends of the pipeline: what goes in, and what has come out. */
export interface Ends extends AsyncDisposable {
  publish(publication: Publication, onPublished: OnPublished): Promise<void>
  gather(run: Run): Promise<LinesByFile>
}

/** In this thread, which is the pipeline's too. */
export const endsHere = (clients: Clients): Ends => ({
  publish: (publication, onPublished) => publish(publication, clients, onPublished),
  gather: (run) => gather(run, clients),
  async [Symbol.asyncDispose]() {},
})

/**
 * In a thread of their own, with clients of its own: it publishes while this one has only the pipeline to do, and gathers
 * the rows while this one gathers the raw files.
 */
export function endsApart(settings: Settings, clients: Clients): Ends {
  const thread = startThread(import.meta, 'ends-thread', settings)
  const ended = once(thread, 'exit')
  ended.catch(() => {}) // told to whoever waits for an answer
  const gone = ended.then(([code]) => Promise.reject(new Error(`The thread beside the pipeline ended with ${code}.`)))
  gone.catch(() => {})
  const done = async (task: Task, onPublished: OnPublished = () => {}): Promise<readonly string[]> => {
    const { promise, resolve } = Promise.withResolvers<readonly string[]>()
    const hear = ({ published, files }: Answer) => {
      for (const [messageId, name] of published ?? []) onPublished(messageId, name)
      if (files) resolve(files)
    }
    thread.on('message', hear).postMessage(task)
    return await Promise.race([promise, gone]).finally(() => thread.off('message', hear))
  }
  return {
    async publish(publication, onPublished) {
      await done({ publication }, onPublished)
    },
    async gather(run) {
      const [files, rows] = await Promise.all([gather(run, clients, 'files'), done({ run })])
      return new Map([...files, ...gatheredRows(run, rows)])
    },
    async [Symbol.asyncDispose]() {
      await thread.terminate()
    },
  }
}
