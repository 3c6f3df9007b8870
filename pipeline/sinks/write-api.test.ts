import { EventEmitter } from 'node:events'
import type { protos } from '@google-cloud/bigquery-storage'
import { expect, test } from 'vitest'
import { type Clock, manualClock } from '../../clock/index.ts'
import { events } from '../../src/catalogue/index.ts'
import type { Clients } from '../../src/clients.ts'
import { writeApi } from './write-api.ts'

type Request = protos.google.cloud.bigquery.storage.v1.IAppendRowsRequest
type Response = protos.google.cloud.bigquery.storage.v1.IAppendRowsResponse
type Take = (request: Request) => Promise<Response> | Response | 'hangs'

const orders = events.get('order')!

/** Time that passes as soon as nothing else is to be done. */
function swiftClock(): Clock {
  const { now, advance } = manualClock()
  const at: Clock['at'] = (time, callback) => {
    const due = setImmediate(() => {
      advance(Math.max(0, time - now()))
      callback()
    })
    return () => clearImmediate(due)
  }
  return { now, at }
}

/** Row streams of a service that takes each append as `take` says, and notes which streams it was told to close. */
function streamsOf(take: Take, { clock = swiftClock(), atOnce = 'many' as 'many' | 'one' } = {}) {
  const closed: string[] = []
  const client = {
    appendRows({ timeout }: { timeout: number }) {
      const write = async (request: Request) => {
        const response = await take(request)
        if (response === 'hangs')
          clock.at(clock.now() + timeout, () => call.emit('error', new Error('deadline exceeded')))
        else call.emit('data', response)
      }
      const call = Object.assign(new EventEmitter(), { write: (request: Request) => void write(request), end() {} })
      return call
    },
    finalizeWriteStream: async ({ name }: { name: string }) => void closed.push(name),
  }
  const writer = { initialize: async () => {}, getClient: () => client } as unknown as Clients['writer']
  const clients = {
    writer,
    bigquery: undefined as never,
    appends: { times: 'numbers', toGone: 'refused', atOnce },
  } as const
  return { streams: writeApi(clients, { projectId: 'p', dataset: 'd', clock }), closed }
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

test('an append that is refused for a moment waits before it goes again', async () => {
  const clock = swiftClock()
  const times: number[] = []
  const { streams } = streamsOf(
    () => {
      times.push(clock.now())
      return times.length < 3 ? refused(10) : at(0)
    },
    { clock },
  )
  expect(await streams.append('s', orders, [])).toBe('appended')
  expect(times.map((time) => time - times[0]!)).toEqual([0, 100, 200])
})

test('appends that are sent again and hang hold up the others for half a minute in all', async () => {
  const clock = swiftClock()
  const started = clock.now()
  const sent = new Map<string, number>()
  const { streams } = streamsOf(
    ({ writeStream }) => {
      const times = (sent.get(writeStream!) ?? 0) + 1
      sent.set(writeStream!, times)
      return times === 1 ? refused(13) : 'hangs'
    },
    { clock },
  )
  const appended = Array.from({ length: 16 }, (_, i) => streams.append(`s${i}`, orders, []))
  const outcomes = await Promise.allSettled(appended)
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']))
  expect(clock.now() - started).toBe(30_000)
})

test('a stream that keeps no offsets is closed once it has its rows, any other left open', async () => {
  const careless = streamsOf(() => at(2))
  expect(await careless.streams.append('s', orders, [])).toBe('appended')
  expect(careless.closed).toEqual(['s'])
  const exact = streamsOf(() => at(0))
  expect(await exact.streams.append('s', orders, [])).toBe('appended')
  expect(exact.closed).toEqual([])
})

test('where only one append may be under way, none begins before the last has its answer', async () => {
  let running = 0
  let most = 0
  const one: Take = async () => {
    most = Math.max(most, ++running)
    await new Promise<void>((later) => setImmediate(later))
    running--
    return at(0)
  }
  const { streams } = streamsOf(one, { atOnce: 'one' })
  await Promise.all(Array.from({ length: 5 }, (_, i) => streams.append(`s${i}`, orders, [])))
  expect(most).toBe(1)
})
