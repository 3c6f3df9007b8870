import { parentPort, workerData } from 'node:worker_threads'
import { connect } from '../clients.ts'
import type { Settings } from '../settings.ts'
import { gatherRows, type Run } from './gather.ts'
import { type Publication, publish } from './publication.ts'

export interface Task {
  readonly publication?: Publication
  readonly run?: Run
}

export interface Answer {
  /** Message ids and the names of their events, of a publication that goes on. */
  readonly published?: readonly (readonly [messageId: string, name: string])[]
  /** The task is done; it has left these files. */
  readonly files?: readonly string[]
}

const clients = connect(workerData as Settings)

parentPort!.on('message', async ({ publication, run }: Task) => {
  if (publication) await publishAndTell(publication)
  answer({ files: run ? await gatherRows(run, clients) : [] })
})

/** Tells at once of all messages that one turn of the event loop has brought. */
async function publishAndTell(publication: Publication): Promise<void> {
  let published: [string, string][] = []
  const tell = () => {
    answer({ published })
    published = []
  }
  await publish(publication, clients, (messageId, name) => {
    if (published.length === 0) setImmediate(tell)
    published.push([messageId, name])
  })
  tell()
}

function answer(what: Answer): void {
  parentPort!.postMessage(what)
}
