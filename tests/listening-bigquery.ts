import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/**
 * Stands before a BigQuery, notes what it is asked, and refuses the first questions, as goccy's emulator does while a
 * table is written to.
 */
export async function listeningBigQuery(address: string, refusals = 0) {
  let refused = 0
  const questions: string[] = []
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    if (request.method === 'POST' && request.url?.includes('/queries')) questions.push(JSON.parse(`${body}`).query)
    if (request.url?.includes('/queries') && refused < refusals) {
      refused++
      const error = { code: 400, message: 'database table is locked', errors: [{ reason: 'jobInternalError' }] }
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
      return
    }
    const sent = { method: request.method, headers: { 'content-type': 'application/json' } }
    const answer = await fetch(`http://${address}${request.url}`, { ...sent, ...(body.length > 0 && { body }) })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    questions,
    get refused() {
      return refused
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
