import fc from 'fast-check'
import { expect, test } from 'vitest'
import { message, order } from '../tests/sample-message.ts'
import { prefixOf } from '../transforms/destination.ts'
import { metaOfMessage, withMeta } from '../transforms/meta.ts'
import { linesOf } from './folder.ts'
import { InMemoryBucket, InMemoryTables, type Step } from './in-memory.ts'
import { RawFiles } from './raw-files.ts'
import { Rows } from './rows.ts'

const FOLDER = 'order/2024/01/15/10/30'

const lineOf = (eventId: string, messageId: string, fields: object = order) =>
  withMeta(
    JSON.stringify(fields).slice(0, -1),
    metaOfMessage(message('', { id: messageId, attributes: { event_id: eventId } })),
  )

interface World {
  readonly bucket: InMemoryBucket
  readonly tables: InMemoryTables
}

const world = (): World => ({ bucket: new InMemoryBucket(), tables: new InMemoryTables() })

/** One process of the pipeline, as far as its sinks go. */
function writer({ bucket, tables }: World, step?: Step, knownEvents?: number) {
  const files = bucket.client(step)
  const streams = tables.client(step)
  const rawFiles = new RawFiles(files, streams, knownEvents)
  const rows = new Rows(files, streams)
  return {
    rawFiles,
    rows,
    /** The ids of the messages that are durable afterwards. */
    async settle(lines: readonly string[], folder = FOLDER): Promise<string[]> {
      const { held } = await rawFiles.write(folder, lines)
      const settled: string[] = []
      for (const { file, content, messageIds } of held) {
        await rows.commit(file, 0n, content)
        settled.push(...messageIds)
      }
      return settled
    },
  }
}

const idsInFiles = ({ bucket }: World) =>
  [...bucket.files.values()].flatMap(({ content }) => linesOf(content).map((line) => JSON.parse(line)._meta.event_id))

const idsInTable = ({ tables }: World, table = 'orders') =>
  (tables.rows.get(table) ?? []).map(({ event_id }) => event_id as string)

test('the same event in one bundle, in the next, and in another process is written once', async () => {
  const all = world()
  const first = writer(all)
  expect(await first.settle([lineOf('a', '1'), lineOf('a', '2'), lineOf('b', '3')])).toEqual(['1', '2', '3'])
  expect(await first.settle([lineOf('b', '4'), lineOf('c', '5')])).toEqual(['4', '5'])
  expect(await writer(all).settle([lineOf('a', '6'), lineOf('c', '7'), lineOf('d', '8')])).toHaveLength(3)
  expect(idsInFiles(all)).toEqual(['a', 'b', 'c', 'd'])
  expect(idsInTable(all)).toEqual(['a', 'b', 'c', 'd'])
  expect([...all.bucket.files.keys()].map((name) => name.slice(prefixOf(FOLDER).length))).toEqual([
    'order_202401151030001.json',
    'order_202401151030002.json',
    'order_202401151030003.json',
  ])
})

test('a file whose rows never came is found when one of its messages is delivered again, and all its rows come', async () => {
  const all = world()
  await writer(all).rawFiles.write(FOLDER, [lineOf('a', '1'), lineOf('b', '2')])
  expect(idsInTable(all)).toEqual([])
  expect(await writer(all).settle([lineOf('b', '2')])).toEqual(['2'])
  expect(idsInTable(all)).toEqual(['a', 'b'])
})

test('when the write stream has expired the table is asked, and rows that are there do not come again', async () => {
  const all = world()
  await writer(all).settle([lineOf('a', '1'), lineOf('b', '2')])
  all.tables.streams.clear()
  expect(await writer(all).settle([lineOf('a', '3')])).toEqual(['3'])
  expect(idsInTable(all)).toEqual(['a', 'b'])
})

test('when the write stream has expired before the rows came, the file is given another', async () => {
  const all = world()
  await writer(all).rawFiles.write(FOLDER, [lineOf('a', '1'), lineOf('b', '2')])
  all.tables.streams.clear()
  expect(await writer(all).settle([lineOf('a', '1')])).toEqual(['1'])
  expect(await writer(all).settle([lineOf('b', '2')])).toEqual(['2'])
  expect(idsInTable(all)).toEqual(['a', 'b'])
})

