import fastify, { type FastifyError } from 'fastify'
import type { Settings } from '../settings.ts'
import { type TableFunctionOptions, tableFunction } from './function.ts'
import type { Counts } from './handler.ts'
import { metricsText } from './metrics.ts'

export interface TableManagerOptions extends TableFunctionOptions {
  /** 127.0.0.1 unless told otherwise. */
  readonly host?: string
  /** 0, the default, takes a free one. */
  readonly port?: number
}

export interface TableManager extends AsyncDisposable {
  /** Where the push subscription is to push to. */
  readonly url: string
  /** Where Prometheus finds the counts. */
  readonly metricsUrl: string
  readonly counts: Counts
}

/** The framework reads the topic off the path, and without one complains about every push. */
export const pushPath = ({ projectId, resources }: Settings) => `/projects/${projectId}/topics/${resources.topic}`

/** What GET /health answers, with 200: this process answers. Each push tells by itself whether BigQuery does. */
export const HEALTHY = { status: 'ok' } as const

/** The URL to push to of a table manager that is reached at `url`; a path of its own is kept. */
export function pushUrl(url: string, settings: Settings): string {
  const { pathname, origin } = new URL(url)
  return pathname === '/' ? origin + pushPath(settings) : url
}

const LARGEST_PUSH = 16 * 2 ** 20 // a message of 10 MB, the most that Pub/Sub takes, in base64 and with its attributes

/**
 * Serves pushes with the table function until it is disposed of, which lets those under way finish.
 *
 * It answers as the Functions Framework does (see the contract in server.test.ts) without loading it: the framework runs
 * each request in a `domain`, whose async hook halves the throughput of everything else in the process, and this server
 * shares its process with the emulators and the pipeline. In a process of its own, serveFunction() runs the real one.
 */
export async function startTableManager(options: TableManagerOptions): Promise<TableManager> {
  const { settings, host = '127.0.0.1', port = 0 } = options
  const manage = tableFunction(options)
  await using starting = new AsyncDisposableStack()
  const app = starting.adopt(fastify({ bodyLimit: LARGEST_PUSH }), (server) => server.close())
  app.setErrorHandler((thrown: FastifyError, _request, reply) =>
    reply.code(thrown.statusCode ?? 500).send(thrown.message),
  )
  // A connection that falls idle only after the server was closed would hold it for more than a minute.
  app.addHook('onResponse', async () => {
    if (!app.server.listening) setImmediate(() => app.server.closeIdleConnections())
  })
  app.post('/*', async (request, reply) => {
    await manage(request.body)
    return reply.code(204).send()
  })
  app.get('/health', (_request, reply) => reply.send(HEALTHY))
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await metricsText(manage.counts)
    return reply.type(contentType).send(text)
  })
  const url = await app.listen({ host, port })
  const running = starting.move()
  return {
    url: url + pushPath(settings),
    metricsUrl: `${url}/metrics`,
    counts: manage.counts,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
