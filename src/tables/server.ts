import fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import type { Clients } from '../clients.ts'
import { createLog, type Logger } from '../log.ts'
import type { Settings } from '../settings.ts'
import { ensureTable } from './apply.ts'
import { type Counts, TablesHandler } from './handler.ts'
import { parsePush } from './push-body.ts'

export interface TableManagerOptions {
  readonly clients: Pick<Clients, 'bigquery'>
  readonly settings: Settings
  /** 127.0.0.1 unless told otherwise. */
  readonly host?: string
  /** 0, the default, takes a free one. */
  readonly port?: number
  readonly log?: Logger
}

export interface TableManager extends AsyncDisposable {
  /** Where the push subscription is to push to. */
  readonly url: string
  readonly counts: Readonly<Counts>
}

/** Serves pushes until it is disposed of, which lets those under way finish. */
export async function startTableManager(options: TableManagerOptions): Promise<TableManager> {
  const { clients, settings, host = '127.0.0.1', port = 0, log = createLog('table-manager') } = options
  const handler = new TablesHandler({ log, ensure: (definition) => ensureTable({ clients, settings }, definition) })
  await using starting = new AsyncDisposableStack()
  const app = starting.adopt(pushServer(handler), (server) => server.close())
  const url = await app.listen({ host, port })
  const running = starting.move()
  return { url, counts: handler.counts, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** A message of 10 MB, the most that Pub/Sub takes, in base64 and with its attributes. */
const LARGEST_PUSH = 16 * 2 ** 20
const RETRY_AFTER_SECONDS = '1'

function pushServer(handler: TablesHandler): FastifyInstance {
  const app = fastify({ bodyLimit: LARGEST_PUSH })
  app.setErrorHandler((thrown: FastifyError, _request, reply) => {
    // Fastify's own refusals, of a body that is no JSON or too large. Whatever the handler throws is to be tried again.
    if (thrown.code?.toString().startsWith('FST_')) {
      return reply.code(thrown.statusCode ?? 400).send({ error: thrown.message })
    }
    return reply.code(503).header('retry-after', RETRY_AFTER_SECONDS).send({ error: thrown.message })
  })
  app.post('/', async (request, reply) => {
    const parsed = parsePush(request.body)
    if (!parsed.ok) return reply.code(400).send({ error: `No Pub/Sub push: ${parsed.faults.join('; ')}.` })
    await handler.handle(parsed.message)
    return reply.code(204).send()
  })
  app.get('/health', () => ({ status: 'ok', counts: handler.counts }))
  return app
}
