import { Writable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { manualClock } from '../../clock/index.ts'
import { events, type TableDefinition } from '../catalogue/index.ts'
import { createLog } from '../log.ts'
import type { Applied } from './apply.ts'
import { eventTypeOf } from './event-type.ts'
import { TablesHandler } from './handler.ts'

const message = (data: unknown, attributes: Record<string, string> = {}) => ({
  messageId: '17',
  data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)),
  attributes,
})
const created = async ({ table }: TableDefinition): Promise<Applied> => ({ table, outcome: 'created' })

function handlerWith(ensure: (definition: TableDefinition) => Promise<Applied>, clock = manualClock()) {
  const lines: Record<string, unknown>[] = []
  const asked: string[] = []
  const sink = new Writable({ write: (chunk, _, done) => void done(lines.push(JSON.parse(chunk)) ? null : null) })
  const handler = new TablesHandler({
    clock,
    log: createLog('test', sink),
    ensure: (definition) => {
      asked.push(definition.table)
      return ensure(definition)
    },
  })
  return { handler, asked, lines }
}

test.each([...events.values()].map(({ type, table }) => [type, table]))(
  'an event of type %s has its table %s looked after, and that of the dead letters',
  async (type, table) => {
    const { handler, asked } = handlerWith(created)
    expect(await handler.handle(message({ event_type: type }))).toEqual({ outcome: 'ready', table })
    expect(asked.sort()).toEqual(['dead_letters', table].sort())
  },
)

test('a thousand events at once make one look at each table', async () => {
  const { handler, asked } = handlerWith(created)
  await Promise.all(Array.from({ length: 1_000 }, () => handler.handle(message({ event_type: 'order' }))))
  expect(asked.sort()).toEqual(['dead_letters', 'orders'])
  expect(handler.counts).toMatchObject({ messages: { ready: 1_000, failed: 0 }, tables: { created: 2 } })
})

test.each([
  ['an empty object', '{}', 'empty_object'],
  ['what is not JSON', '{"event_type": "order"', 'not_json'],
  ['nothing at all', '', 'not_json'],
  ['a JSON array', '[{"event_type":"order"}]', 'not_an_object'],
  ['null', 'null', 'not_an_object'],
  ['an object without a type', '{"order_id":"1"}', 'missing_event_type'],
  ['a type that is no text', '{"event_type":7}', 'missing_event_type'],
  ['a type that nobody defined', '{"event_type":"refund"}', 'unknown_event_type'],
  ['the name of a method of objects', '{"event_type":"constructor"}', 'unknown_event_type'],
])('%s is done with, and only the dead letters have their table', async (_what, data, reason) => {
  const { handler, asked, lines } = handlerWith(created)
  expect(await handler.handle(message(data, { event_id: 'evt-1' }))).toEqual({ outcome: 'dead letter', reason })
  expect(asked).toEqual(['dead_letters'])
  expect(handler.counts.messages).toEqual({ ready: 0, dead_letter: 1, refused: 0, failed: 0 })
  expect(lines).toContainEqual(expect.objectContaining({ severity: 'WARNING', event_id: 'evt-1', reason }))
})

test('bytes that are not UTF-8 are done with', async () => {
  const { handler } = handlerWith(created)
  const data = Buffer.concat([Buffer.from('{"event_type":"'), Buffer.from([0xff, 0xfe])])
  expect(await handler.handle({ ...message(''), data })).toEqual({ outcome: 'dead letter', reason: 'not_utf8' })
})

test('when BigQuery fails the message fails, and the next one asks again', async () => {
  let failing = true
  const { handler, asked } = handlerWith(async (definition) => {
    if (failing) throw new Error('backend error')
    return created(definition)
  })
  await expect(handler.handle(message({ event_type: 'order' }))).rejects.toThrow('backend error')
  failing = false
  expect(await handler.handle(message({ event_type: 'order' }))).toEqual({ outcome: 'ready', table: 'orders' })
  expect(asked).toHaveLength(4)
  expect(handler.counts).toMatchObject({ messages: { failed: 1, ready: 1 }, tables: { failed: 2, created: 2 } })
})

test('a table is looked at again once a minute, and not before', async () => {
  const clock = manualClock()
  const { handler, asked } = handlerWith(created, clock)
  await handler.handle(message({ event_type: 'order' }))
  clock.advance(59_999)
  await handler.handle(message({ event_type: 'order' }))
  expect(asked).toHaveLength(2)
  clock.advance(1)
  await handler.handle(message({ event_type: 'order' }))
  expect(asked.sort()).toEqual(['dead_letters', 'dead_letters', 'orders', 'orders'])
})

test('each line of the log that says what changed or failed says how far the counts are', async () => {
  const { handler, lines } = handlerWith(created)
  await handler.handle(message({ event_type: 'order' }))
  expect(lines.at(-1)).toMatchObject({ severity: 'INFO', table: 'orders', counts: { tables: { created: 2 } } })
})

test('a BigQuery that never answers is given up after ten seconds, for the message to come again', async () => {
  const clock = manualClock()
  let answering = false
  const { handler } = handlerWith((d) => (answering ? created(d) : new Promise(() => {})), clock)
  const first = handler.handle(message({ event_type: 'order' }))
  clock.advance(10_000)
  await expect(first).rejects.toThrow('BigQuery has not answered for 10 s.')
  answering = true
  expect(await handler.handle(message({ event_type: 'order' }))).toMatchObject({ outcome: 'ready' })
})

test('a refused table is one error, however many messages it meets, and each message is done with', async () => {
  const { handler, lines } = handlerWith(async ({ table }) => ({
    table,
    outcome: 'refused',
    differences: [{ column: 'status', rule: 'type', message: 'status is BYTES.' }],
  }))
  for (let i = 0; i < 5; i++) {
    expect(await handler.handle(message({ event_type: 'order' }))).toEqual({ outcome: 'refused', table: 'orders' })
  }
  const errors = lines.filter((line) => line.severity === 'ERROR' && line.table === 'orders')
  expect(errors).toMatchObject([{ message: expect.stringContaining('status is BYTES.') }])
  expect(handler.counts).toMatchObject({ messages: { refused: 5, ready: 0 }, tables: { refused: 2 } })
})

test('any bytes are read without throwing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from)), (data) => {
      expect(typeof eventTypeOf(data).ok).toBe('boolean')
    }),
  )
})