test('a stream that is not found for a moment is not taken for gone, for a sleeper may still append to it', async () => {
  const all = world()
  const sleeper = writer(all)
  const { held } = await sleeper.rawFiles.write(FOLDER, [lineOf('a', '1')])
  const [[name, stream]] = [...all.tables.streams] as [[string, { table: string; written: boolean }]]
  let looks = 0
  const hideFromAppendAndFirstLook: Step = (operation, phase) => {
    if (looks > 0) return
    if (operation === 'append' && phase === 'before') all.tables.streams.delete(name)
    if (operation !== 'exists' || phase !== 'after') return
    looks++
    all.tables.streams.set(name, stream)
  }
  const other = writer(all, hideFromAppendAndFirstLook)
  await expect(other.settle([lineOf('a', '2')])).rejects.toThrow('exists again')
  for (const { file, content } of held) await sleeper.rows.commit(file, 0n, content)
  expect(await other.settle([lineOf('a', '2')])).toEqual(['2'])
  expect(idsInTable(all)).toEqual(['a'])
})

test('a table that holds a part of a file is not guessed at', async () => {
  const all = world()
  await writer(all).settle([lineOf('a', '1'), lineOf('b', '2')])
  all.tables.streams.clear()
  all.tables.rows.get('orders')!.pop()
  await expect(writer(all).settle([lineOf('a', '3')])).rejects.toThrow('orders holds 1 of the 2 rows')
})

test('a stream that an append does not find, though it exists, keeps its file', async () => {
  const all = world()
  await writer(all).rawFiles.write(FOLDER, [lineOf('a', '1')])
  const before = [...all.bucket.files.values()]
  all.tables.hidden = 1
  await expect(writer(all).settle([lineOf('a', '2')])).rejects.toThrow('exists')
  expect([...all.bucket.files.values()]).toEqual(before)
  expect(await writer(all).settle([lineOf('a', '3')])).toEqual(['3'])
  expect(idsInTable(all)).toEqual(['a'])
})

test('an event of the same id in another minute of the day does not count as a row of the file', async () => {
  const all = world()
  const other = FOLDER.replace(/30$/, '31')
  const later = { ...order, order_date: '2024-01-15T10:31:00Z' }
  await writer(all).settle([lineOf('x', '1')])
  await writer(all).settle([lineOf('x', '2', later), lineOf('y', '3', later)], other)
  all.tables.streams.clear()
  all.tables.rows.clear()
  const again = writer(all)
  expect(await again.settle([lineOf('x', '4')])).toEqual(['4'])
  expect(await again.settle([lineOf('x', '5', later), lineOf('y', '6', later)], other)).toEqual(['5', '6'])
  expect(idsInTable(all)).toEqual(['x', 'x', 'y'])
})

test('a file has at most 5,000 lines and 4 MiB, unless one line is longer', async () => {
  const many = world()
  await writer(many).settle(Array.from({ length: 5001 }, (_, i) => lineOf(`e${i}`, `m${i}`)))
  expect([...many.bucket.files.values()].map(({ content }) => linesOf(content).length)).toEqual([5000, 1])
  const long = world()
  const note = 'x'.repeat(1.5 * 1024 * 1024)
  await writer(long).settle(
    ['a', 'b', 'c', 'd'].map((id) => lineOf(id, id, { ...order, note: id === 'd' ? note.repeat(4) : note })),
  )
  expect([...long.bucket.files.values()].map(({ content }) => linesOf(content).length)).toEqual([2, 1, 1])
  expect(idsInTable(long)).toEqual(['a', 'b', 'c', 'd'])
})

test('what could not be written is named, and what was written before it counts', async () => {
  const all = world()
  let files = 0
  const { rawFiles } = writer(all, (operation, phase) => {
    if (operation === 'create' && phase === 'before' && ++files === 2) throw new Error('503')
  })
  const lines = Array.from({ length: 5002 }, (_, i) => lineOf(`e${i}`, `m${i}`))
  const written = await rawFiles.write(FOLDER, lines)
  expect(written).toMatchObject({ lines: 5000, duplicates: 0, failed: { messageIds: ['m5000', 'm5001'] } })
  expect(written.held).toHaveLength(1)
})

