import { Writable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
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

function handlerWith(ensure: (definition: TableDefinition) => Promise<Applied>) {
  const lines: Record<string, unknown>[] = []
  const asked: string[] = []
  const sink = new Writable({ write: (chunk, _, done) => void done(lines.push(JSON.parse(chunk)) ? null : null) })
  const handler = new TablesHandler({
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
  expect(handler.counts).toMatchObject({ received: 1_000, ready: 1_000, tablesCreated: 2, failed: 0 })
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
  expect(handler.counts).toMatchObject({ received: 1, deadLetters: 1 })
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
  expect(handler.counts).toMatchObject({ received: 2, failed: 1, ready: 1 })
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
  expect(handler.counts).toMatchObject({ refused: 5, ready: 0 })
})

test('any bytes are read without throwing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from)), (data) => {
      expect(typeof eventTypeOf(data).ok).toBe('boolean')
    }),
  )
})
