import { EventEmitter } from 'node:events'
import type { protos } from '@google-cloud/bigquery-storage'
import { expect, test } from 'vitest'
import { events } from '../../src/catalogue/index.ts'
import type { Clients } from '../../src/clients.ts'
import { writeApi } from './write-api.ts'

type Request = protos.google.cloud.bigquery.storage.v1.IAppendRowsRequest
type Response = protos.google.cloud.bigquery.storage.v1.IAppendRowsResponse
type Take = (request: Request) => Promise<Response> | Response

const orders = events.get('order')!

/** Row streams of a service that takes each append as `take` says, and notes which streams it was told to close. */
function streamsOf(take: Take) {
  const closed: string[] = []
  const client = {
    appendRows() {
      const write = async (request: Request) => {
        call.emit('data', await take(request))
        call.emit('end')
      }
      const call = Object.assign(new EventEmitter(), { write: (request: Request) => void write(request), end() {} })
      return call
    },
    finalizeWriteStream: async ({ name }: { name: string }) => void closed.push(name),
  }
  const writer = { initialize: async () => {}, getClient: () => client } as unknown as Clients['writer']
  const clients = { writer, bigquery: undefined as never, rowTimes: 'numbers', appendsToGone: 'refused' } as const
  return { streams: writeApi(clients, { projectId: 'p', dataset: 'd' }), closed }
}

const at = (value: number): Response => ({ appendResult: { offset: { value } } })
const refused = (code: number): Response => ({ error: { code, message: 'database table is locked' } })

test('appends that are refused for a moment go again, one at a time', async () => {
  let running = 0
  const onlyOne: Take = async () => {
    running++
    const alone = running === 1
    await new Promise<void>((later) => setImmediate(later))
    running--
    return alone ? at(0) : refused(13)
  }
  const { streams } = streamsOf(onlyOne)
  const appended = Array.from({ length: 20 }, (_, i) => streams.append(`s${i}`, orders, []))
  expect(new Set(await Promise.all(appended))).toEqual(new Set(['appended']))
})

test.each([
  ['for a moment', 10, 4],
  ['for a moment', 13, 4],
  ['for good', 3, 1],
])('an append that is refused %s every time (code %i) is sent %i times and fails', async (_what, code, times) => {
  let sent = 0
  const { streams } = streamsOf(() => {
    sent++
    return refused(code)
  })
  await expect(streams.append('s', orders, [])).rejects.toThrow(
    'BigQuery refused 0 rows of orders: database table is locked',
  )
  expect(sent).toBe(times)
})

test('a stream that keeps no offsets is closed once it has its rows, any other left open', async () => {
  const careless = streamsOf(() => at(2))
  expect(await careless.streams.append('s', orders, [])).toBe('appended')
  expect(careless.closed).toEqual(['s'])
  const exact = streamsOf(() => at(0))
  expect(await exact.streams.append('s', orders, [])).toBe('appended')
  expect(exact.closed).toEqual([])
})