test('a folder is read once, also when it has been forgotten in between', async () => {
  const all = world()
  const operations: string[] = []
  const { settle } = writer(all, (operation, phase) => void (phase === 'before' && operations.push(operation)), 3)
  const other = FOLDER.replace(/30$/, '31')
  await settle([lineOf('a', '1')])
  await settle([lineOf('b', '2')])
  expect(operations.filter((operation) => operation === 'list')).toHaveLength(1)
  await settle([lineOf('c', '3')], other)
  await settle([lineOf('a', '4')])
  expect(operations.filter((operation) => operation === 'list')).toHaveLength(3)
  expect(idsInFiles(all)).toEqual(['a', 'b', 'c'])
})

test('a dead letter that is repeated in another minute is known to the process that wrote it', async () => {
  const all = world()
  const letter = { data: '', data_encoding: 'utf-8', attributes: {}, reason: 'not_json', detail: '-' }
  const { settle } = writer(all)
  await settle([lineOf('a', '1', letter)], '_dead_letter/2024/01/15/10/31')
  expect(await settle([lineOf('a', '2', letter)], '_dead_letter/2024/01/15/10/32')).toEqual(['2'])
  expect(idsInFiles(all)).toEqual(['a'])
  expect(idsInTable(all, 'dead_letters')).toEqual(['a'])
})

test('objects that others have put into a folder are left alone', async () => {
  const all = world()
  await all.bucket.create({ name: `${prefixOf(FOLDER)}notes.txt`, stream: '' }, 'no JSON')
  expect(await writer(all).settle([lineOf('a', '1')])).toEqual(['1'])
})

type Fault = 'none' | 'error' | 'crash' | 'expire' | 'hide'

test('each event has one line and one row, whoever writes, fails, dies, comes back from the dead or repeats', async () => {
  const fault = fc.constantFrom<Fault>('none', 'none', 'none', 'error', 'crash', 'expire', 'hide')
  const deliveries = fc.array(fc.record({ event: fc.nat(5), again: fc.boolean() }), {
    minLength: 1,
    maxLength: 14,
    size: 'max',
  })
  const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(
      deliveries,
      sizes,
      fc.array(fault, { maxLength: 40, size: 'max' }),
      fc.scheduler(),
      async (events, batches, faults, scheduler) => {
        const all = world()
        const queue = events.map(({ event, again }, i) => ({ event: `e${event}`, message: `m${i}`, again }))
        const settled = new Set<string>()

        const zombies: Promise<unknown>[] = []
        const process = () => {
          const death = Promise.withResolvers<string[]>()
          const alive = { writer: writer(all, step), dead: false, death: death.promise }
          async function step(operation: string, phase: 'before' | 'after'): Promise<void> {
            await scheduler.schedule(Promise.resolve(), `${operation} ${phase}`)
            const next = faults.shift()
            if (next === 'expire') all.tables.streams.clear()
            if (next === 'hide') all.tables.hidden++
            if (next === 'error') throw new Error(`${phase} ${operation}`)
            if (next !== 'crash') return
            // Given up for dead, its messages go to its successor; but it may only have slept, and go on at any time.
            alive.dead = true
            death.resolve([])
          }
          return alive
        }

        const work = async () => {
          let own = process()
          for (
            let taken = queue.splice(0, batches.shift() ?? 3);
            taken.length > 0;
            taken = queue.splice(0, batches.shift() ?? 3)
          ) {
            queue.push(...taken.filter(({ again }) => again).map((delivery) => ({ ...delivery, again: false })))
            const lines = taken.map(({ event, message: id }) => lineOf(event, id))
            const settling = own.writer.settle(lines).catch(() => [])
            zombies.push(settling)
            const done = new Set(await Promise.race([settling, own.death]))
            for (const id of done) settled.add(id)
            for (const { event, message: id } of taken) {
              if (!done.has(id)) continue
              expect(idsInFiles(all)).toContain(event)
              expect(idsInTable(all)).toContain(event)
            }
            queue.push(...taken.filter(({ message: id }) => !done.has(id)))
            if (own.dead) own = process()
          }
        }
        await scheduler.waitFor(Promise.all([work(), work()]))
        await scheduler.waitFor(Promise.all(zombies))
        await scheduler.waitFor(work())

        const wanted = [...new Set(events.map(({ event }) => `e${event}`))].sort()
        expect(settled.size).toBe(events.length)
        expect(idsInFiles(all).sort()).toEqual(wanted)
        expect(idsInTable(all).sort()).toEqual(wanted)
      },
    ),
    { numRuns: 400 },
  )
})
