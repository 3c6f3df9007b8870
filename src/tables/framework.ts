import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cloudEvent } from '@google-cloud/functions-framework'
import { getTestServer } from '@google-cloud/functions-framework/testing'
import { FUNCTION_NAME, tableFunction } from './function.ts'
import { metricsText } from './metrics.ts'
import { HEALTHY, pushPath, type TableManager, type TableManagerOptions } from './server.ts'

/**
 * Serves the table function with Google's Functions Framework, as in the cloud, its counts at /metrics and GET /health.
 * Not for a process that does anything else: see startTableManager(). Disposing of it lets pushes under way finish, where the
 * framework's own command ends them.
 */
export async function serveFunction(options: TableManagerOptions): Promise<TableManager> {
  const { settings, host = '127.0.0.1', port = 0 } = options
  const manage = tableFunction(options)
  cloudEvent(FUNCTION_NAME, manage)
  const [handle] = getTestServer(FUNCTION_NAME).listeners('request') as [RequestListener]
  const server = createServer((request, response) => {
    // A connection that falls idle only after the server was closed would hold it for seconds.
    response.on('close', () => server.listening || setImmediate(() => server.closeIdleConnections()))
    if (request.method === 'GET' && request.url === '/metrics') void sendMetrics(manage.counts, response)
    else if (request.method === 'GET' && request.url === '/health') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(HEALTHY))
    } else handle(request, response)
  })
  server.listen(port, host)
  await once(server, 'listening')
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`
  return {
    url: url + pushPath(settings),
    metricsUrl: `${url}/metrics`,
    counts: manage.counts,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      await closed
    },
  }
}

async function sendMetrics(counts: TableManager['counts'], response: ServerResponse): Promise<void> {
  const { contentType, text } = await metricsText(counts)
  response.writeHead(200, { 'content-type': contentType }).end(text)
}
