import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { connectBigQueryOnce } from '../clients.ts'
import { parseSettings } from '../settings.ts'
import { queryRows, tableRows } from './table-rows.ts'

/** Answers the requests of a client with these pages, one after the other, and notes what was asked. */
async function answering(pages: readonly object[]) {
  const asked: string[] = []
  const rest = pages.values()
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    asked.push(`${request.method} ${pathname.split('/').at(-1)} ${searchParams.get('pageToken') ?? ''}`.trim())
    response.setHeader('content-type', 'application/json').end(JSON.stringify(rest.next().value))
  })
  const { promise: listening, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await listening
  const { port } = server.address() as { port: number }
  const bigquery = connectBigQueryOnce(parseSettings({ BIGQUERY_EMULATOR_HOST: `127.0.0.1:${port}` }))
  return {
    bigquery,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

const schema = { fields: [{ name: 'n', type: 'INTEGER' }] }
const rowsOf = (...numbers: number[]) => numbers.map((n) => ({ f: [{ v: String(n) }] }))

test('a table is read page by page', async () => {
  const pages = [{ schema }, { rows: rowsOf(1, 2), pageToken: 'next' }, { rows: rowsOf(3) }]
  await using service = await answering(pages)
  const read = await Array.fromAsync(tableRows(service.bigquery.dataset('ds').table('t')))
  expect(read).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  expect(service.asked).toEqual(['GET t', 'GET data', 'GET data next'])
})

test('a table without rows has none', async () => {
  await using service = await answering([{ schema }, { totalRows: '0' }])
  expect(await Array.fromAsync(tableRows(service.bigquery.dataset('ds').table('t')))).toEqual([])
})

test('a query is waited for, and its answer read page by page', async () => {
  const jobReference = { jobId: 'job', location: 'EU' }
  await using service = await answering([
    { jobComplete: false, jobReference },
    { jobComplete: true, jobReference, schema, rows: rowsOf(1), pageToken: 'next' },
    { jobComplete: true, jobReference, schema, rows: rowsOf(2) },
  ])
  expect(await Array.fromAsync(queryRows(service.bigquery, 'SELECT n', {}))).toEqual([{ n: 1 }, { n: 2 }])
  expect(service.asked).toEqual(['POST queries', 'GET job', 'GET job next'])
})
